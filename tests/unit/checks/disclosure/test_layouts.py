"""Tables and pictures in the layouts of packages and offices: what is a count there, and what is none."""

import json

import pytest

from ecluse.checks.charts import panel
from ecluse.checks.facts import Facts, Passage, Source
from ecluse.checks.kinds import delimited, trees
from ecluse.checks.kinds.layout import read_text
from ecluse.checks.limits import limits_of
from ecluse.rules.policy import OutputRules
from unit.checks.disclosure.tables import grid, rules


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
