import pytest

from ecluse.checks.disclosure import find
from ecluse.checks.facts import Context, Table
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules
from unit.checks.disclosure.tables import facts, table


def check(*tables: Table, minimum: int = 11) -> list[Finding]:
    return find({"a.csv": facts(*tables)}, OutputRules(minimum_count=minimum), Context())["a.csv"]


def rules(*tables: Table, minimum: int = 11) -> set[str]:
    return {f.rule for f in check(*tables, minimum=minimum) if f.severity is not Severity.NOTE}


@pytest.mark.parametrize("heading", ["n", "N", "Nb_patients", "effectif", "Nombre_de_cas", "count", "size", "décès"])
@pytest.mark.parametrize("small", [1, 4, 10])
def test_small_count_is_refused_and_named(heading: str, small: int) -> None:
    (found,) = check(table(f"région {heading}", f"Nord {small}", "Sud 120", "Est 93"))
    assert (found.rule, found.severity) == ("small-count", Severity.REFUSE)
    assert "Nord" in found.where
    assert found.place is not None
    assert (found.place.row, found.place.column) == (0, 1)
    assert "<11" in found.fix


@pytest.mark.parametrize("count", [0, 11, 5000])
def test_zero_and_enough_pass(count: int) -> None:
    assert rules(table("région n", f"Nord {count}", "Sud 120", "Est 93")) == set()


def test_minimum_count_is_the_rules() -> None:
    counts = table("région n", "Nord 15", "Sud 120")
    assert rules(counts) == set()
    assert rules(counts, minimum=20) == {"small-count"}


@pytest.mark.parametrize(
    "counts",
    [
        table(". M F", "Nord 4 30", "Sud 20 12"),
        table(". 2019 2020", "Nord 4 30", "Sud 20 12"),
        table(". Stage_I Stage_II", "Nord 4 30", "Sud 20 12"),
        table("region .", "Nord 4", "Sud 20"),
        table("region 0", "Nord 4", "Sud 20"),
        table("Characteristic Arm_A_(n=40) Arm_B_(n=44)", "Women,_n_(%) 4_(10%) 20_(45.5%)", "Age,_mean 61.2 60.1"),
    ],
)
def test_small_count_is_seen_without_a_name(counts: Table) -> None:
    assert "small-count" in rules(counts)


@pytest.mark.parametrize(
    "safe",
    [
        table("région pct", "Nord 4", "Sud 96"),
        table("région %", "Nord 4.1", "Sud 95.9"),
        table("région âge_moyen", "Nord 7", "Sud 8"),
        table("année n", "2019 120", "2020 140"),
        table("classe_d'âge n", "0-17 120", "18-64 140"),
        table("terme coef se z p", "âge 2 1 2 0", "sexe 3 1 3 0"),
        table("terme HR IC_95_inf IC_95_sup", "âge 2 1 3", "sexe 3 1 5"),
        table("rang médicament n", "1 A01 120", "2 B01 140", "3 C01 160", stub=0),
        table("modèle AUC seuil", "rf 1 2", "lr 1 3"),
        table("région taux_pour_100_000", "Nord 4", "Sud 6"),
        table("durée_(jours) n", "3 120", "5 140"),
        table("n_estimators max_depth AUC", "100 3 0.8", "200 5 0.9", stub=0),
        table("hôpitaux n", "3 120", "5 140"),
    ],
)
def test_what_counts_no_person_is_no_count(safe: Table) -> None:
    assert rules(safe) == set()


def test_mask_at_another_threshold_tells_too_much() -> None:
    (found,) = check(table("région n", "Nord <5", "Sud 120", "Est 93"))
    assert (found.rule, found.severity) == ("mask-too-narrow", Severity.REFUSE)
    assert "<11" in found.fix
    assert rules(table("région n", "Nord <11", "Sud 120", "Est 93")) == set()
    assert rules(table("région n", "Nord 5-10", "Sud 120", "Est 93")) == {"mask-too-narrow"}


def test_a_whole_group_is_for_the_reviewers() -> None:
    (found,) = check(table(". positive negative", "Nord 14 30", "Sud 0 32"))
    assert (found.rule, found.severity) == ("whole-group", Severity.REVIEW)


def test_many_small_cells_are_one_finding_that_names_five() -> None:
    (found,) = check(table("ville n", "Nord 300", *(f"v{i} 3" for i in range(60))))
    assert found.severity is Severity.REFUSE
    assert "60 counts of 1 to 10 persons" in found.message
    assert all(f"'v{i}/n'" in found.message for i in range(5))
    assert "'v5/n'" not in found.message
    assert "55 more" in found.message
    assert found.place is not None
    assert (found.place.row, found.place.column) == (1, 1)


def test_cells_that_only_their_values_make_counts_weigh_less_beside_sure_ones() -> None:
    found = check(table("région n autre", "Nord 4 3", "Sud 120 70", "Est 93 40"))
    assert [(f.severity, f.place.column if f.place else None) for f in found] == [
        (Severity.REFUSE, 1),
        (Severity.REVIEW, 2),
    ]


def test_a_table_shown_twice_in_one_place_is_judged_once() -> None:
    hidden = ("région n", "Nord <11", "Sud 20", "Total 24")
    once = check(table(*hidden, where="cell 5, output 1"))
    assert once
    assert check(*[table(*hidden, where="cell 5, output 1")] * 2) == once
    assert len(check(table(*hidden, where="cell 5"), table(*hidden, where="cell 6"))) > len(once)


def test_tables_refused_as_rows_of_persons_say_nothing_more() -> None:
    dump, counts = (
        table("age cens", "70 1", "56 1", "58 3", where="a"),
        table("région n", "Nord 4", "Sud 120", where="b"),
    )
    found = find({"a.csv": facts(dump, counts)}, OutputRules(), Context(), {"a.csv": frozenset({0})})["a.csv"]
    assert [f.where[:1] for f in found] == ["b"]


def test_too_many_rows_are_refused_unread() -> None:
    long = table("ville n", *(f"v{i} 300" for i in range(120)))
    found = find({"a.csv": facts(long)}, OutputRules(max_rows=100), Context())["a.csv"]
    assert [(f.rule, f.severity) for f in found] == [("too-many-rows", Severity.REFUSE)]
