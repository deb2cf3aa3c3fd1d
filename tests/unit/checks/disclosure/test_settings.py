"""Settings, lists of codes and parameters count nobody; results and groups in the same forms do."""

import pytest

from ecluse.checks.kinds.layout import read_text
from unit.checks.disclosure.test_layouts import grid, rules

YAML = "cohort:\n  washout_months: 12\n  max_age: {age}\nweights:\n  method: iptw\n  max_weight: {weight}\nseed: 7\n"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (YAML.format(age=110, weight=10), True),
        (YAML.format(age=97, weight=10), False),  # nobody chooses 97
        (YAML.format(age=110, weight=10) + "mean_age: 61.2\n", False),
        ("n: 412\nmean: 61\nmax_age: 95\nmin_age: 20\n", False),
        ("The youngest had max_age: 95\n" + YAML.format(age=110, weight=10), False),
    ],
)
def test_round_limits_of_settings_are_nobodys(text: str, safe: bool) -> None:
    assert ("extreme" not in rules(read_text(text))) is safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("SearchCV(estimator=SVC(),\n    param_grid={'C': [1, 5, 10], 'max_depth': [3, 5, 12]})\n", True),
        ("tried {'model__C': [1, 5, 10]}\n", True),
        ("SearchCV(param_grid={'deaths': [2, 5, 12]})\n", False),
        ("counts: [2, 5, 12]\n", False),
        ("Fitting 5 folds for each of 4 candidates, totalling 20 fits\n", True),
        ("Each of 4 candidates for transplantation died.\n", False),
    ],
)
def test_what_a_search_tries_counts_nobody(text: str, safe: bool) -> None:
    assert ("small-count" not in rules(read_text(text))) is safe


CODES = ("I63.0|Cerebral infarction|1", "I63.4|due to embolism|1", "G45.9|Transient ischaemic attack|0")
MODELS = ("Model 1|1|1|0", "Model 2|1|1|1")
OUTPUTS = ("output_0|0|1", "output_1|1|1")


@pytest.mark.parametrize(
    ("rows", "safe"),
    [
        (("code|label|included", *CODES), True),
        (("code|label|deaths", *CODES), False),
        (("code|label|included", *CODES, "I61.0|Haemorrhage|3"), False),
        (("centre|ville|inclus", "A|Brest|1", "B|Vannes|1", "C|Quimper|0"), False),
        (("adjusted for|north|south|east", *MODELS), True),
        (("adjusted for|north|south|east", *MODELS, "Model 3|1|2|1"), False),
        (("uid|cost|region", *OUTPUTS), True),
        (("uid|cost|region", "Brest|0|1", "Vannes|1|1"), False),
    ],
)
def test_flags_of_codes_and_models_count_nobody(rows: tuple[str, ...], safe: bool) -> None:
    assert ("small-count" not in rules(grid(*rows))) is safe


def test_the_ninth_decile_is_as_far_from_the_end_as_the_first() -> None:
    assert rules(grid("|los", "0.10|3.5", "0.50|8.2", "0.90|19.4")) == set()
    assert rules(grid("|los", "0.01|3.5", "0.50|8.2", "0.99|41.4")) == {"percentile"}


@pytest.mark.parametrize("heading", ["Naissances", "births"])
def test_births_of_a_year_are_counted(heading: str) -> None:
    assert rules(grid(f"Année|{heading}", "2019|7612", "2020|7388", "2021|7204")) == set()
    assert rules(grid(f"Année|{heading}", "2019|7612", "2020|7388", "2021|4")) == {"small-count"}
