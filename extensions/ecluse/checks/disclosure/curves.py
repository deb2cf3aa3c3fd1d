"""Survival curves and data behind plots.

Decides when a curve or a drawing shows single persons. Worked example: a Kaplan-Meier table with one line per event
falls by 1/n at each: its last steps of 0.09 to 0.5 stand on 11 to 2 persons at risk. The same curve at 0, 12, 24 and
36 months passes.
"""

import re
from collections.abc import Iterator

import numpy as np

from ecluse.checks.facts import OUTLIERS, SQUARES, THREADS, Facts, Series, SeriesKind, Sign, SignKind, Source
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

from .grid import Grid
from .words import plain

DENSE = 15
"""Steps from which a curve is one of events, not of chosen times."""
ROUGH = 0.0005
"""Half a unit of the last digit beyond which equal steps may be those of rounding."""
PRINTED = 1e-9
"""What a printed figure may be off in the computer."""
CLEAR = 10
"""How many times its rounding the smallest step of a curve must be to be told from it."""
FEW_STEPS = 5
"""Equal steps from which one of them is one person's."""
CLOUD, CROWD = 20, 200
"""Points from which a scatter may, and must, be taken for one of persons."""
_SURVIVAL = re.compile(r"\bkm|kaplan|surviv|survie|\bs ?\(t\)|cumulative (?:incidence|hazard)|incidence cumul|nelson")

_TESTED = re.compile(
    r"(?:observed |expected )?[-−–] ?log ?_?(?:10)? ?[(\[]? ?(?:adj\w*[. ]?|fdr|q|p)(?:[- ]?val\w*)? ?[)\]]?"
)
_PLACED = re.compile(
    r"log ?_?2.{0,4}(?:fold|fc)\b.*|fold[- ]change.*|chromosome.*|(?:genomic )?position.*|(?:effect|beta|odds).{0,20}"
    r"|expected [-−–] ?log.*"
)
"""The axes of a volcano, a Manhattan or a quantile plot of tests: a mark is a gene or a variant, no person has a p."""
_SIZE = re.compile(r"\bn ?= ?(\d{1,4})\b(?![.,]\d)")


def of_table(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    """Findings on survival functions given event by event."""
    for column, heading in enumerate(grid.columns):
        if column in grid.dimensions or not _SURVIVAL.search(plain(heading.replace("_", " "))):
            continue
        values = grid.number[:, column]
        values = values[np.isfinite(values)]
        places = max((int(d) for d in grid.decimals[:, column]), default=0)
        found = _steps(values, rules.minimum_count) or _single(values, 0.5 * 10.0**-places, rules.minimum_count)
        if found:
            yield Finding(
                rule="survival-steps",
                severity=Severity.REFUSE,
                where=grid.where(0, column),
                message=f"{heading!r} {found}.",
                fix="Give survival at a few chosen times, with the numbers at risk, and end the curve where fewer than "
                f"{rules.minimum_count} are at risk.",
                place=grid.place(0, column),
            )


def _steps(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", minimum: int) -> str:
    """What a curve's steps tell, or nothing."""
    if len(values) < DENSE or values.min() < 0 or values.max() > 1:
        return ""
    falling = values if values[0] >= values[-1] else 1 - values
    if (np.diff(falling) > PRINTED).any():
        return ""
    before, after = falling[:-1], falling[1:]
    steps = np.where(before > 0, (before - after) / np.where(before > 0, before, 1.0), 0.0)
    events = steps > 1e-6
    if events.sum() < DENSE // 2:
        return ""
    at_risk = round(1 / float(steps[events].max()))
    tail = f"; the largest step is that of one event among about {at_risk}" if at_risk < minimum else ""
    return f"falls in {int(events.sum())} steps, event by event{tail}"


def _single(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", slack: float, minimum: int) -> str:
    """Whether a shorter curve falls by multiples of one step, the share of one person."""
    if slack > ROUGH:
        return ""
    drops = -np.diff(values)
    drops = drops[drops > 2 * slack]
    if len(drops) < FEW_STEPS or values.max() > 1 or (np.diff(values) > PRINTED).any() or drops.min() < CLEAR * slack:
        return ""
    people = drops / drops.min()
    within = np.abs(people - np.round(people)) <= 3 * slack / drops.min()
    alone = int((np.round(people) == 1).sum())
    if not within.all() or people.max() >= minimum or alone * 2 < len(drops):
        return ""
    return f"falls {alone} times by {drops.min():.4g}, the share of one of about {1 / drops.min():.0f} persons"


def of_plots(facts: Facts, rules: OutputRules) -> Iterator[Finding]:
    """Findings on data that drawings carry or show."""
    for series in facts.series:
        yield from _of_series(series, rules.minimum_count)
    yield from _of_few(facts, rules.minimum_count)
    tests = _of_tests(facts)
    for sign in facts.signs:
        if not sign.text and sign.where in tests:
            continue
        if sign.kind is SignKind.MARKERS and (said := _of_marks(sign)) is not None:
            message, fix = said
            rule = "encoded-data" if sign.text == SQUARES else "scatter"
            yield Finding(
                rule=rule, severity=Severity.REVIEW, where=sign.where, message=message, fix=fix, place=sign.place
            )


def _of_tests(facts: Facts) -> frozenset[str]:
    """Places of pictures whose axes say that each mark is a test of many: its p-value over its effect or its place."""
    axes: dict[str, set[str]] = {}
    for series in facts.series:
        if series.kind is SeriesKind.AXIS and series.labels:
            axes.setdefault(series.where, set()).add(plain(series.labels[0]))
    return frozenset(
        where
        for where, names in axes.items()
        if any(map(_TESTED.fullmatch, names)) and any(map(_PLACED.fullmatch, names))
    )


def _of_few(facts: Facts, minimum: int) -> Iterator[Finding]:
    """Drawn survival curves that say how few they stand on: each of their steps is one person's."""
    for passage in facts.passages:
        if passage.source is not Source.PICTURE or not _SURVIVAL.search(plain(passage.text)):
            continue
        sizes = [int(n) for n in _SIZE.findall(plain(passage.text))]
        if few := [n for n in sizes if 1 < n < FEW_STEPS * minimum]:
            yield Finding(
                rule="survival-steps",
                severity=Severity.REVIEW,
                where=passage.where,
                message=f"A survival curve of {min(few)} persons falls where one of them has the event.",
                fix="Give survival at a few chosen times, with the numbers at risk.",
                place=passage.place,
            )


def _of_marks(sign: Sign) -> tuple[str, str] | None:
    """What repeated marks of a drawing tell of persons, and what to draw instead; None: nothing."""
    if sign.text == OUTLIERS:
        return (
            f"{sign.rows} marks stand alone above each other, as a box plot's outliers do: each is one person's value.",
            "Draw boxes without outliers, with whiskers at percentiles that many share.",
        )
    if sign.text == SQUARES:
        return (
            f"The picture holds a code of {sign.rows} squares across, as a QR code is: nobody can read what it says.",
            "Leave the code out; write an address as text.",
        )
    if sign.text == THREADS:
        return (
            f"The drawing shows {sign.rows} curves or more side by side, as one per person does.",
            "Draw the mean of each group with its band, or a few percentiles that many share.",
        )
    if (sign.rows or 0) >= CLOUD:
        return (
            f"The drawing repeats a mark {sign.rows} times, as a scatter of persons does.",
            "Draw a density, a smoothed curve or binned means instead.",
        )
    return None


def _of_series(series: Series, minimum: int) -> Iterator[Finding]:
    ys = np.asarray(series.ys, dtype=np.float64)
    if series.kind in (SeriesKind.BARS, SeriesKind.HISTOGRAM):
        whole = bool(len(ys)) and bool((ys == np.floor(ys)).all()) and bool((ys >= 0).all()) and ys.max() > 1
        small = ys[(ys >= 1) & (ys < minimum)]
        if whole and len(small):
            yield _plot(
                series,
                "small-count",
                f"{len(small)} bars stand for 1 to {minimum - 1} persons (the smallest for {int(small.min())}).",
                "Use wider classes, or merge the ends into open classes.",
            )
    elif series.kind is SeriesKind.BOX and len(ys) >= minimum:
        message = f"The box plot carries {len(ys)} single values."
        yield _plot(series, "scatter", message, "Draw boxes without outliers, as a picture.")
    elif series.kind is SeriesKind.POINTS and max(len(ys), len(series.xs)) >= CLOUD:
        points = max(len(ys), len(series.xs))
        found = _plot(
            series,
            "scatter",
            f"{points} points are drawn one by one; each may be a person.",
            "Draw a density, a smoothed curve or binned means instead.",
        )
        yield found if points >= CROWD else found.model_copy(update={"severity": Severity.REVIEW})


def _plot(series: Series, rule: str, message: str, fix: str) -> Finding:
    return Finding(
        rule=rule, severity=Severity.REFUSE, where=series.where, message=message, fix=fix, place=series.place
    )
