"""Values of single persons outside of any list of rows: one row alone, a list in a cell, a list below a key.

Decides from form alone. Worked example: one row `sexe F, age 52, duree_sejour 37, diagnostic N39.0` is one person's, as
a printed series of the same four lines is; `sexe F, age 52, n 412` describes a group. A cell `[87, 60, 83, 66]` and
`ages = [34, 51, 47, 62]` list persons one by one; `age_bins = [18, 40, 65]` and `hidden = [64, 32, 16]` are settings.
`patient 1`, `patient 2` name the rows of a table after persons.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from ecluse.checks.disclosure.words import Measure, measure_of, plain
from ecluse.checks.facts import Facts, Passage, Source, Table, Text
from ecluse.rules.finding import Finding, Place, Severity

_SEX_KEY = re.compile(r"sexe?|gender|genre")
_SEX = re.compile(r"[MFH]|male|female|homme|femme|masculin|feminin|man|woman", re.IGNORECASE)
_AGE_KEY = re.compile(r"age(?:_(?:years?|ans|at_\w+|a_l_\w+))?(?: ?\((?:years?|ans|y)\))?|ddn|dob|birth\w*|naiss\w*")
_AGE = re.compile(r"\d{1,3}|\d{4}-\d\d-\d\d.*|\d\d/\d\d/\d{4}")
_OF_GROUPS = (Measure.COUNT, Measure.PERCENT, Measure.RATE, Measure.MEAN, Measure.SPREAD, Measure.MODEL)
_OF_ONE = re.compile(
    rf"{_SEX_KEY.pattern}|{_AGE_KEY.pattern}|diag\w*|commune|ville|town|city|cp|code_?postal|postcode"
    rf"|profession|patholog\w*"
)
_LEAST_TOLD = 4
"""What is told of one person at the least: sex, age and two more."""
_LINE = re.compile(r"^(?P<key>[A-Za-zÀ-ÿ_][\w .()'-]{0,30}?)(?:[ \t]{2,}|\t|[ ]?[:=][ ]?)(?P<value>\S[^\n]{0,40})$")
_PAIRS = re.compile(r"(?<!\w)([A-Za-zÀ-ÿ_]{2,20}) ?[=:] ?['\"]?([^,;|'\"\n]{1,30})['\"]?(?=[,;|)}\].]|$)")
_LEAST_INLINE, _LONGEST = 3, 400
"""What a line tells of one person, and letters of a line that may."""
_LIST = re.compile(r"[\[({]\s*(?P<body>-?\d+(?:\.0)?(?:\s*[,;]\s*|\s+)-?\d+(?:(?:\s*[,;]\s*|\s+)-?\d+)+)\s*[\])}]")
_FEW = 4
"""Whole numbers in no order that make a list of persons' values whatever it is called."""
_MEASURED = re.compile(
    r"(?:^|_)(?:ages?|los|durees?|durations?|delais?|bmi|imc|tailles?|heights?|hba1c|creatinines?|followups?|suivis?)"
    r"(?:_(?:years?|ans|days?|jours|months|mois|patients?|cases?|deaths?|deces|events?|dead|died|cas|raw"
    r"|values?|list|all"
    r"|[a-z]))?$"
)
_SETTING = re.compile(
    r"bins?|cuts?|breaks?|knots?|grid|edges?|levels?|range|ticks?|quantiles?|percentiles?|mean|moy\w*"
    r"|median\w*|groups?|bands?"
    r"|thresholds?|seuils?|classes?|min|max|sd|std|coef\w*|sample|hidden|layer"
)
_LEAST_LISTED, _EVEN = 3, 5
_AGES_SAID = re.compile(
    r"\b(?:ages?|aged|agee?s?)\b[^.;\d\n]{0,24}(?P<list>\d{1,3}(?:, \d{1,3}){1,20},? (?:and|et|&) \d{1,3})"
    r"(?: ?(?:years?|yrs?|ans))?(?![\d.,]*\d| ?%)"
)
_AGES, _OLDEST = re.compile(r"(?:^|_)ages?(?:_|$)"), 120
_KEYED = re.compile(r"(?P<path>[^=\n]{1,200}?)\[(?P<at>\d{1,5})\] = $")
_BY_NUMBER = re.compile(
    r"(?:patiente?|pat\.?|pt|sujet|subject|malade|participante?|proband|volunteer|volontaire)[ _-]?"
    r"(?:n°|no\.?|nr\.?|#)?[ _-]?(?:\d{1,6}|[A-Z])",
    re.IGNORECASE,
)


def find(facts: Facts) -> Iterator[Finding]:
    """Findings on single persons, one of each form per table or passage."""
    for table in facts.tables:
        what = _of_table(table)
        if what:
            yield _finding(what, table.where, table.place)
    for passage in facts.passages:
        told = passage.source in (Source.OUTPUT, Source.PROSE)
        ages = _AGES_SAID.search(plain(passage.text)) if told else None
        if ages and _single_values([int(n) for n in re.findall(r"\d+", ages["list"])], "age"):
            yield _finding(
                f"The text lists the ages of single persons: '{ages[0][:80]}'.", passage.where, passage.place
            )
        if told and _printed(passage):
            yield _finding("The text shows the values of one person, line by line.", passage.where, passage.place)
    yield from _below_keys(facts)


def _of_table(table: Table) -> str:
    heads = [plain(h).strip().replace(" ", "_") for h in table.columns]
    for row in table.cells if len(table.cells) <= 2 else ():  # more rows are judged together
        if is_portrait(dict(zip(heads, (c.text.strip() for c in row), strict=True))):
            return "The table's row gives the values of one person."
    told = [h for h in heads if h]
    if told and all(map(_OF_ONE.fullmatch, told)) and len(told) > 1 and len(table.cells) > 0:
        rows = [dict(zip(heads, (c.text.strip() for c in row), strict=True)) for row in table.cells]
        if all(_has_sex_and_age(row) for row in rows):
            return "The table gives nothing but what single persons are: sex, age, place or illness."
    first = [c.text.strip() for row in table.cells for c in row[:1]]
    if len({t for t in first if _BY_NUMBER.fullmatch(t)}) > 1:
        return "The table has a row for each of some persons, named by their numbers."
    if sum(_BY_NUMBER.fullmatch(h.strip()) is not None for h in table.columns) > 1:
        return "The table has a column for each of some persons, named by their numbers."
    for number, head in enumerate(heads):
        for cell in table.column(number):
            found = _LIST.fullmatch(cell.text.strip()) if isinstance(cell, Text) else None
            if found and _single_values([int(n) for n in re.findall(r"-?\d+", found["body"])], head):
                return f"The cells of {table.columns[number][:60]!r} list values of single persons."
    return ""


def _has_sex_and_age(told: Mapping[str, str]) -> bool:
    sex = any(_SEX_KEY.fullmatch(k) and _SEX.fullmatch(v) for k, v in told.items())
    return sex and any(_AGE_KEY.fullmatch(k) and _AGE.fullmatch(v) for k, v in told.items())


def is_portrait(told: Mapping[str, str]) -> bool:
    """Whether attributes tell of one person: a sex, an age or a day of birth, two more, and no figure of a group."""
    group = any(measure_of(k.replace("_", " ")) in _OF_GROUPS for k in told)
    return _has_sex_and_age(told) and len(told) >= _LEAST_TOLD and not group


def _printed(passage: Passage) -> bool:
    """Whether lines of a key and a value in a row are the portrait of one person."""
    if any(_inline(line) for line in passage.text.splitlines() if "age" in line.lower() and len(line) < _LONGEST):
        return True
    told: dict[str, str] = {}
    for line in [*passage.text.splitlines(), ""]:
        found = _LINE.match(line.strip()) if len(line) <= 100 else None
        if found:
            told[plain(found["key"]).replace(" ", "_")] = found["value"].strip().strip("'\"")
        else:
            if is_portrait(told):
                return True
            told = {}
    return False


def _inline(line: str) -> bool:
    """Whether a line gives sex, age and more of one person: `age = 104, sexe = F, commune = Sein`."""
    told = {plain(key).replace(" ", "_"): value.strip() for key, value in _PAIRS.findall(line)}
    group = any(measure_of(k.replace("_", " ")) in _OF_GROUPS for k in told)
    return len(told) >= _LEAST_INLINE and _has_sex_and_age(told) and not group


def _single_values(numbers: Sequence[int], name: str) -> bool:
    """Whether numbers are values of persons: in no order, or called after what persons have and no round steps."""
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    ordered = list(numbers) in (sorted(numbers), sorted(numbers, reverse=True))
    if len(steps) == 1 or _SETTING.search(name):
        return False
    if _MEASURED.search(name):
        chosen = ordered and (not _AGES.search(name) or all(n % _EVEN == 0 for n in numbers[1:-1]))
        return len(numbers) >= _LEAST_LISTED and not chosen
    return not ordered and len(numbers) >= _FEW and len(set(numbers)) * 2 > len(numbers)


def _below_keys(facts: Facts) -> Iterator[Finding]:
    """Lists of a JSON below a key for ages, stays or costs."""
    numbered = ((n, _KEYED.match(n.before)) for n in facts.numbers)
    for path, group in itertools.groupby(((n, m) for n, m in numbered if m), key=lambda pair: pair[1]["path"]):
        listed = [n for n, _ in group]
        steps = path.split(" / ")
        key = plain(steps[-1]).strip().replace(" ", "_")
        whole = all(float(n.number).is_integer() for n in listed)
        ages = _AGES.search(key) is None or all(0 <= n.number <= _OLDEST for n in listed)
        values = [int(n.number) for n in listed] if whole else []
        if whole and ages and _MEASURED.search(key) and _single_values(values, key):
            yield _finding(
                f"The numbers below {path[-60:]!r} are values of single persons.", listed[0].where, listed[0].place
            )


def _finding(message: str, where: str, place: Place) -> Finding:
    return Finding(
        rule="row-dump",
        severity=Severity.REVIEW,
        where=where,
        message=message,
        fix="Leave single persons out and show what you learned from many: counts, means, a model.",
        place=place,
    )
