"""Settings, lists of codes and parameters count nobody; results and groups in the same forms do."""

import json

import pytest

from ecluse.checks.facts import Facts, Passage, Source
from ecluse.checks.kinds import trees
from ecluse.checks.kinds.layout import read_text
from ecluse.checks.kinds.merging import merge
from ecluse.checks.limits import limits_of
from ecluse.rules.policy import OutputRules
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


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("cutoff|TP|FN", "0.05|1640|306", "0.10|1012|934"), set()),
        (("cutoff|TP|FN", "0.05|1640|4", "0.10|1012|934"), {"small-count"}),
        (("quantile|los", "0.01|3.1", "0.99|41.4"), {"percentile"}),
        (("variable|unit|min_allowed|max_allowed", "age|years|18|110", "nihss|points|0|42"), set()),
        (("variable|unit|min|max", "age|years|18|110", "nihss|points|0|42"), {"extreme"}),
    ],
)
def test_ends_that_are_chosen_are_nobodys(rows: tuple[str, ...], found: set[str]) -> None:
    assert rules(grid(*rows)) == found


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Nous incluons les patients âgés de 18 ans et plus ; la borne de 110 ans écarte les erreurs.", True),
        ("The age was truncated at the upper limit of 110 years.", True),
        ("Le patient le plus âgé avait 103 ans.", False),
        ("resources / schema / fields[1] / constraints / minimum = 18", True),
        ("stays / age / minimum = 19", False),
        ("No. Groups:       41\nMin. group size:  127\nMax. group size:  173\n", True),
        ("No. Groups:       41\nMin. group size:  5\nMax. group size:  173\n", False),
        ("1    libname out 'x';\n2    proc logistic data=stroke descending;\n3    run;\n", True),
        ("NOTE: 2 patients of the data set died;\n", False),
    ],
)
def test_limits_and_numbers_of_lines_are_nobodys(text: str, safe: bool) -> None:
    assert (not rules(read_text(text))) is safe


def test_the_times_of_a_curve_count_nobody() -> None:
    assert rules(grid("timeline|NA_estimate", "6|0.0512", "12|0.1101", "24|0.2204", "36|0.3401")) == set()


SAS = "Frequency|\nRow Pct  |       0|       1|  Total\n---------+--------+--------+\n"


@pytest.mark.parametrize(("few", "safe"), [("2904", True), ("   4", False)])
def test_levels_above_a_crosstab_of_sas_count_nobody(few: str, safe: bool) -> None:
    rows = (
        "Nord     |  14204 |   2110 |  16314\n         |  87.07 |  12.93 |\n"
        f"Sud      |  20118 |   {few} |  23022\n         |  87.39 |  12.61 |\n"
    )
    assert ("small-count" not in rules(read_text(SAS + rows))) is safe


@pytest.mark.parametrize(("most", "safe"), [(105, True), (103, False)])
def test_limits_in_the_settings_of_a_json_are_nobodys(most: int, safe: bool) -> None:
    value = {"cohort": {"age": {"min": 40, "max": most}}, "model": {"type": "cox"}, "seed": 3, "threshold": 11}
    facts = trees.facts(trees.read(json.dumps(value).encode(), limits_of(OutputRules())))
    assert ("extreme" not in rules(facts)) is safe


MAPPING = (
    "cohort: {{min_weeks: 24, max_weeks: {most}, min_cell: 11}}\n"
    "seed: 31\n"
    "{impute}: {{method: mice, m: 20, donors: 5}}\n"
)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (MAPPING.format(most=42, impute="imputation"), True),
        (MAPPING.format(most=43, impute="imputation"), False),  # no window of weeks that people choose
        (MAPPING.format(most=42, impute="imputation") + "departments: {Nord: 120, Corse: 4}\n", False),
        (MAPPING.format(most=42, impute="imputation") + "kidneys: {Nord: 120, donors: 4}\n", False),
        ("tried {'n': 1000, 'batch': 4, 'n_folds': 5}\n", True),
        ("tried {'n': 1000, 'Corse': 4, 'batch': 15}\n", False),
        ("Relu par 2 personnes, validated by two people.\n", True),
        ("Infected by 2 persons.\n", False),
        ("max-parallel: 4\n", True),
        ("max-days: 34\n", False),
    ],
)
def test_mappings_of_settings_and_who_read_a_report_count_nobody(text: str, safe: bool) -> None:
    assert (not rules(read_text(text))) is safe
    within = merge(
        Facts(passages=(Passage("c/a.yml", Source.NAME, "name of a member"),)), read_text(text, "c/a.yml: x")
    )
    assert (not rules(merge(within, read_text("One of the results.\n", "b.txt: x")))) is safe


@pytest.mark.parametrize(
    ("rows", "safe"),
    [
        (("name|value", "seed|42", "n_folds|5", "n_estimators|300", "max_depth|4"), True),
        (("parameter|value", "k|5", "batch_size|32", "epochs|8"), True),
        (("name|value", "seed|42", "n_folds|5", "deaths|4"), False),
        (("name|value", "Nord|42", "Sud|5", "depth|40"), False),
    ],
)
def test_a_table_of_parameters_counts_nobody(rows: tuple[str, ...], safe: bool) -> None:
    assert ("small-count" not in rules(grid(*rows))) is safe
