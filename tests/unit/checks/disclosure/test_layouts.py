"""Tables and pictures in the layouts of packages and offices: what is a count there, and what is none."""

import json

import pytest

from ecluse.checks.charts import panel
from ecluse.checks.disclosure import find
from ecluse.checks.facts import Context, Facts, Passage, Series, SeriesKind, Sign, SignKind, Source, Table
from ecluse.checks.kinds import delimited, trees
from ecluse.checks.kinds.grid import table_of
from ecluse.checks.kinds.layout import read_text
from ecluse.checks.kinds.merging import facts_of_table
from ecluse.checks.limits import limits_of
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules


def rules(facts: Facts) -> set[str]:
    found = find({"a.txt": facts}, OutputRules(), Context())["a.txt"]
    return {f.rule for f in found if f.severity is not Severity.NOTE}


def grid(*rows: str) -> Facts:
    """A table as a CSV holds it: cells parted by bars."""
    made = table_of([[cell.strip() for cell in row.split("|")] for row in rows])
    assert isinstance(made, Table)
    return facts_of_table(made)


def drawn(*lines: str) -> Facts:
    return Facts(passages=(Passage("\n".join(lines), Source.PICTURE),))


TABLEONE = ("||Missing|Overall|Treated|Other", "n|||1840|902|938", "Age, mean (SD)||0|61.2 (9.1)|60.8 (9.3)|61.6 (9.0)")


@pytest.mark.parametrize(("last", "missing", "found"), [("96 (10.7)", "31", set()), ("6 (0.7)", "31", {"small-count"})])
def test_levels_without_a_heading_are_labels(last: str, missing: str, found: set[str]) -> None:
    rows = (
        f"ASA, n (%)|1-2|{missing}|311 (17.2)|{last}|215 (23.4)",
        "|3||1020 (56.4)|510|510",
        "|4-5||478 (26.4)|285|193",
    )
    assert rules(grid(*TABLEONE, *rows)) == found


def test_missing_values_are_persons_whatever_the_row_describes() -> None:
    assert rules(grid(*TABLEONE, "BMI, mean (SD)||44|27.1 (4.0)|27.3 (4.1)|26.9 (4.0)")) == set()
    assert rules(grid(*TABLEONE, "BMI, mean (SD)||4|27.1 (4.0)|27.3 (4.1)|26.9 (4.0)")) == {"small-count"}


MONTHS = [f"2020-{m:02d}" for m in range(1, 13)]


@pytest.mark.parametrize(
    ("column", "safe"),
    [
        ([0] * 5 + [1] * 7, True),
        ([0] * 5 + [1, 2, 3, 4, 5, 6, 7], True),
        ([0] * 5 + [1, 0, 1, 1, 1, 2, 1], False),
        ([3, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1], False),
    ],
)
def test_a_column_that_parts_a_series_in_two_counts_nobody(column: list[int], safe: bool) -> None:
    rows = [f"{month}|{410 + 7 * n}|{value}" for n, (month, value) in enumerate(zip(MONTHS, column, strict=True))]
    found = rules(grid("month|visits|after", *rows))
    assert ("small-count" not in found) is safe


def test_who_reads_pictures_is_not_who_is_counted() -> None:
    assert rules(grid("Item|Images|Readers|Kappa", "Fracture|1200|3|0.86", "Stage|640|2|0.61")) == set()
    assert rules(grid("Item|Images|Deaths|Kappa", "Fracture|1200|3|0.86", "Stage|640|2|0.61")) == {"small-count"}


@pytest.mark.parametrize("word", ["c.s.", "conf.", "sec. stat.", "masqué"])
def test_a_short_word_among_counts_hides_one(word: str) -> None:
    known = grid("Région|n", "Nord|412", f"Sud|{word}", "Est|388", "Ensemble|805")
    assert rules(known) == {"recoverable-cell"}
    assert rules(grid("Région|n", "Nord|412", f"Sud|{word}", f"Est|{word}", "Ensemble|1205")) == set()


@pytest.mark.parametrize("thousands", ["2{,}292", r"2\,292", "2~292"])
def test_latex_parts_thousands_in_its_own_way(thousands: str) -> None:
    assert rules(read_text(f"The day cases ($n = {thousands}$) were older.", source=Source.PROSE)) == set()
    assert "small-count" in rules(read_text("The day cases ($n = 2$) were older.", source=Source.PROSE))


def test_a_form_of_two_columns_has_two_names_in_a_line() -> None:
    lines = ["Model:           GLM    Method:    IRLS", "Df Model:          2    BIC:     412.1"]
    enough = read_text("\n".join([*lines, "Df Residuals:   5997    Scale:      1.0"]))
    few = read_text("\n".join([*lines, "Scale:           1.0    Df Residuals: 6"]))
    assert "degrees-of-freedom" not in rules(enough)
    assert "degrees-of-freedom" in rules(few)


def test_arms_beside_each_other_leave_nobody_between_them() -> None:
    arms = ("Usual care (n = 1,997)", "Intervention (n = 2,003)")
    assert rules(drawn("Randomised", "(n = 4,000)", *arms)) == set()
    assert rules(drawn("Placebo", "Drug A", "(n = 2,301)", "(n = 2,310)")) == set()


def test_boxes_below_each_other_leave_who_was_lost() -> None:
    assert rules(drawn("Randomised", "(n = 2,310)", "Analysed", "(n = 2,301)")) == {"complement"}
    assert rules(drawn("Usual care", "Randomised (n = 1,997)", "Analysed (n = 1,991)")) == {"complement"}


def test_a_title_over_all_columns_leaves_each_its_own_name() -> None:
    rows = ("1|10|4821.4", "2|21|4612.9", "3|32|4531.2")
    assert rules(grid("Models||", "Classes|Free parameters|AIC", *rows)) == set()
    assert "small-count" in rules(grid("Costs by ward||", "Ward|n|Cost", "A|6|1200", "B|41|9800", "C|88|20110"))


@pytest.mark.parametrize(("cuts", "rate", "found"), [(249, "98.8", {"complement"}), (240, "95.2", set())])
def test_a_percentage_proves_which_column_is_part_of_which(cuts: int, rate: str, found: set[str]) -> None:
    rows = ("A|1421|182|12.8", "B|984|263|26.7", "C|1762|41|2.3", "D|611|71|11.6", f"E|252|{cuts}|{rate}")
    assert rules(grid("Robson|Births|Caesareans|Rate (%)", *rows)) == found


def test_lists_of_months_in_a_configuration_count_nobody() -> None:
    assert rules(read_text("landmark_months = [3, 6, 12, 24]\n", source=Source.PROSE)) == set()
    assert rules(read_text("deaths_by_region = [3, 6, 12, 24]\n", source=Source.PROSE)) != set()


SAS = """
                Frequency   |
                Percent     |F       |M       |  Total
                ------------+--------+--------+
                Home        |   1820 |   1512 |   3332
                            |  47.42 |  39.39 |  86.81
                            |  54.63 |  45.37 |
                ------------+--------+--------+
                Transfer    |    269 |    {n} |    {sum}
                            |   7.02 |   6.16 |  13.19
                            |  53.26 |  46.74 |
                ------------+--------+--------+
"""


def test_rows_without_a_label_of_sas_keep_their_place() -> None:
    assert rules(read_text(SAS.format(n=236, sum=505))) == set()
    assert "small-count" in rules(read_text(SAS.format(n="  5", sum=274)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 928 ont été exclus (dialyse : 1 514 ; âge inférieur à 18 ans : 412 ; étranger : 2).", True),
        ("1 928 ont été exclus (dialyse : 1 310 ; âge inférieur à 18 ans : 412 ; étranger : 206).", False),
        ("Of 1,928 exclusions, 1,514 were for dialysis, 410 for age and 4 for moving abroad.", True),
        ("Fetal Matern Med Rev. 2001;12(1):23-39, with 35 = 23 + 12 references over 7 + 28 pages.", False),
    ],
)
def test_numbers_that_add_up_are_parts(text: str, found: bool) -> None:
    assert ("small-count" in rules(read_text(text, source=Source.PROSE))) is found


@pytest.mark.parametrize(("uncemented", "found"), [(18222, {"complement"}), (18227, set()), (17002, set())])
def test_nested_groups_are_held_against_the_size_before_them(uncemented: int, found: set[str]) -> None:
    flow = {"screened": 52310, "included": 48207, "analysed": {"cemented": 29980, "uncemented": uncemented}}
    made = trees.facts(trees.read(json.dumps(flow).encode(), limits_of(OutputRules())))
    assert rules(made) == found


TAB = """
           |          sex
 phenotype |    Female       Male |     Total
-----------+----------------------+----------
     Ileal |     1,210      {n} |     {sum}
           |     24.20      22.94 |     23.58
-----------+----------------------+----------
   Colonic |     2,150      2,033 |     4,183
           |     43.00      42.25 |     42.63
"""


def test_what_stands_below_the_name_of_a_variable_is_its_level() -> None:
    assert rules(read_text(TAB.format(n="1,104", sum="2,314"))) == set()
    assert "small-count" in rules(read_text(TAB.format(n="    6", sum="1,216")))


def test_quartiles_behind_a_median_are_no_array() -> None:
    assert rules(read_text("duree (median [IQR])   6.00 [3.00, 12.00]  8.00 [4.00, 14.00]")) == set()
    assert rules(read_text("confusion: [[412, 3], [8, 301]]")) != set()


def test_the_ends_of_an_interval_stand_beside_an_estimate() -> None:
    rows = ("femme|1.12|1.04|1.21", "age|0.95|0.92|0.97", "tabac|1.31|1.20|1.43")
    assert rules(grid("terme|OR|2,5 %|97,5 %", *rows)) == set()
    assert rules(grid("analyte|mean|2,5 %|97,5 %", *rows)) == {"percentile"}


@pytest.mark.parametrize(("count", "found"), [("2040", set()), ("7", {"small-count"})])
def test_lines_of_comments_are_no_header(count: str, found: set[str]) -> None:
    head = "# Asthma, adults, 2018\n# Source: claims\nseason,visits,admitted,share,days\n"
    text = f"{head}winter,18240,4110,22.5,3\nsummer,11870,{count},17.2,2\n"
    made = delimited.facts(delimited.read(text.encode(), limits_of(OutputRules())))
    assert rules(made) == found
    assert [table.columns for table in made.tables] == [("season", "visits", "admitted", "share", "days")]


def test_comments_are_read_as_text() -> None:
    text = "# Nord,4\n# Sud,31\n# Est,28\n# Ouest,44\na,b,c,d\nx,120,130,140\ny,150,160,170\n"
    assert "small-count" in rules(delimited.facts(delimited.read(text.encode(), limits_of(OutputRules()))))


def test_years_below_a_pivots_title_are_its_header() -> None:
    rows = ("Lignes|2019|2020|2021|Total général", "Nord|412|366|398|1176", "Sud|621|559|605|1785")
    assert rules(grid("Somme de séjours|Colonnes|||", *rows, "Total général|1033|925|1003|2961")) == set()
    assert "small-count" in rules(grid("Somme de séjours|Colonnes|||", *rows, "Est|6|44|51|101"))


@pytest.mark.parametrize("found", [True, False])
def test_at_least_one_dose_holds_two_doses(found: bool) -> None:
    rows = [
        f"{year}|{n}|{n - (7 if found and year == 2021 else 900)}"
        for year, n in ((2019, 4120), (2020, 3877), (2021, 4210))
    ]
    assert rules(grid("School year|At least one dose|Two doses", *rows)) == ({"complement"} if found else set())


@pytest.mark.parametrize(
    ("columns", "safe"),
    [("Decile of patients|Share of cost (%)", True), ("Number of patients|Share of cost (%)", False)],
)
def test_tenths_of_patients_are_numbered(columns: str, safe: bool) -> None:
    rows = [f"{n}|{share}" for n, share in enumerate((1, 2, 3, 4, 6, 8, 11, 15, 20, 30), 1)]
    assert (rules(grid(columns, *rows)) == set()) is safe


def test_draws_from_a_posterior_are_no_persons() -> None:
    head = "4 chains, each with iter=2000; thin=1;\n         mean   sd  2.5%   50% 97.5% n_eff Rhat\n"
    rows = "alpha    1.21 0.05  1.11  1.21  1.31  3120    1\nbeta     0.05 0.01  0.03  0.05  0.07  2988    1\n"
    assert rules(read_text(head + rows)) == set()


@pytest.mark.parametrize(("least", "safe"), [(21, True), (2, False)])
def test_sizes_of_clusters_below_each_other(least: int, safe: bool) -> None:
    head = "Group variable: practice    Number of groups = 312\n                 Obs per group:\n"
    text = f"{head}                min = {least}\n                avg = 71.8\n                max = 204\n"
    assert (rules(read_text(text)) == set()) is safe


def test_a_caption_in_a_latex_table_is_no_header() -> None:
    head = r"\begin{longtable}{lcc}\caption{Codes} \\ \hline Affection & CIM-10 & @ \\ \hline "
    text = head + r"Diabète & E11 & 8 \\ AVC & I60 & 1 \\ \end{longtable}"
    assert rules(read_text(text.replace("@", "ALD"))) == set()
    assert "small-count" in rules(read_text(text.replace("@", "Patients")))


def test_how_many_clusters_are_tried_is_no_size() -> None:
    rows = ("2|0.31|4120", "3|0.36|2204", "4|0.34|1204")
    assert rules(grid("k|silhouette|largest cluster, n", *rows)) == set()
    assert "small-count" in rules(grid("k|silhouette|smallest cluster, n", *rows[:2], "4|0.34|6"))


def test_only_one_of_the_studies_is_no_person() -> None:
    assert (
        rules(read_text("Only one of the four cohort studies followed patients for 5 years.", source=Source.PROSE))
        == set()
    )
    assert rules(read_text("Only one of the four treated patients died.", source=Source.PROSE)) != set()


def test_lines_that_differ_in_a_size_are_no_table() -> None:
    assert rules(read_text("\n".join(f"Class {k} (n = {n:,})" for k, n in ((1, 4120), (2, 3310), (3, 2204))))) == set()
    assert rules(read_text("\n".join(f"Class {k} (n = {n})" for k, n in ((1, 412), (2, 331), (3, 4))))) != set()


def test_a_level_of_a_factor_has_a_column_of_its_own() -> None:
    rows = ("age||1|0.008|0.003|7.1|1.008", "tabac|1|1|0.212|0.031|46.8|1.236")
    assert (
        rules(
            grid(
                "Parameter||DF|Estimate|Standard error|Chi-Square|Hazard ratio",
                "bras|2|1|0.121|0.028|18.7|1.129",
                *rows,
            )
        )
        == set()
    )
    assert "small-count" in rules(grid("Parameter||Total|Mean", "bras|2|412|61.2", "tabac|4|388|60.1"))


def test_numbers_of_a_list_are_no_parts_of_what_stands_before() -> None:
    text = "Les grossesses retenues sont 91 % des 6 169 grossesses, voir le tableau S1. 3. L'écart est faible."
    assert rules(read_text(text, source=Source.PROSE)) == set()
    assert rules(read_text("Sur 6 169 grossesses, 3 ont été perdues de vue.", source=Source.PROSE)) != set()


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("smoker|births", "0|29830", "1|6170"), set()),
        (("smoker|deaths", "0|298", "1|4"), {"small-count"}),
        (("deaths|births", "0|29830", "1|6170"), {"small-count"}),
        (
            (
                "age_group|parity|caesarean|vaginal",
                "< 25|0|424|1793",
                "< 25|1|282|1615",
                "25-29|0|995|3968",
                "25-29|1|620|3335",
            ),
            set(),
        ),
        (
            (
                "age_group|parity|caesarean|vaginal",
                "< 25|0|424|1793",
                "< 25|1|2|1615",
                "25-29|0|995|3968",
                "25-29|1|620|3335",
            ),
            {"small-count"},
        ),
        (("age_group|eclampsia|vaginal", "< 25|12|424", "< 25|3|282", "25-29|11|995", "25-29|5|620"), {"small-count"}),
        (("age_group|deaths|vaginal", "< 25|0|424", "< 25|1|282", "25-29|0|995", "25-29|1|620"), {"small-count"}),
    ],
)
def test_levels_that_are_numbers_are_no_counts(rows: tuple[str, ...], found: set[str]) -> None:
    assert rules(grid(*rows)) == found


@pytest.mark.parametrize(
    ("heading", "safe"),
    [
        ("n_unique", True),
        ("Nombre de valeurs distinctes", True),
        ("nunique", True),
        ("unique patients", False),
        ("n", False),
    ],
)
def test_distinct_values_are_no_persons(heading: str, safe: bool) -> None:
    found = rules(grid(f"item|{heading}|rows", "parity|3|36000", "smoker|2|36000", "diagnoses|812|36000"))
    assert ("small-count" not in found) is safe


@pytest.mark.parametrize(("rest", "found"), [("2707 (43.9)", set()), ("7 (0.1)", {"small-count"})])
def test_a_blank_line_below_levels_of_headings_parts_no_table(rest: str, found: set[str]) -> None:
    rows = (
        "||Grouped by smoker|||",
        "||Overall|0|1|P-Value",
        "",
        "n||36000|29828|6172|",
        "age, mean (SD)||30.4 (5.2)|30.4 (5.2)|30.4 (5.2)|0.8",
        f"parity, n (%)|0|15435 (42.9)|12728 (42.7)|{rest}|0.412",
        "|1|12411 (34.5)|10273 (34.4)|2138 (34.6)|",
    )
    assert rules(delimited.facts(delimited.Document([row.split("|") for row in rows]))) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2016: 6031 births, 4.0% preterm\n2017: 6050 births, 3.8% preterm\n2018: 5952 births, 4.1% preterm\n", set()),
        (
            "2016: 6031 births, 4.0% preterm\n2017: 6 births, 3.8% preterm\n2018: 5952 births, 4.1% preterm\n",
            {"small-count"},
        ),
        ("1,91 [1,71 ; 2,14]\n1,35 [1,15 ; 1,59]\n1,06 [0,90 ; 1,26]\n1,16 [1,02 ; 1,32]\n", set()),
        ("Nord (CHU,4,120\nSud,35,150\nEst,61,90\nOuest,16,33\n", {"small-count"}),
    ],
)
def test_lines_that_are_alike_are_cut_where_they_part(text: str, found: set[str]) -> None:
    assert rules(read_text(text)) == found


@pytest.mark.parametrize(
    ("rows", "safe"),
    [
        (("Role|People", "Biostatisticians|2", "Data managers|3", "Clinicians|6"), True),
        (("Fonction|Nombre", "Chef de projet|1", "Ingénieurs d'étude|2", "Médecins|4", "Total|7"), True),
        (("Role|Cases", "Biostatisticians|2", "Data managers|3", "Clinicians|6"), False),
        (("Role|Number", "Nurses|2", "Physicians|3", "Data managers|6"), False),
        (("Occupation|Number", "Epidemiologists|2", "Data managers|3"), False),
    ],
)
def test_a_team_is_not_who_is_studied(rows: tuple[str, ...], safe: bool) -> None:
    assert ("small-count" not in rules(grid(*rows))) is safe


@pytest.mark.parametrize(
    ("rows", "safe"),
    [
        (("x|y|z", "0.0|0.4|1.5", "0.1|0.9|1.6", "0.2|0.7|1.5"), True),
        (("q|age|los", "0.0|18.4|1.5", "0.1|30.9|1.6", "0.2|40.7|1.5"), False),
        (("|age|los", "0.01|18.4|1.5", "0.1|30.9|1.6", "0.2|40.7|1.5"), False),
        (("|value", "Homes randomised|14", "Median residents per home|79"), True),
        (("|value", "Residents randomised|14", "Median age|79"), False),
    ],
)
def test_places_on_an_axis_and_figures_of_places_are_no_percentiles_of_persons(
    rows: tuple[str, ...], safe: bool
) -> None:
    assert ("percentile" not in rules(grid(*rows))) is safe


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("|A (n = 412)|B (n = 409)", "eGFR slope, mL/min per year (SE)|-2.86 (0.11)|-3.79 (0.11)"), set()),
        (("|A (n = 412)|B (n = 409)", "eGFR, min|12.86|13.79"), {"extreme"}),
        (("Step|Records", "Identified in PubMed|2412", "Full texts|171", "Included studies|9"), set()),
        (("Step|Records", "Identified|2412", "Eligible patients|171", "Included|9"), {"small-count"}),
        (("Step|Patients", "Identified in PubMed|2412", "Full texts|171", "Included studies|9"), {"small-count"}),
        (("Outcome|Studies|Participants", "Kidney failure|5|21480", "Death|7|26112"), set()),
        (("Outcome|Studies|Participants", "Kidney failure|5|21480", "Death|7|9"), {"small-count"}),
    ],
)
def test_units_and_what_a_review_counts_are_no_persons(rows: tuple[str, ...], found: set[str]) -> None:
    assert rules(grid(*rows)) == found


@pytest.mark.parametrize(
    ("names", "safe"),
    [
        (("log2 fold change of 300 proteins", "-log10 p"), True),
        (("Chromosome", "-log10(p-value)"), True),
        (("Systolic pressure", "Albuminuria"), False),
        (("Systolic pressure", "-log10 p"), False),
    ],
)
def test_marks_over_their_p_value_are_tests(names: tuple[str, ...], safe: bool) -> None:
    axes = tuple(Series(SeriesKind.AXIS, labels=(name,), where="figure") for name in names)
    marks = Sign(SignKind.MARKERS, "figure", rows=81)
    assert (not rules(Facts(series=axes, signs=(marks,)))) is safe


STATA = "    triage |         0          1 |     Total\n-----------+----------------------+----------\n"
STATA += "         1 | {few:>9}      3,204 |     4,016\n           |     20.22      79.78 |    100.00\n"
STATA += "-----------+----------------------+----------\n         2 |    21,480     18,112 |    39,592\n"
STATA += "           |     54.25      45.75 |    100.00\n-----------+----------------------+----------\n"
STATA += "     Total |    22,292     21,316 |    43,608\n           |     51.12      48.88 |    100.00\n"


@pytest.mark.parametrize(("few", "found"), [("812", set()), ("6", {"small-count"})])
def test_levels_that_are_numbers_above_a_total_label_rows(few: str, found: set[str]) -> None:
    assert {r for r in rules(read_text(STATA.format(few=few))) if r == "small-count"} == found


TRIAL = "[I 2024-02-12 10:0{n}:41,902] Trial {n} done with 0.81 and {{'depth': 6}}. Best is {what} {best} with 0.8.\n"


@pytest.mark.parametrize(("what", "safe"), [("trial", True), ("deaths", False)])
def test_numbers_behind_the_name_of_a_thing_count_nobody(what: str, safe: bool) -> None:
    text = "".join(TRIAL.format(n=n, what=what, best=best) for n, best in enumerate((2, 3, 2, 12)))
    assert ("small-count" not in rules(read_text(text))) is safe


@pytest.mark.parametrize(
    ("rows", "safe"),
    [
        (("term|coef|se|p", "post|-0.021|0.009|0.02", "treated|0.104|0.02|0.0", "both|-0.038|0.011|0.001"), True),
        (("percentile|los", "0|1", "50|6", "100|214"), False),
        (("Difference|Power 80 %", "4 %|1888", "6 %|820", "8 %|452"), True),
        (("|Power 80 %", "4 %|1888", "6 %|820", "8 %|452"), False),
        (("Site|Men, n|Women, ASR (World)", "Bladder|361|3", "Colon|1804|17.2"), True),
        (("Site|Men, n|Women, n", "Bladder|361|3", "Colon|1804|17"), False),
        (("Layer (type)|Param #", "dense|1344", "dense_2|9"), True),
        (("Layer (type)|Persons", "dense|1344", "dense_2|9"), False),
        (("site|1|2|3|4", "CHU|88|86|87|84", "Est|76|86|85|84"), True),
        (("site|1|2|3|4", "CHU|88|86|87|84", "Est|76|8|85|84"), False),
    ],
)
def test_levels_rates_and_parameters_are_no_persons(rows: tuple[str, ...], safe: bool) -> None:
    assert (not rules(grid(*rows))) is safe


def test_the_answer_no_beside_yes_is_no_number_of_rows() -> None:
    few = ("CC|7494|6|7500", "|99.92|0.08|", "UC|5391|2109|7500", "|71.88|28.12|")
    assert "small-count" in rules(grid("Row Pct|No|Yes|Total", *few))
    many = ("CC|4890|2610|7500", "|65.20|34.80|", "UC|5391|2109|7500", "|71.88|28.12|")
    assert rules(grid("Row Pct|No|Yes|Total", *many)) == set()


@pytest.mark.parametrize(("few", "found"), [(212, set()), (4, {"small-count"})])
def test_every_group_of_a_chart_is_read(few: int, found: set[str]) -> None:
    """Of two groups the table has as many columns as the chart, and the first is figures all the same."""
    stage, sex = ("I", "I", "II", "II"), ("F", "M", "F", "M")
    keys = (panel.Column("stage", "x", stage, key=True), panel.Column("sex", "group", sex, key=True))
    shown = panel.Panel("bar", (*keys, panel.Column("patients", "y", (few, 120, 188, 203))))
    assert {r for r in rules(panel.facts(shown)) if r == "small-count"} == found
