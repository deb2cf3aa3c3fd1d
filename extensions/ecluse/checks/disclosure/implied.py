"""Counts that a figure of another kind gives back together with its neighbour.

Decides where a formula that everybody knows, read backwards, leaves few persons. Worked example: 50 cases and a change
of -94 % leave 3; 41 persons with a sex ratio of 19.5 are 2 women; 120 stays at 40.0 stays per patient are 3 patients;
5,700 weighted divers of a mean weight of 1,900 are 3; a prevalence of 0.02 with a standard error of 0.014 is that of 2
in 98; "0.003" below "Patients (thousands)" are 3; 5.0 expected and an SMR of 0.8 are 4 observed. A
figure is taken with half a unit of its last digit to either side, and tells a count only if all that it can stand for
is small and some whole number is.
"""

import itertools
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ecluse.rules.finding import Finding

from .grid import Grid
from .people import PERSON
from .quotients import EVENT, ROUND, bases, doubtful
from .shares import column_percents
from .words import Measure, plain

Floats = NDArray[np.float64]
_WEIGHTED = re.compile(r"\bweighted\b|\bponder\w*")
_WEIGHT = re.compile(
    r"\b(?:mean|average|avg|moyen\w*) (?:of )?(?:survey |sampling )?(?:weights?|poids)\b|\bpoids moyens?\b"
)
_CHANGE = re.compile(
    r"\b(?:changes?|variations?|evolutions?|increases?|decreases?|growth|differences?|hausses?|baisses?|diminutions?"
    r"|augmentations?|reductions?|delta|progressions?)\b|δ"
)
_DOWN = re.compile(r"\b(?:decreases?|baisses?|diminutions?|reductions?)\b")
_ONE, _TWO = (
    r"(?:m|h|males?|men|hommes?|cases?|cas|boys|garcons)",
    r"(?:f|w|females?|women|femmes?|controls?|temoins|girls|filles)",
)
_RATIO = re.compile(
    rf"\bsexe?[- ]?ratio\b|\b{_ONE} ?(?:/|:|[- ]to[- ]) ?{_TWO}\b|\b{_TWO} ?(?:/|:|[- ]to[- ]) ?{_ONE}\b"
    rf"|\b(?:ratio|rapport) {_ONE}[-/ ]{_TWO}\b"
)
_EACH = re.compile(
    rf"^(?P<what>.{{3,40}}?) (?:per|par|by|/) (?P<who>{PERSON})\b"
    rf"(?![- ](?:years?|days?|months?|annees?|jours?|mois|time))"
)
_PEOPLE = re.compile(r"^(?:habitants?|inhabitants?|people|population|residents?|persons?|personnes?)$")
_POPULATION = re.compile(r"\b(?:population|pop|habitants?|inhabitants?|residents?)\b")
_ODDS = re.compile(r"^odds\b(?!.*\bratio)|^cote\b")
_THOUSANDS = re.compile(
    r"[(\[,] ?(?:in |en )?(?:thousands?|milliers?|k|x ?1[ ,]?000|000s?|'000) ?[)\]]?|\b(?:in thousands|en milliers)\b"
)
_LOG = re.compile(
    r"\b(?:log|ln)[ _]?(?P<base>10|2|e)?[ _(]+(?:of |the )*"
    r"(?:n|nb|counts?|effectifs?|number|cases?|cas|patients?)\b"
)
_ERROR = re.compile(r"\b(?:s\.?e\.?m?|stderr|std\.? ?err\w*|standard errors?|erreurs?[- ](?:standard|type))\b")
_DENSITY = re.compile(r"\bdensit\w*")
_EXPECTED = re.compile(
    r"^(?:(?:n|nb|no\.?|number|deaths?|deces|cases?|cas) (?:of )?)*(?:expected|attendu\w*|theori\w*|predicted)\b"
    r"(?!.*(?:rate|taux|%|risk))"
)
_OF_EXPECTED = re.compile(
    r"^(?:smr|sir|spr|s[mip]r\b.*|rsm|icm|isr|standardi[sz]ed (?:mortality|incidence)? ?ratio.*|ratio standardise.*"
    r"|o ?/ ?e|obs(?:erved)? ?/ ?exp(?:ected)?|observed[- ](?:to|over)[- ]expected.*|indice comparatif.*)(?: ?\(.*)?$"
)
_IN_HUNDREDS = 10
"""A ratio of observed to expected above this is given in percent."""
_VARIANCE = re.compile(r"\b(?:variance|var)\b")


def find(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Findings on one table, the first few of each kind."""
    for rule in (_weights, _changes, _ratios, _each, _odds, _units, _errors, _variances, _densities, _observed):
        yield from list(rule(grid, minimum))[:3]


def _bounds(grid: Grid, column: int) -> tuple[Floats, Floats]:
    """What the figures of a column stand for, half a unit of their last digit to either side."""
    half = 0.5 * 10.0 ** -grid.decimals[:, column].astype(np.float64)
    return grid.number[:, column] - half, grid.number[:, column] + half


def _named(grid: Grid, pattern: re.Pattern[str]) -> list[int]:
    return [
        c
        for c, heading in enumerate(grid.columns)
        if c not in grid.dimensions and pattern.search(plain(heading).replace("_", " "))
    ]


def _few(
    grid: Grid, column: int, ends: tuple[Floats, Floats], minimum: int, said: str, rule: str = "small-count"
) -> Iterator[Finding]:
    """Findings on rows where what is implied is small and whole, and nothing larger is possible."""
    low, high = np.fmin(*ends), np.fmax(*ends)
    with np.errstate(invalid="ignore"):
        whole = (
            (np.ceil(low - 1e-9) <= np.floor(high + 1e-9)) & (high >= 1) & (low > 0) & (np.floor(high + 1e-9) < minimum)
        )
    for row in np.flatnonzero(whole):
        least, most = max(int(np.ceil(low[row] - 1e-9)), 1), int(np.floor(high[row] + 1e-9))
        people = str(most) if least == most else f"{least} to {most}"
        yield doubtful(grid, int(row), column, rule, f"{grid.name(int(row), column)!r} {said} {people} persons.", ROUND)


def _only_count(grid: Grid) -> Floats:
    """The one column that counts, surely or by its values; NaN where there is none."""
    base = bases(grid)
    if base is not None:
        return base
    if len(grid.counts) != 1:
        return np.full(len(grid.labels), np.nan)
    column = grid.counts[0]
    return np.where(grid.is_count[:, column] & ~grid.hidden[:, column], grid.low[:, column], np.nan)


def _weights(grid: Grid, minimum: int) -> Iterator[Finding]:
    weights = _named(grid, _WEIGHT)
    for column in (c for c in _named(grid, _WEIGHTED) if c not in weights):
        for weight in weights[:1]:
            low, high = _bounds(grid, weight)
            whole = _bounds(grid, column)
            with np.errstate(divide="ignore", invalid="ignore"):
                yield from _few(grid, column, (whole[0] / high, whole[1] / low), minimum, "over the mean weight is")


def _changes(grid: Grid, minimum: int) -> Iterator[Finding]:
    base = _only_count(grid)
    for column in _named(grid, _CHANGE):
        heading = plain(grid.columns[column])
        if "%" not in heading and not np.isfinite(grid.share[:, column]).any():
            continue
        low, high = _bounds(grid, column)
        if _DOWN.search(heading):
            low, high = -np.abs(high), -np.abs(low)
        yield from _few(grid, column, (base * (1 + low / 100), base * (1 + high / 100)), minimum, "leaves")


def _ratios(grid: Grid, minimum: int) -> Iterator[Finding]:
    base = _only_count(grid)
    for column in _named(grid, _RATIO):
        low, high = _bounds(grid, column)
        with np.errstate(divide="ignore", invalid="ignore"):
            for ends in ((base / (1 + high), base / (1 + low)), (base * low / (1 + low), base * high / (1 + high))):
                yield from _few(grid, column, ends, minimum, "makes one of the two groups")


def _each(grid: Grid, minimum: int) -> Iterator[Finding]:
    """`Stays per patient` beside the stays, `inhabitants per case` beside the population."""
    for column, heading in enumerate(grid.columns):
        m = _EACH.match(plain(heading).replace("_", " "))
        if m is None or column in grid.dimensions:
            continue
        low, high = _bounds(grid, column)
        for other in _sums_of(grid, column, m["what"]):
            whole = _bounds(grid, other)
            with np.errstate(divide="ignore", invalid="ignore"):
                yield from _few(
                    grid, column, (whole[0] / high, whole[1] / low), minimum, f"of {grid.columns[other]!r} is that of"
                )


def _sums_of(grid: Grid, column: int, what: str) -> Iterator[int]:
    """Columns with the sum of what another gives for each person: they have a word in common."""
    stems = {word[:5] for word in re.findall(r"[a-z]{4,}", what)} - {"mean", "moyen", "nombr", "numbe", "avera"}
    people = _PEOPLE.match(what) is not None
    for other, heading in enumerate(grid.columns):
        text = plain(heading).replace("_", " ")
        alike = stems & {word[:5] for word in re.findall(r"[a-z]{4,}", text)} or (people and _POPULATION.search(text))
        if other not in (column, *grid.dimensions) and alike and not _EACH.match(text):
            yield other


def _odds(grid: Grid, minimum: int) -> Iterator[Finding]:
    base = _only_count(grid)
    for column in _named(grid, _ODDS):
        low, high = _bounds(grid, column)
        yield from _few(grid, column, (base * low / (1 + low), base * high / (1 + high)), minimum, "is that of")


def _units(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Counts in thousands, and logarithms of counts."""
    for column in _named(grid, _THOUSANDS):
        if grid.measures[column] is Measure.COUNT:
            low, high = _bounds(grid, column)
            yield from _few(grid, column, (1000 * low, 1000 * high), minimum, "stands for")
    for column in _named(grid, _LOG):
        m = _LOG.search(plain(grid.columns[column]).replace("_", " "))
        known = {"10": 10.0, "2": 2.0}.get(m["base"] if m else "")
        low, high = _bounds(grid, column)
        for base in (known,) if known else (10.0, float(np.e)):
            with np.errstate(over="ignore"):
                yield from _few(grid, column, (base**low, base**high), minimum, "is the logarithm of")


def _errors(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A share and its standard error: n = p (1 − p) / se²."""
    errors = _named(grid, _ERROR)
    shares = [
        c
        for c in range(len(grid.columns))
        if c not in (*errors, *grid.dimensions) and not _CHANGE.search(plain(grid.columns[c]))
    ]
    found = [(c, p) for c in shares if not grid.is_count[:, c].any() and (p := column_percents(grid, c)) is not None]
    if len(errors) != 1 or len(found) != 1:
        return
    column, percents = found[0]
    part, slack = percents.value / 100, percents.slack / 100
    given = grid.number[:, column]
    used = np.isfinite(given) & (given > 0)
    scale = float(np.median(part[used] / given[used])) if used.any() else 1.0
    low, high = (end * scale for end in _bounds(grid, errors[0]))
    with np.errstate(divide="ignore", invalid="ignore"):
        for share, side in ((part, "rests on"), (1 - part, "leaves out")):
            most = (share + slack) ** 2 * np.clip(1 - share + slack, 0, 1) / np.where(low > 0, low, np.nan) ** 2
            least = np.clip(share - slack, 0, 1) ** 2 * np.clip(1 - share - slack, 0, 1) / high**2
            yield from _few(grid, column, (least, most), minimum, f"with its standard error {side}", "percent-of-few")


def _variances(grid: Grid, minimum: int) -> Iterator[Finding]:
    """The variance of a yes or no: p (1 − p)."""
    base = _only_count(grid)
    for column in _named(grid, EVENT):
        heading = plain(grid.columns[column])
        if grid.measures[column] is not Measure.SPREAD:
            continue
        low, high = (np.clip(end, 0, None) for end in _bounds(grid, column))
        if not _VARIANCE.search(heading):
            low, high = low**2, high**2
        with np.errstate(invalid="ignore", divide="ignore"):
            parts = [(1 - np.sqrt(np.clip(1 - 4 * v, 0, 1))) / 2 for v in (low * (base - 1) / base, high)]
        if not (high[np.isfinite(high)] > 0.26).any():  # no yes or no varies by more than a quarter
            yield from _few(grid, column, (base * parts[0], base * parts[1]), minimum, "is that of")


def _densities(grid: Grid, minimum: int) -> Iterator[Finding]:
    """The density of a class times its width is a share of all."""
    base = _only_count(grid)
    edges = [
        c for c in range(len(grid.columns)) if grid.measures[c] is Measure.CODE and np.isfinite(grid.number[:, c]).all()
    ]
    for column in _named(grid, _DENSITY):
        low, high = _bounds(grid, column)
        for left, right in itertools.pairwise(edges):
            width = grid.number[:, right] - grid.number[:, left]
            if (width > 0).all():
                yield from _few(
                    grid, column, (low * width * base, high * width * base), minimum, "over its class is that of"
                )


def _observed(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Expected numbers times the ratio of observed to expected."""
    for ratio, expected in itertools.product(_named(grid, _OF_EXPECTED), _named(grid, _EXPECTED)):
        low, high = _bounds(grid, ratio)
        scale = 100 if np.nanmedian(grid.number[:, ratio]) > _IN_HUNDREDS else 1
        whole = _bounds(grid, expected)
        yield from _few(
            grid, ratio, (low * whole[0] / scale, high * whole[1] / scale), minimum, "of what was expected is"
        )
