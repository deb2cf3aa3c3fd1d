"""Signs that a table shows persons, one per row, and not groups of them.

Decides from form alone, without the data. Worked example: `df.head()` of a study — a running index 0 to 4, columns
`age`, `sex` (F, M, F, F, M), `stage`, `time`, `event` — has no figure that describes a group and labels that name no
row: rows of persons, refused. A table of five models with `AUC` and `F1` beside each name has both: passes.
"""

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ecluse.checks.disclosure.words import Measure, measure_of, plain
from ecluse.checks.facts import Compound, Facts, Interval, Masked, Sign, SignKind, Table, Text, Value

from .matched import FEW_ROWS, MANY_ROWS, headed_by_persons, number_of

LONG_CODE = 9
"""Signs from which a code is one of a register: there are not as many wards or drugs."""
_MANY = 10
_LEVEL = (Measure.UNKNOWN, Measure.CODE)
"""What the heading of a crosstab's column says of figures: nothing, it is a level."""
SHORT_CODE = 5
"""Signs of the shortest code that tells nothing of itself."""
LONG = 50
"""Rows of a display that a table of results seldom has."""
_AGGREGATES = frozenset(
    {
        Measure.COUNT,
        Measure.PERCENT,
        Measure.RATE,
        Measure.MEAN,
        Measure.SPREAD,
        Measure.EXTREME,
        Measure.PERCENTILE,
        Measure.MODEL,
        Measure.DOF,
    }
)
_PERSONAL = re.compile(
    r"^(?:sexe?|gender|genre|age|birth(?!s$|s_|_?rate).*|naiss(?!ances$|ances_).*|date_?naiss.*|dob|ddn|ben_.*|prs_.*|exe_soi.*|commune|code_?postal|cp"
    r"|zip.*|postcode|ville|town|city|diag(?:nos\w*)?|patholog\w*|maladie|nom|prenom|name|first_?name|last_?name|surname|deces|dcd|death_?date|date_.*|.*_date|.*_dt[ed]"
    r"|entree|sortie|admission|discharge|diagnosis_date|time|event|cens|status|statut|weight|poids|height|taille|bmi|imc)$"
)
_ID = re.compile(
    r"(?:^|[_ .-])(?:id|ids|uid|uuid|nir|ipp|iep|nip|nda|ins|pseudo\w*|identifiant"
    r"|num(?:ero)?_?(?:patient|sejour|dossier)"
    r"|patient_?id|subject_?id|person_?id|nir_psa|nir_ano\w*|num_enq)(?:$|[_ .-])|^(?:patient|sujet|subject|person)$"
)
_OTHER_ID = re.compile(
    r"hop|hosp|centre|center|site|cluster|model|drug|medic|cip|atc|region|dep|commune|group|run|trial|fold|node|etab"
    r"|finess|service|unit|question|item|variable|feature|rule|cat|class|study|etude"
)
_DAY = re.compile(r"^(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))(?:[ T]\d.*)?$")
_NUMBERED = re.compile(r"[^\W\d_]{1,12}[-_ ]?\d{1,8}")
_OPAQUE = re.compile(
    r"^(?:[0-9a-f]{8,}|[A-Za-z](?=.*\d)(?:[0-9A-F]{12,}|[0-9a-f]{12,})|[A-Z2-7]{12,}|(?=.*\d)[a-z2-7]{16,}"
    r"|[A-Za-z]{1,4}[-_]?\d{4,}|\d{6,})$"
)


_PLANNED = re.compile(
    r"(?:tasks?|taches?|phases?|etapes?|steps?|milestones?|jalons?|livrables?|deliverables?|lots?|work ?packages?|wp"
    r"|activit(?:y|ies|es?)|versions?|releases?|reunions?|meetings?|workshops?|ateliers?|analys[ei]s|chapters?|chapitres?)"
)
"""Headings of what a project plans, each in a row of its own."""
_VARIANT = re.compile(r"rs\d{2,10}|(?:chr)?(?:\d\d?|[XY]):\d{3,9}(?:[:_][ACGT]+[:_][ACGT]+)?")
"""Places of the genome: many carry each variant."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of a table says: points for rows of persons, and why."""

    score: float
    reasons: tuple[str, ...]
    rows: int


def form(table: Table, facts: Facts, position: int) -> Form:
    """Points for "rows of persons": from 3 on it is one, from 2 on it may be."""
    rows = len(table.cells)
    if named := headed_by_persons(table):
        return Form(3.0, (named,), rows)
    if rows < FEW_ROWS or len(table.columns) < FEW_ROWS or _statistic_rows(table):
        return Form(0.0, (), rows)
    if sideways := _sideways(table):
        return Form(3.0, sideways, rows)
    numbers = [[number_of(cell) for cell in table.column(c)] for c in range(len(table.columns))]
    if matrix := _matrix(table, numbers):
        return Form(2.0, matrix, rows)
    if _shares(numbers) or _planned(table, numbers):
        return Form(0.0, (), rows)
    signs = [s for s in facts.signs if s.table == position]
    columns = [_Column(table, c, numbers[c]) for c in range(len(table.columns))]
    data = [c for c in columns if not c.running]
    aggregates = sum(c.aggregate for c in data)
    unnamed = any(c.running for c in columns[: max(table.stub, 1)])
    # Levels 1, 2, 3 of one variable beside levels of another are a crosstab.
    levels = bool(table.columns[0].strip()) and all(h.strip().isdecimal() for h in table.columns[1:])
    unnamed = unnamed or (not levels and any(s.kind is SignKind.RUNNING_INDEX for s in signs))
    points = [*_column_points(data), *_row_points(columns[0], data, signs, rows, aggregates, unnamed=unnamed)]
    score = sum(p for p, _ in points)
    if not any(
        c.identity or c.registered for c in data
    ):  # a number of stays beside a patient's id describes that patient
        score -= 1.5 * aggregates
    if any(c.names_rows and not c.opaque for c in data):
        score -= 1
    telling = unnamed or columns[0].row_numbers or any(c.tells_persons for c in data)
    return Form(score if telling else min(score, 1.9), tuple(reason for _, reason in points), rows)


def _row_points(
    first: "_Column", data: list["_Column"], signs: list[Sign], rows: int, aggregates: int, *, unnamed: bool
) -> Iterator[tuple[float, str]]:
    """Points that the rows give as such: how they are named, and what they are cut from."""
    if unnamed:
        yield 1.0, "rows are numbered, not named"
    if unnamed and rows >= MANY_ROWS and len(data) == 1 and data[0].single_values:
        yield 1.5, f"{data[0].heading or 'its only column'!r} gives one value per numbered row"
    if first.row_numbers and not aggregates:
        yield 2.0, "rows carry the numbers that they had in a longer table"
    named = any(c.names_rows for c in data) or _crossed(data) or _one_figure(data)
    if not aggregates and len(data) > FEW_ROWS and not named:
        yield 1.5, "no column names the rows and none describes a group"
    longest = max((s.rows or 0 for s in signs if s.kind in (SignKind.TRUNCATED, SignKind.SHAPE)), default=0)
    if longest > rows or longest > LONG:
        yield 1.0, f"it is cut from {longest:,} rows"


class _Column:
    """One column of a table, as far as form goes."""

    def __init__(self, table: Table, number: int, numbers: list[float]) -> None:
        cells = table.column(number)
        self.heading = table.columns[number]
        self.texts = [c.text.strip() for c in cells]
        words = any(type(c) is not Value for c in cells)
        filled = [t for t, c in zip(self.texts, cells, strict=True) if not (words and isinstance(c, Text) and c.blank)]
        self.filled = filled
        self.unique = len(set(filled)) / len(filled) if filled else 0.0
        self.numbers = numbers
        numeric = [n for n in self.numbers if not math.isnan(n)]
        self.numeric = len(numeric) * 2 > len(cells)
        # Only columns without a heading number their rows.
        whole = [] if self.heading.strip() else [int(n) for n in numeric if n.is_integer()]
        self.running = (
            len(whole) == len(cells) > 1
            and all(b - a == 1 for a, b in itertools.pairwise(whole))
            and (whole[0] in (0, 1) or number < table.stub)
        ) or plain(self.heading).startswith("unnamed: 0")
        self.measure = measure_of(self.heading)
        key = plain(self.heading).replace(" ", "_")
        self.days = words and len(filled) > 1 and sum(bool(_DAY.match(t)) for t in filled) * 2 > len(filled)
        longest = max(map(len, filled), default=0)
        coded = [t for t in filled if _OPAQUE.match(t)] if longest >= SHORT_CODE else []
        # Counts have as many digits as they please; codes of digits only have one length.
        same = len({len(t) for t in coded}) == 1 or not all(t.isdecimal() for t in coded)
        self.opaque = len(filled) > 1 and len(coded) * 5 > len(filled) * 4 and same
        self.opaque = self.opaque and not all(map(_VARIANT.fullmatch, filled))
        self.registered = self.opaque and self.unique > 0.8 and min(map(len, filled)) >= LONG_CODE
        self.identity = bool(_ID.search(key)) and not _OTHER_ID.search(key) and not self.measure_is_group
        # Scenarios and models have names, too: those of persons begin with a capital.
        lower = key in ("name", "nom") and bool(filled) and all(t[:1].islower() for t in filled)
        self.personal = bool(_PERSONAL.match(key)) and not lower
        self.flags = self.numeric and len(numeric) > FEW_ROWS and set(numeric) <= {0.0, 1.0}
        self.may_identify = self.measure in (Measure.UNKNOWN, Measure.CODE, Measure.DATE) and not _OTHER_ID.search(key)
        self.masked = words and any(isinstance(c, Masked | Interval | Compound) for c in cells)
        self.row_numbers = (
            len(whole) == len(cells) > FEW_ROWS
            and len(set(whole)) == len(whole)
            and max(whole) >= 5 * len(whole)
            and not self.running
            and not all(1900 <= n <= 2100 for n in whole)  # years
            and len({b - a for a, b in itertools.pairwise(whole)}) > 1
        )
        self.single_values = self.numeric and self.unique > 0.8 and not self.measure_is_group
        self.tells_persons = self.identity or self.opaque or self.days or self.personal or self.flags
        self.aggregate = (self.measure_is_group or self.masked) and not self.days and not self.flags
        self.names_rows = not self.numeric and not self.days and len(filled) > 1 and self.unique == 1.0
        # "D-01, D-02, D-03" number the rows; a town or a diagnosis is told of somebody.
        self.names_rows = (
            self.names_rows and not _in_order(filled) and not (self.personal and len(table.columns) > FEW_ROWS)
        )
        self.repeats = not self.numeric and not self.days and len(filled) > FEW_ROWS and self.unique < 0.9

    @property
    def measure_is_group(self) -> bool:
        # A heading "patient" over codes names the persons, it does not count them.
        coded = bool(self.filled) and all(map(_NUMBERED.fullmatch, self.filled))
        return self.measure in _AGGREGATES and (self.numeric or not (self.opaque or coded))


def _column_points(columns: list[_Column]) -> list[tuple[float, str]]:
    out: list[tuple[float, str]] = []
    for column in columns:
        heading = column.heading or "a column without a name"
        near_unique = len(column.filled) > FEW_ROWS and column.unique > 0.8
        if column.identity and (near_unique or column.opaque):
            out.append((3.0, f"{heading!r} identifies persons"))
        elif column.opaque and near_unique and not column.aggregate and column.may_identify:
            long = all(len(t) >= LONG_CODE for t in column.filled)
            out.append((2.0 if long else 1.5, f"{heading!r} holds near-unique codes"))
        elif column.days and near_unique:
            out.append((1.5, f"{heading!r} holds a day per row"))
        elif column.personal and not column.aggregate:
            out.append((0.75, f"{heading!r} is an attribute of a person"))
        elif column.flags:
            out.append((0.75, f"{heading!r} is 0 or 1 in each row"))
    repeats = [c for c in columns if c.repeats and not c.personal]
    if _crossed(columns):
        out = [(points, why) for points, why in out if not why.endswith("attribute of a person")]
    elif repeats:
        out.append((0.5 * min(len(repeats), 3), "categories repeat from row to row"))
    return out


def _in_order(texts: list[str]) -> bool:
    """Whether labels only count: `P1, P2, P3`, `D-01, D-02`."""
    parts = [re.fullmatch(r"([A-Za-zÀ-ÿ]{0,12}[-_ ]?)(\d{1,6})", t) for t in texts]
    if len(texts) <= FEW_ROWS or not all(parts) or len({p[1] for p in parts if p}) != 1:
        return False
    return all(b - a == 1 for a, b in itertools.pairwise(int(p[2]) for p in parts if p))


def _crossed(columns: list[_Column]) -> bool:
    """Whether the rows are every combination of two or more categories, once each, with broken numbers beside: means.

    Persons hardly ever come one per combination, and their ages are whole. Whole numbers beside are counts where the
    combinations stand in their order and several columns without a name of a figure hold large ones: a crosstab.
    """
    keys = [c for c in columns if not c.numeric and not c.days and not c.opaque and c.texts[0]]
    figures = [c for c in columns if c.numeric]
    names = [_repeated(c.texts) for c in keys]
    rows = list(zip(*names, strict=True))
    size = math.prod(len(set(texts)) for texts in names)
    if not (len(keys) > 1 and figures and len(rows) == len(set(rows)) == size > 3):
        return False
    if all(any(not n.is_integer() for n in c.numbers if not math.isnan(n)) for c in figures):  # broken
        return True
    counted = len(figures) > FEW_ROWS and rows == list(itertools.product(*map(dict.fromkeys, names)))
    return counted and all(c.measure in _LEVEL and min(c.numbers) > _MANY for c in figures)


def _one_figure(columns: list[_Column]) -> bool:
    """Whether rows that differ hold one figure at the levels of a group: `remission / CBT` beside others."""
    labels = [c for c in columns if not c.numeric]
    heads = [c.heading.rpartition(" / ")[0] for c in columns if c.numeric]
    alone = len(labels) == 1 and labels[0].unique == 1.0 and not labels[0].opaque and not labels[0].identity
    return alone and len(heads) > 1 and bool(heads[0]) and len(set(heads)) == 1


def _repeated(texts: list[str]) -> list[str]:
    """Labels with what pandas leaves blank below them, or merges, written again."""
    out: list[str] = []
    for text in texts:
        out.append(text or (out[-1] if out else ""))
    return out


def _sideways(table: Table) -> tuple[str, ...]:
    """Persons in columns: rows named after a person's attributes under numbered or unnamed columns."""
    labels = [plain(c.text).replace(" ", "_") for c in table.column(0)]
    named = [
        n
        for n, label in enumerate(labels)
        if _PERSONAL.match(label) or (_ID.search(label) and not _OTHER_ID.search(label))
    ]
    heads = [h.strip() for h in table.columns[1:]]
    if not any(map(str.strip, table.columns)) and not labels[0]:  # numbers above a frame's columns look like a row
        heads = [c.text.strip() for c in table.cells[0][1:]]
    bare = sum(not h or h.isdecimal() or bool(_OPAQUE.match(h)) for h in heads)
    # One or two persons: only row numbers of a longer table tell them from components.
    sampled = (
        1 <= len(heads) <= FEW_ROWS
        and len(named) > FEW_ROWS
        and all(h.isdecimal() and int(h) > MANY_ROWS for h in heads)
    )
    if len(named) < FEW_ROWS or (len(heads) <= FEW_ROWS and not sampled) or bare < len(heads):
        return ()
    again = [{plain(c.text).replace(" ", "_") for c in row[1:]} & set(labels) - {""} for row in table.cells]
    if any(len(names) >= FEW_ROWS for names in again):  # a matrix of variables with each other, named below it
        return ()
    values = [number_of(c) for n in named for c in table.cells[n][1:]]
    # Loadings of components have attributes for rows and numbered columns too, but small broken values.
    personal = sum(math.isnan(v) or (v.is_integer() and abs(v) > 1) for v in values)
    return (
        (f"its rows are attributes of persons, its {len(heads)} columns are numbered",)
        if personal * 3 > len(values)
        else ()
    )


def _shares(numbers: list[list[float]]) -> bool:
    """Rows of shares that add up to 1: of states in a cycle of a model, of answers to a question."""
    shares = [
        column for column in numbers if all(0 <= n <= 1 for n in column) and any(not n.is_integer() for n in column)
    ]
    near = 0.01 * len(shares)
    return len(shares) > FEW_ROWS and all(abs(sum(row) - 1) < near for row in zip(*shares, strict=True))


def _planned(table: Table, numbers: list[list[float]]) -> bool:
    """Whether rows are the tasks of a project, with their days; nothing beside them identifies or describes persons."""
    if not any(_PLANNED.fullmatch(plain(heading)) for heading in table.columns):
        return False
    columns = [_Column(table, c, numbers[c]) for c in range(len(table.columns))]
    tasks = [c for c in columns if _PLANNED.fullmatch(plain(c.heading)) and c.names_rows and not c.opaque]
    return bool(tasks) and not any(c.identity or c.opaque or c.flags or (c.personal and not c.days) for c in columns)


_OF_RUNS = re.compile(r"mean|score|auc|std|param|loss|epoch|fold|lr|rank|coef|estimate|p[-_ ]?val")


def _ordered(column: list[float]) -> bool:
    """Whether values only rise or only fall: the axis of a curve."""
    return column in (sorted(column), sorted(column, reverse=True)) or any(map(math.isnan, column))


def _scattered(column: list[float]) -> bool:
    """Broken numbers, many of them once: values of persons that were scaled still come in as few as they had."""
    return len(set(column)) > 0.4 * len(column) and any(not n.is_integer() for n in column)


def _matrix(table: Table, numbers: list[list[float]]) -> tuple[str, ...]:
    """Many rows of numbers without any name: an array of a data set, or true values beside predictions."""
    heads = [plain(h) for h in table.columns]
    rows = len(table.cells)
    if rows < MANY_ROWS:
        return ()
    if any(re.search(r"\by_?(?:pred|hat|prob|score|true|test)", h) for h in heads):
        return (f"it holds a prediction for each of {rows} rows",)
    if rows >= 2 * MANY_ROWS and not any(_OF_RUNS.search(h) for h in heads):
        told = sum(_scattered(c) or bool(_PERSONAL.match(h)) for c, h in zip(numbers, heads, strict=True))
        if len(heads) >= FEW_ROWS and told >= min(len(heads), FEW_ROWS + 1) and not any(map(_ordered, numbers)):
            return (f"it holds {rows} rows of near-unique numbers in no order, and nothing names the rows",)
    if rows <= 2 * len(heads) or not all(not h or h.isdecimal() for h in heads):
        return ()
    flat = list(itertools.chain.from_iterable(numbers))
    if any(map(math.isnan, flat)) or all(abs(n) <= 1 for n in flat) or all(map(float.is_integer, flat)):
        return ()
    return (f"it holds {rows} rows of {len(heads)} numbers without any name",)


def _statistic_rows(table: Table) -> bool:
    """Whether the rows are named after statistics: `describe()`, or a table of characteristics. P1 may be a patient."""
    if _ID.search(plain(table.columns[0]).replace(" ", "_")):
        return False
    labels = [plain(label) for label in table.rows] if table.stub else [c.text for c in table.column(0)]
    named = sum(measure_of(label) in _AGGREGATES for label in labels)
    return named * 2 > len(labels)
