"""Single persons outside of lists of rows: alone in a table, in a cell, below a key, printed because asked for."""

import pytest

from ecluse.checks.facts import Facts, Source, TextNumber, Value
from ecluse.checks.records import alone, console
from ecluse.checks.records.structure import form
from unit.checks.disclosure.tables import facts, table


def below(key: str, *numbers: int) -> Facts:
    return Facts(numbers=tuple(TextNumber(Value(n, str(n)), f"{key}[{i}] = ", "") for i, n in enumerate(numbers)))


@pytest.mark.parametrize(
    "lines",
    [
        ("sexe age duree_sejour diagnostic", "F 52 37 N39.0"),
        ("excluded beta", "none 0.41", "patient_1 0.43", "patient_2 0.38"),
        ("diag age", "I50 [87,60,83,66]", "J18 [46,78,90]"),
        ("item Patient_1 Patient_2", "dose 5 7"),
        ("age sexe", "71 F", "44 H"),
    ],
)
def test_a_table_of_single_persons(lines: tuple[str, ...]) -> None:
    assert [f.rule for f in alone.find(facts(table(*lines)))] == ["row-dump"]


@pytest.mark.parametrize(
    "lines",
    [
        ("sexe age n taux", "F 52 412 3.1"),
        ("model layers auc", "mlp [64,32,16] 0.81"),
        ("centre ic", "A [0.81,0.93]"),
        ("sexe age n", "F 71 412", "H 71 388"),
        ("excluded beta", "none 0.41", "centre_1 0.43", "centre_2 0.38"),
    ],
)
def test_a_table_of_groups(lines: tuple[str, ...]) -> None:
    assert not list(alone.find(facts(table(*lines))))


@pytest.mark.parametrize(
    "held", [below("ages", 34, 51, 47, 62, 70), below("arm / age_years", 34, 51, 33), below("los", 3, 12, 4)]
)
def test_values_of_persons_below_a_key(held: Facts) -> None:
    assert [f.rule for f in alone.find(held)] == ["row-dump"]


@pytest.mark.parametrize(
    "held",
    [
        below("age_bins", 18, 40, 65),
        below("ages", 20, 30, 40, 50),
        below("mean_age", 61, 62, 60),
        below("followup_months", 1, 3, 6, 12),
        below("hidden", 64, 128, 64),
        below("cases", 412, 388, 455),
    ],
)
def test_settings_and_figures_below_a_key(held: Facts) -> None:
    assert not list(alone.find(held))


def test_scattered_numbers_in_two_columns_are_rows_of_persons() -> None:
    rows = [f"{(7919 * n) % 997 / 10} {(104729 * n) % 911 / 100}" for n in range(1, 41)]
    assert form(table("crp pct", *rows, stub=0), Facts(), 0).score >= 2
    curve = [f"{n / 10} {(104729 * n) % 911 / 100}" for n in range(1, 41)]
    assert form(table("time hazard", *curve, stub=0), Facts(), 0).score < 2


def test_a_printed_portrait() -> None:
    printed = "sexe                H\nage                69\nduree_sejour       39\ndiagnostic      E11.6\n"
    assert [f.rule for f in alone.find(facts(text=printed, source=Source.OUTPUT))] == ["row-dump"]
    group = "sexe                H\nage                69\nn                 412\ntaux              3.1\n"
    assert not list(alone.find(facts(text=group, source=Source.OUTPUT)))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Age at death: 34, 51, 47, 62 and 70 years.", True),
        ("âgés de 71, 64 et 88 ans", True),
        ("age bands end at 20, 40, 60 and 80 years", False),
        ("patients aged 18 to 40, of whom 412 and 388 were women", False),
    ],
)
def test_ages_in_a_sentence(text: str, *, told: bool) -> None:
    assert bool(list(alone.find(facts(text=text, source=Source.PROSE)))) is told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("> d$age[d$los > 200]\n[1] 88 19", True),
        ("> which(is.na(d$sexe))\n[1]  120 3411", True),
        ("> head(d$age)\n[1] 71 64 88", True),
        (">>> d.loc[d.los > 200, 'age'].tolist()\n[88, 19]", True),
        ("Extreme Observations\n\n----Lowest----    ----Highest---\nValue  Obs  Value  Obs\n", True),
        ("At positional index 3, first diff: 59 != 60", True),
        ("> fit$aic\n[1] 412.1", False),
        ("> mean(d$age)\n[1] 61.2", False),
        ("> sum(d$age > 65)\n[1] 4120", False),
        ("> which(names(d) == 'age')\n[1] 3", False),
        ('> levels(d$age_class)\n[1] "0-17" "18-64"', False),
    ],
)
def test_what_a_console_was_asked_for(text: str, *, told: bool) -> None:
    assert bool(list(console.find(facts(text=text, source=Source.OUTPUT)))) is told
