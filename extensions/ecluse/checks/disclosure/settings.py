"""Whether a text only sets how programs run, so that its limits are choices and nobody's values.

Worked example: `seed: 7`, `method: iptw`, `max_weight: 10`, `max_age: 110` in a YAML file are settings; `mean: 61`,
`max_age: 97` are results, and so is `max_age: 97` among settings: nobody chooses 97.
"""

import re

from ecluse.checks.facts import Facts, Source

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
    "parametres config"
)
_FOUND = _set(
    "mean moyenne median mediane sd std iqr auc auroc accuracy pvalue hr rr irr deaths deces died events "
    "evenements observed obs result results resultats estimate estimates coef coefficients"
)
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


def is_round(number: float) -> bool:
    """Whether a number is one that people choose: one digit that counts, or a multiple of five."""
    return float(f"{number:.1g}") == number or number % _STEP == 0
