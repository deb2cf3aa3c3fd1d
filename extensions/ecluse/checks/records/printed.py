"""Persons printed in running text: a dictionary, a tuple, a row of SQL, a series, a message of HL7, a portrait.

Decides from form alone. Worked example: `{'age': 43, 'commune': 'Locmaria', 'diag': 'A810'}` names three attributes of
one person: refused. `{'max_depth': 6, 'seed': 42}` names none; `[(0.81, 0.79), (0.80, 0.83)]` are scores of folds.
The line `1947-03-18;F;31555;C50.9` is a row of one person in whatever text it stands.
"""

import re
from collections.abc import Iterable, Iterator

from ecluse.checks.disclosure.words import plain
from ecluse.checks.facts import Facts, Passage, Source
from ecluse.rules.finding import Finding, Severity

_KEYS = (
    r"(?:age|sexe?|gender|genre|nom|noms|prenom|name|surname|first_?name|last_?name|ddn|dob|birth\w*|naiss\w*"
    r"|date_?naiss\w*|commune|ville|town|city|cp|code_?postal|postcode|zip\w*|adresse|address|diag\w*|dp|pathologie"
    r"|entree|sortie|admission|discharge|date_\w+|deces|dcd|poids|weight|taille|height|imc|bmi|nir|ipp"
    r"|profession|metier"
    r"|patient_?id|subject_?id|id_?patient|num_?pat\w*|nom_?patient)"
)
_VALUE = (
    r"(?:'[^'\n]{0,60}'|\"[^\"\n]{0,60}\"|-?\d[\d.]*|datetime\.date\([^)\n]{0,24}\)"
    r"|np\.\w+\([^)\n]{0,24}\)|None|True|False|nan|\[[^\]\n]{1,300}\])"
)
_PAIR = re.compile(rf"(?<![\w.])['\"]?(?P<key>[a-z_]\w{{0,30}})['\"]?\s?(?:==?|:)\s?(?P<value>{_VALUE})", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w.])(?P<key>[a-z_]\w{0,30})=(?P<value>[^\s,;()'\"=]{1,40})(?=[,;\s)]|$)", re.IGNORECASE)
_PATH = re.compile(
    r"^[ \t]*(?:- )?(?:[^\n:]{1,80} / )?(?P<key>[A-Za-z_]\w{0,30})(?:\[\d+\])?: (?P<value>[^\n]{1,60})$", re.MULTILINE
)
_PLACES = re.compile(
    r"^(?:commune|ville|town|city|cp|code_?postal|postcode|ddn|dob|birth\w*|naiss\w*|nom|prenom|name|surname"
    r"|nir|ipp|\w*_?id_?\w*)$"
)
_R_STR = re.compile(
    r"(?:^ ?\$ \w+ *: *(?:int|num|chr|Factor|Date|logi|POSIXct|dbl)\b.*\d.*\n(?:.*\n)?){1}(?:^ ?\$ \w+ *: *\w+ .*\n?)+"
    r"|(?:^\$ \w+ +<\w+> .*,.*\n?){2,}",
    re.MULTILINE,
)
_LIST_OF = re.compile(
    r"(?<![^\W_])(?:doublons?|duplicat\w*|dropped|removed|supprim\w*|exclu\w*|ids?|patients?|sujets?|subjects?|index"
    r"|outliers?|dossiers?)\b"
    r"[^\[\n]{0,30}[\[({]\s*(?:\d{2,9}(?:,\s*\d{2,9}){2,}|\d{5,9},\s*\d{5,9}\s*[\])}])",
    re.IGNORECASE,
)
_KEY = re.compile(rf"^{_KEYS}$")
_PERIOD = re.compile(
    r"^date_(?:start|end|begin|from|to|until|min|max|debut|fin|extraction|creation|run|version|export|freeze|gel)$"
)
_TUPLE = re.compile(rf"[(\[]\s*{_VALUE}(?:\s*,\s*{_VALUE}){{2,30}}\s*,?\s*[)\]]")
_TAG = re.compile(rf"<(?P<key>{_KEYS})>[^<>\n]{{1,60}}</", re.IGNORECASE)
_SERIES = re.compile(r"^Name: (?:\d+|\S{1,40}), dtype: (?:object|str|string)", re.MULTILINE)
_LABELLED = re.compile(rf"^{_KEYS}\s{{2,}}\S", re.MULTILINE | re.IGNORECASE)
_SQL = re.compile(r"\binsert\s+into\s+\S{1,60}.{0,200}?\bvalues\s*\(.{0,200}?\d", re.IGNORECASE | re.DOTALL)
_NUMBERED = re.compile(
    rf"(?:^\d+ +-?\d[\d.]*\n){{2,}}(?:^(?:\.\.|\d).*\n){{0,200}}^Name: {_KEYS}, (?:Length: \d+, )?dtype: ", re.MULTILINE
)
_HL7 = re.compile(r"^(?:PID|NK1|PV1)\|", re.MULTILINE)
_DAY = r"(?:\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})"
_DAYS = re.compile(rf"[\[(]\s*['\"]?{_DAY}['\"]?(?:[\s,]+['\"]?{_DAY}['\"]?){{2,}}")
_DAY_LINES = re.compile(
    rf"\b(?:deces|deaths?|morts|admissions?|entrees|sorties|discharges?|cas|cases?|patients?|hospitalisations?"
    rf"|suicides?|naissances?|births?)\b[^\n]{{0,80}}\n(?:\W{{0,6}}{_DAY}[ \t]*(?:\n|\Z)){{3}}",
    re.IGNORECASE,
)
_ARRAY = re.compile(r"(?:array\(|=|:|^)\s*\[\s*(?P<body>\d{1,5}(?:[\s,]+\d{1,5}){19,})\s*\]", re.MULTILINE)
_SINGULAR = (
    r"(?:homme|femme|patiente?|garcon|fille|fillette|enfant|nourrisson|dame|monsieur|man|woman|boy|girl|lady"
    r"|gentleman|child"
    r"|infant|male|female|jeune \w+|baby)"
)
_PORTRAIT = re.compile(
    rf"\b(?:une?|an?|le|la|the|cet|cette|this|jeune|mr|mme"
    rf"|m)\.? (?:[\w'-]{{2,14}} ){{0,2}}?{_SINGULAR}\b[^.;\n]{{0,30}}?"
    r"(?:,|de|age de|agee de|aged)\s?\d{1,3}(?:[- ]?(?:ans|years?[- ]old|yo\b|mois|months?[- ]old))"
    rf"|\b(?:an?|the|this|one) \d{{1,3}}[- ](?:years?|months?|weeks?|days?)[- ]old\b"
    r"|\b(?:une?|le|la|cet|cette) (?!suivi|periode|duree|delai|recul|survie|intervalle|historique|cohorte|etude"
    r"|tranche|age|moyenne"
    r"|mediane|seuil|borne|limite|plafond|valeur|maximum"
    r"|plus|moins|dizaine|horizon|fenetre|profondeur|espace)[\w'-]{3,20},? (?:de|age de"
    r"|agee de) \d{1,3} ans\b"
    rf"|\b\d{{1,3}}[- ](?:years?|months?)[- ]old {_SINGULAR}\b|\b(?:patiente?|sujet"
    rf"|subject) [^\W\d]{{2,12}}\.?,? ?\d{{1,3}} ?(?:ans|yo|years)\b"
    rf"|\b[A-Z]?[\w-]+ [a-z]\.,? \d{{1,3}} (?:ans|years)\b"
    r"|\b(?:patiente?|sujet|subject) [^\W\d]{1,12}\.? ?[(,] ?(?:aged|agee?(?: de)?) \d{1,3}\b"
    r"|\b(?:des|les|deux|two|the) (?:jumeaux|jumelles|twins|triplets|brothers|sisters|freres|soeurs),? "
    r"(?:de|agee?s? de|aged) \d{1,3}\b"
)
_ONE = re.compile(
    r"\b(?:patiente?|sujet|subject|malade|participant|obs|observation|individu|assuree?|dossier|case)"
    r"(?: (?:n°|no\.?|id|nr|number|numero|#)|[#_]| )\s?(?P<n>\d{1,9})\b(?! ?(?:%|ans|years|months|mois|days"
    r"|jours|/|\(\d+[.,]?\d* ?%\)|[.,]\d))"
)
_MANY = re.compile(
    r"\b(?:patients|sujets|subjects|obs|observations|individus|dossiers|ids?) (?:n°s? ?|nos? "
    r"|ids? )?(?P<n>\d{1,7}(?:, ?\d{1,7}){2,}"
    r"|\d{1,7}(?:, ?\d{1,7})*,? (?:and|et) \d{1,7})\b(?! ?(?:%|ans|years|in |dans |respect))"
)
_ROWS = re.compile(r"array\(\s*\[(?:\s*\[(?P<row>[\s\d.,eE+-]+)\],?){11,}")
_PREDICTED = re.compile(r"\by_?(?:pred|prob\w*|hat|true|score)\b[^\n]*\n(?: *\d+[ \t,;]+-?\d[\d.]*[^\n]*\n?){11,}")
_TREE = re.compile(r"^[| ]*\|--- value: \[", re.MULTILINE)
_TREE_SIZES = re.compile(r"samples|weights?: \[")
_SEPARATORS = ";,|\t"
_DAY_FIELD = re.compile(r"(?<!\d)(?:(?:19|20)\d\d-\d\d-\d\d|\d\d[/.]\d\d[/.](?:19|20)\d\d)(?:[T ]\S+)?$")
_SEX = re.compile(r"[MFH]|[Mm]ale|[Ff]emale|[Hh]omme|[Ff]emme|[Mm]asculin|[Ff][ée]minin")
_POSTCODE = re.compile(r"(?:\d\d|2[AB])\d{3}")
_ICD = re.compile(r"[A-TV-Z]\d\d(?:\.?\d{1,2})?[+*]?")
_LONGEST, _LONGEST_ROW = 200_000, 1000
_LEAST = {"pairs": 2, "tuples": 3}


def find(facts: Facts) -> Iterator[Finding]:
    """Findings on printed persons, one of each form per passage."""
    for passage in facts.passages:
        if passage.source in (Source.PROSE, Source.OUTPUT, Source.CODE, Source.PICTURE):
            for what in _forms(passage):
                yield _finding(passage, *what)


def _forms(passage: Passage) -> Iterator[tuple[Severity, str]]:
    text, code = passage.text, passage.source is Source.CODE
    yield from _records(text, Severity.REVIEW if code else Severity.REFUSE)
    if _DAYS.search(text) or _DAY_LINES.search(_ascii(text)):
        yield Severity.REVIEW, "a list of exact days"
    if _TREE.search(text) and not _TREE_SIZES.search(text):
        yield Severity.REVIEW, "the leaves of a tree, each perhaps one person's value"
    if code:
        return
    if len(rows := _tuples(text)) >= _LEAST["tuples"]:
        yield Severity.REVIEW, f"{len(rows)} rows of {rows[0]} values each"
    if (m := _ARRAY.search(text)) and _values_of_persons(m["body"]):
        yield Severity.REVIEW, "a list of single values"
    if (m := _ROWS.search(text)) and any(abs(float(n)) > 1 for n in re.findall(r"\d+\.?\d*", m["row"])):
        yield Severity.REVIEW, "an array of many rows"
    if _PREDICTED.search(text):
        yield Severity.REVIEW, "a prediction for each row"
    yield from _single(plain(text))


def _pairs(text: str, severity: Severity) -> Iterator[tuple[Severity, str]]:
    """`key: value` and `key=value` on one line, two of them attributes of a person."""
    for line in text.splitlines():
        found = {plain(m["key"]): m["value"] for m in _PAIR.finditer(line[:4000])}
        if severity is Severity.REFUSE:
            found |= {plain(m["key"]): m["value"] for m in _BARE.finditer(line[:4000])}
        found = {k: v for k, v in found.items() if not k.startswith("_")}  # SAS's own: _N_, _ERROR_
        keys = _attributes(found)
        told = any(_tells(found[k]) for k in keys)
        compared = "==" in line and severity is not Severity.REFUSE and not any(map(_PLACES.match, keys))
        if len(keys) >= _LEAST["pairs"] and len(keys) * 2 >= len(found) and told and not compared:
            yield severity, f"attributes of one person ({', '.join(sorted(keys)[:4])})"
            break


def _attributes(names: Iterable[str]) -> set[str]:
    """The names that are attributes of a person. A period's ends alone, `date_start` and `date_end`, are a study's."""
    personal = {name for name in names if _KEY.match(name)}
    return personal if any(not _PERIOD.match(name) for name in personal) else set()


def _tells(value: str) -> bool:
    """Whether a value can be a person's own: a day, a code, a whole number or a large one. Coefficients are small."""
    try:
        number = float(value.strip("'\""))
    except ValueError:
        return any(c.isdigit() for c in value)
    return abs(number) >= 10 or (number.is_integer() and number != 0)  # weights and heights are larger


def _records(text: str, severity: Severity) -> Iterator[tuple[Severity, str]]:
    """Records that name attributes of a person."""
    yield from _pairs(text, severity)
    paths = {plain(m["key"]): m["value"] for m in _PATH.finditer(text)}
    personal = _attributes(paths)
    if len(personal) >= _LEAST["pairs"] and any(c.isdigit() for k in personal for c in paths[k]):
        yield Severity.REVIEW, f"attributes of one person ({', '.join(sorted(personal)[:4])})"
    if any(map(is_person, _rows(text))):
        yield severity, "a row of one person"
    if _R_STR.search(text):
        yield severity, "the first values of each variable"
    if _LIST_OF.search(text):
        yield Severity.REVIEW, "a list of rows or persons by their numbers"
    tags = {plain(m["key"]) for m in _TAG.finditer(text)}
    if _SQL.search(text):
        yield severity, "rows of a database"
    if _NUMBERED.search(text):
        yield severity, "an attribute of persons, one per line"
    if len(tags) >= _LEAST["pairs"] or _HL7.search(text):
        yield severity, "the record of one person"
    if _SERIES.search(text) and len({m[0].split()[0] for m in _LABELLED.finditer(_ascii(text))}) >= _LEAST["pairs"]:
        yield severity, "one row of a data frame"


def _rows(text: str) -> Iterator[list[str]]:
    """The fields of lines with separators."""
    for line in text.splitlines():
        for separator in _SEPARATORS if len(line) <= _LONGEST_ROW else ():
            if line.count(separator) > 2:  # four fields
                yield line.split(separator)


def is_person(fields: list[str]) -> bool:
    """Whether the fields of a line are a day and two of what tells a person: sex, place, illness."""
    bare = [field.strip(" '\"") for field in fields]
    told = sum(any(map(pattern.fullmatch, bare)) for pattern in (_SEX, _POSTCODE, _ICD))
    return told > 1 and any(map(_DAY_FIELD.search, bare))


def _single(flat: str) -> Iterator[tuple[Severity, str]]:
    for pattern, what in (
        (_PORTRAIT, "a portrait of one person with the age"),
        (_ONE, "one person by number"),
        (_MANY, "several persons by their numbers"),
    ):
        m = pattern.search(flat)
        if m and not (pattern is _PORTRAIT and _is_profile(flat, m)):
            yield Severity.REVIEW, f"{what} ('{flat[max(0, m.start() - 10) : m.end() + 10][:80]}')"


def _is_profile(flat: str, match: re.Match[str]) -> bool:
    """Whether somebody of a round age stands for a prediction, as `the predicted risk for a 65-year-old man`."""
    ages = re.findall(r"\d+", match[0])
    round_age = bool(ages) and all(int(age) % 5 == 0 for age in ages)
    before = flat[max(0, match.start() - 60) : match.start() + 4]
    after = re.search(
        r"\b(?:was|were|had|died|admitted|decede|vit|vivait|lived|hospitalise)\b(?! \d)",
        flat[match.end() : match.end() + 60],
    )
    said = re.search(
        r"predict|predit|risk|risque|expected|attendu|it was|profil|example|exemple", before.replace("for a", "")
    )
    return round_age and said is not None and after is None


def _tuples(text: str) -> list[int]:
    """Lengths of rows in brackets that mix words with numbers, all as long as the first."""
    found = [m[0] for m in _TUPLE.finditer(text[:_LONGEST])]
    mixed = [f.count(",") + 1 for f in found if re.search(r"['\"]", f) and re.search(r"\d", f)]
    return mixed if len(set(mixed)) == 1 else []


def _values_of_persons(body: str) -> bool:
    """Whole numbers in no order, some of them twice: ages, lengths of stay; neither counts per step nor positions."""
    numbers = [int(n) for n in re.findall(r"\d+", body)]
    ordered = numbers == sorted(numbers) or numbers == sorted(numbers, reverse=True)
    return not ordered and len(set(numbers)) < len(numbers) and max(numbers) < 300  # ages and days


def _ascii(text: str) -> str:
    return "\n".join(plain(line) if not line.isascii() else line for line in text.splitlines())


def _finding(passage: Passage, severity: Severity, what: str) -> Finding:
    return Finding(
        rule="person-in-text",
        severity=severity,
        where=passage.where,
        message=f"The text shows {what}."[:2000],
        fix="Take it out, in the code that printed it too, and run the file again.",
        place=passage.place,
    )
