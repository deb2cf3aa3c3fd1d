"""The filter language of permits: which rows of a table, in a sentence that can do nothing else.

Decides whether a text is a filter over one table's columns, and what it means. Worked example: over a table with the
columns `GRG_GHM` (string) and `SEJ_NBJ` (integer), `GRG_GHM NOT LIKE '90%' AND SEJ_NBJ BETWEEN 1 AND 30` becomes the
SQL `("GRG_GHM" NOT LIKE '90%' AND "SEJ_NBJ" BETWEEN 1 AND 30)`. `SEJ_NBJ IN (SELECT 1)`, `read_csv('x')` and
`SEJ_NBJ = 'long'` are errors with their position.

The text is parsed here and written anew, so nothing of a permit's own text ever reaches the engine: a quote, comment
or keyword that this grammar does not know can't slip through to one that does.

    or        = and { OR and }
    and       = not { AND not }
    not       = NOT not | "(" or ")" | predicate
    predicate = operand ( ("=" | "<>" | "!=" | "<" | "<=" | ">" | ">=") operand
              | [NOT] IN "(" literal { "," literal } ")" | [NOT] BETWEEN operand AND operand
              | [NOT] LIKE string | IS [NOT] NULL )
    operand   = COLUMN | literal
    literal   = number | 'string' | DATE 'YYYY-MM-DD' | TRUE | FALSE
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from .dataset import Column, ColumnRole, ColumnType

MAX_LENGTH = 8000
MAX_DEPTH = 40

_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d{1,18}(?:\.\d{1,18})?(?![\w.]))|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<string>'(?:[^']|'')*')|(?P<sign><>|!=|<=|>=|[=<>(),]))",
    re.ASCII,  # or a digit of another script would be a number here, and a column's name to the engine
)
_SPACE = " \t\n\r\f\v"
_KEYWORDS = frozenset(["AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL", "DATE", "TRUE", "FALSE"])
_COMPARISONS = frozenset(["=", "<>", "!=", "<", "<=", ">", ">="])
_FAMILIES = {
    ColumnType.STRING: "text",
    ColumnType.INTEGER: "number",
    ColumnType.NUMBER: "number",
    ColumnType.YEAR: "number",
    ColumnType.YEARMONTH: "number",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "date",
    ColumnType.BOOLEAN: "truth",
}
_NOT_FILTERED = frozenset([ColumnRole.PERSON, ColumnRole.DIRECT, ColumnRole.PROFESSIONAL, ColumnRole.FREE_TEXT])


class FilterError(ValueError):
    """The text is no filter over this table. `position` counts characters from 1."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"at character {position}: {message}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that is safe to run: SQL with quoted names and literals, and the columns that it reads."""

    sql: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class _Operand:
    sql: str
    family: str
    at: int
    column: str | None = None


def parse_filter(text: str, columns: Mapping[str, Column]) -> Filter:
    """The filter that `text` means over a table of these columns.

    Raises:
        FilterError: at the first place that the grammar, the columns or their types do not allow.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH + 1)
    parser = _Parser(list(_tokens(text)), columns)
    sql = parser.either(0)
    parser.expect_end()
    return Filter(sql, frozenset(parser.used))


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        if not text[at:].strip(_SPACE):
            break
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip(_SPACE))
            raise FilterError(f"'{text[start : start + 12]}' is no column, literal or comparison", start + 1)
        kind, word = found.lastgroup, found.group(found.lastgroup)
        if "\0" in word:  # DuckDB reads C strings in places: what follows the zero would be another filter
            raise FilterError("a string may not hold a zero byte", found.start(kind) + 1)
        if any("\ud800" <= c <= "\udfff" for c in word):
            raise FilterError("a string may not hold half a character", found.start(kind) + 1)
        if kind == "name" and word.upper() in _KEYWORDS:
            kind, word = "keyword", word.upper()
        yield _Token(kind, word, found.start(found.lastgroup) + 1)
        at = found.end()
    yield _Token("end", "the end", len(text) + 1)


class _Parser:
    """Recursive descent; each method returns SQL and leaves `used` with the columns seen."""

    def __init__(self, tokens: list[_Token], columns: Mapping[str, Column]) -> None:
        self._tokens = tokens
        self._next = 0
        self._columns = columns
        self.used: set[str] = set()

    @property
    def _now(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *words: str) -> _Token | None:
        token = self._now
        if token.kind in ("keyword", "sign") and token.text in words:
            self._next += 1
            return token
        return None

    def _need(self, word: str) -> None:
        if self._take(word) is None:
            raise FilterError(f"expected {word}, found {self._now.text}", self._now.at)

    def expect_end(self) -> None:
        if self._now.kind != "end":
            raise FilterError(f"expected AND, OR or the end, found {self._now.text}", self._now.at)

    def either(self, depth: int) -> str:
        parts = [self._both(depth)]
        while self._take("OR"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def _both(self, depth: int) -> str:
        parts = [self._negated(depth)]
        while self._take("AND"):
            parts.append(self._negated(depth))
        return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"

    def _negated(self, depth: int) -> str:
        if depth > MAX_DEPTH:
            raise FilterError(f"nested deeper than {MAX_DEPTH}", self._now.at)
        if self._take("NOT"):
            return f"(NOT {self._negated(depth + 1)})"
        if self._take("("):
            inner = self.either(depth + 1)
            self._need(")")
            return inner
        return self._predicate()

    def _predicate(self) -> str:
        left = self._operand()
        if self._take("IS"):
            negated = "NOT " if self._take("NOT") else ""
            self._need("NULL")
            return f"({left.sql} IS {negated}NULL)"
        token = self._now
        if token.kind == "sign" and token.text in _COMPARISONS:
            self._next += 1
            right = self._operand(left)
            sign = "<>" if token.text == "!=" else token.text
            return f"({left.sql} {sign} {right.sql})"
        negated = "NOT " if self._take("NOT") else ""
        if self._take("IN"):
            return f"({left.sql} {negated}IN ({self._literals(left)}))"
        if self._take("BETWEEN"):
            low = self._operand(left)
            self._need("AND")
            return f"({left.sql} {negated}BETWEEN {low.sql} AND {self._operand(left).sql})"
        if self._take("LIKE"):
            if left.family != "text" or self._now.kind != "string":
                raise FilterError("LIKE compares a text column with a string", self._now.at)
            return f"({left.sql} {negated}LIKE {self._operand(left).sql})"
        raise FilterError(f"expected a comparison, found {self._now.text}", self._now.at)

    def _literals(self, left: _Operand) -> str:
        self._need("(")
        found = [self._literal_only(left)]
        while self._take(","):
            found.append(self._literal_only(left))
        self._need(")")
        return ", ".join(found)

    def _literal_only(self, left: _Operand) -> str:
        operand = self._operand(left)
        if operand.column is not None:
            raise FilterError("IN takes a list of literals", operand.at)
        return operand.sql

    def _operand(self, beside: _Operand | None = None) -> _Operand:
        token = self._now
        self._next += token.kind != "end"
        match token.kind, token.text:
            case "name", name:
                operand = self._column(name, token.at)
            case "number", number:
                operand = _Operand(number, "number", token.at)
            case "string", string:
                operand = _text_or_date(string, token.at, beside)
            case "keyword", "TRUE" | "FALSE":
                operand = _Operand(token.text, "truth", token.at)
            case "keyword", "DATE" if self._now.kind == "string":
                string = self._now.text
                self._next += 1
                operand = _Operand(_date(string, token.at), "date", token.at)
            case _:
                raise FilterError(f"expected a column or a literal, found {token.text}", token.at)
        if beside is not None and operand.family != beside.family:
            raise FilterError(f"compares {beside.family} with {operand.family}", operand.at)
        return operand

    def _column(self, name: str, at: int) -> _Operand:
        column = self._columns.get(name)
        if column is None:
            raise FilterError(f"no column '{name}' in this table; functions and other tables are not allowed", at)
        if column.role in _NOT_FILTERED or column.kind is not None:
            raise FilterError(f"column '{name}' identifies somebody and can't be filtered on", at)
        self.used.add(name)
        return _Operand(f'"{name}"', _FAMILIES[column.type], at, name)


def _text_or_date(string: str, at: int, beside: _Operand | None) -> _Operand:
    if beside is not None and beside.family == "date":
        return _Operand(_date(string, at), "date", at)
    return _Operand(string, "text", at)


def _date(string: str, at: int) -> str:
    try:
        day = date.fromisoformat(string[1:-1])
    except ValueError:
        raise FilterError(f"{string} is no date; write DATE 'YYYY-MM-DD'", at) from None
    return f"DATE '{day.isoformat()}'"
