"""Whether a text only sets how programs run, so that its limits are choices and nobody's values.

Worked example: `seed: 7`, `method: iptw`, `max_weight: 10`, `max_age: 110` in a YAML file are settings; `mean: 61`,
`max_age: 97` are results, and so is `max_age: 97` among settings: nobody chooses 97.
"""

import re
from collections.abc import Iterable

from ecluse.checks.facts import Facts, Passage, Source, TextNumber

from .words import plain


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_KEYED = re.compile(r"(?:- )?['\"]?(?P<key>[^\W\d][\w .\-/\[\]]{0,60}?)['\"]?\s?(?::|=|<-)(?:\s|$)")
_FORM = re.compile(r"(?:#|//|;|\[[\w.\- ]+\]$|---$|- |[\[\]{}(),]+$|\{.*\}$|['\"][^'\"]*['\"],?$)")
"""Comments, names of sections, items of a list, brackets."""
_CHOSEN = _set(
    "seed seeds random method methods family link formula path paths input output outputs out threshold "
    "thresholds alpha bootstrap bootstraps iter iterations jobs workers cores folds splits knots washout lookback "
    "grace lag window covariates covariables adjust adjustment weights stabilised stabilized trim truncate impute "
    "imputation model type solver penalty lr learning batch dropout patience optimizer scheduler round rounding "
    "version project cell verbose format encoding separator level levels graine methode modele seuil fenetre "
    "parametres config timeout runs uses image ports volumes build cron"
)
_FOUND = _set(
    "mean moyenne median mediane sd std iqr auc auroc accuracy pvalue hr rr irr deaths deces died events "
    "evenements observed obs result results resultats estimate estimates coef coefficients"
)
_TUNED = _set(
    "seed seeds seeded graine batch workers jobs folds splits repeats iter iterations epochs lr dropout patience trees"
    " estimators depth bootstrap bootstraps imputations donors hidden layers heads threads cores learning rate alpha"
    " lambda gamma tol warmup optimizer scheduler kernel knots chains draws burnin thin penalty solver bandwidth"
)
"""What only a program or a model is told; a level or a class may be a group of persons."""
_MEMBER = "name of a member"
"""Where the path of an archive's member is said to be."""
_WINDOW = re.compile(r"(?:days?|weeks?|months?|years?|hours?|jours?|semaines?|mois|annees?|heures?)['\"]?\s*[:=]\s*$")
_OF_TIME = (6, 7)
"""Hours and months come in sixes, days and weeks in sevens."""
_KEYS = 4
_CHOICES = 2
_STEP = 5


def are_settings(facts: Facts) -> bool:
    """Whether all that a file says is names with their values, of settings and of no results."""
    lines = [
        line.strip()
        for passage in facts.passages
        if passage.source in (Source.PROSE, Source.OUTPUT)
        for line in passage.text.splitlines()
        if line.strip()
    ]
    keyed = [(line, _KEYED.match(line)) for line in lines]
    if any(key is None and not _FORM.match(line) for line, key in keyed):
        return False
    keys = [plain(key["key"]) for _, key in keyed if key] + [plain(n.before) for n in facts.numbers]
    words = [frozenset(re.findall(r"[a-z]+", key)) for key in keys]
    chosen = sum(bool(w & _CHOSEN) for w in words)
    return len(keys) >= _KEYS and chosen >= _CHOICES and not any(w & _FOUND for w in words)


def settings_in(facts: Facts) -> frozenset[str]:
    """The parts of a request's file that are settings: paths of an archive's members, or the empty one for a file."""
    names = frozenset(p.text for p in facts.passages if p.where == _MEMBER)
    if not names:
        return frozenset({""}) if are_settings(facts) else frozenset()
    passages: dict[str, list[Passage]] = {}
    numbers: dict[str, list[TextNumber]] = {}
    for passage in facts.passages:
        passages.setdefault(part_of(passage.where, names), []).append(passage)
    for number in facts.numbers:
        numbers.setdefault(part_of(number.where, names), []).append(number)
    parts = {n: Facts(passages=tuple(passages.get(n, ())), numbers=tuple(numbers.get(n, ()))) for n in names}
    return frozenset(name for name, part in parts.items() if are_settings(part))


def part_of(where: str, names: frozenset[str]) -> str:
    """The member of an archive, of these names, that a place is in; the empty name for none."""
    name = where.partition(": ")[0]
    return name if name in names else ""


def are_tuned(names: Iterable[str]) -> bool:
    """Whether more than half of some names are those of what a program or a model is told: `batch`, `n_folds`."""
    words = [frozenset(re.findall(r"[a-z]+", plain(name))) for name in names]
    return sum(bool(w & _TUNED) for w in words) * 2 > len(words) > 1


def in_settings(line: str) -> bool:
    """Whether what a line tells so far stands in a mapping that names how something is done: `{method: mice, m: `."""
    inside = line.rpartition("{")[2]
    words = re.findall(r"[a-z]+", plain(inside))
    return "{" in line and "}" not in inside and sum(w in _TUNED | _CHOSEN for w in words) > 1


def is_window(phrase: str, number: float) -> bool:
    """Whether a limit is one of time as people choose it: `max_weeks: 42`, `min_months: 18`."""
    whole = number == 365 or any(number % step == 0 for step in _OF_TIME)  # days of a year
    return whole and _WINDOW.search(plain(phrase)) is not None


def is_round(number: float) -> bool:
    """Whether a number is one that people choose: one digit that counts, or a multiple of five."""
    return float(f"{number:.1g}") == number or number % _STEP == 0
