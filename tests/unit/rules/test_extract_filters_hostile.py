"""Filters that try to do more than choose rows, each refused; and what is accepted stays within the engine's means."""

import duckdb
import pytest

from ecluse.rules.filters import MAX_DEPTH, FilterError, parse_filter
from filter_columns import COLUMNS

FILES_AND_FUNCTIONS = [
    "CODE = read_text('/etc/passwd')", "read_parquet('../PEOPLE.parquet') IS NOT NULL", "CODE = getenv('HOME')",
    "N = (SELECT count(*) FROM read_csv('/etc/shadow'))", "CODE IN (FROM 'PEOPLE.parquet')", "glob('/*') IS NULL",
    "CODE = 'x' OR load_extension('x')", "sniff_csv('/etc/passwd') = 1", "N = nextval('s')", "sleep(9) = 1",
]  # fmt: skip
OTHER_TABLES = [
    "EXISTS (SELECT 1)", "N IN (SELECT N FROM PEOPLE)", "N = ANY (SELECT 1)", "N = ALL ([1])", "PEOPLE.ID = 'a'",
    "N = (VALUES (1))", "CODE IN (TABLE PEOPLE)", "_t.CODE = 'a'", "main.ACTS.CODE = 'a'", "N IN (N)", "rowid = 1",
]  # fmt: skip
STATEMENTS_AND_COMMENTS = [
    "N = 1; COPY ACTS TO '/tmp/x'", "N = 1;", "N = 1 --", "N = 1 -- ' OR 1 = 1", "N = 1 /* ' */ OR N = 2",
    "N = 1 # rest", "/**/N = 1", "N = 1\x00; DROP TABLE x", "N/**/=/**/1", "PRAGMA database_list",
    "ATTACH '/tmp/x' AS y", "SET enable_external_access = true", "N = 1 UNION ALL SELECT 1", "N = 1) OR (1 = 1",
    "N = 1 LIMIT 1", "N = 1 QUALIFY N", "N = 1 ORDER BY N", "N = 1 GROUP BY N", "N = 1 HAVING N = 1", "N = 1 INTO x",
]  # fmt: skip
QUOTES = [
    '"N" = 1', '"N"" = 1 OR ""N" = 1', "`N` = 1", "[N] = 1", 'CODE = "a"', "CODE = $$a$$", "CODE = $x$a$x$",
    "CODE = E'a'", r"CODE = e'\''", "CODE = U&'a'", "CODE = X'41'", "CODE = 'a' 'b'",
    "CODE = 'a''", "CODE = ''' OR 1 = 1", "CODE = \u2019a\u2019", "CODE = \u02bca\u02bc", "CODE = '\ud800'",
    "CODE = 'a' || 'b'", "CODE = 'a\x00'",
]  # fmt: skip
OPERATORS_AND_VALUES = [
    "N::VARCHAR = '1'", "CAST(N AS VARCHAR) = '1'", "N + 1 = 2", "N - 1", "N = +1", "N = 1-1", "N = --1", "-N = 1",
    "N ** 2 = 4", "CODE ~ 'a'", "CODE SIMILAR TO 'a'", "CODE ILIKE 'a'", "CODE GLOB '*'", "CODE LIKE 'a' ESCAPE 'b'",
    "CODE ^@ 'a'", "CODE COLLATE NOCASE = 'a'", "CODE[1] = 'a'", "CODE.x = 'a'", "N = [1]", "N = {'a': 1}", "N = ?",
    "N = $1", "N = :x", "N = @x", "CASE WHEN N = 1 THEN TRUE END", "N = 1e9", "N = 0x10", "N = 1_000", "N = .5",
    "N = 1.", "N = 1.2.3", "N = NaN", "N = Infinity", "N = 1234567890123456789", "N IS DISTINCT FROM 1", "N == 1",
    "N => 1", "N = 1 AND", "AND N = 1", "N", "TRUE", "NULL = NULL", "()", "COLUMNS('.*') = 1", "* = 1", "N = 1 OR *",
    "lambda x: x", "x -> x", "DAY = now()", "DAY > current_date", "DAY = DATE 'today'", "YES IS TRUE", "YES = 1",
    "DAY = TIMESTAMP '2022-01-01'", "DAY = INTERVAL 1 DAY", "YES", "NOT YES",
]  # fmt: skip
OTHER_SCRIPTS = [
    "N = \u0661", "N = \uff11", "\uff2e = 1", "\u039d = 1", "N\u00a0= 1", "N =\u20031", "N = 1\u2028", "N \uff1d 1",
    "N = 1\u200b", "\ufeffN = 1", "\u202eN = 1", "N = 1 \u041eR N = 2", "N = 1\u00a0",
]  # fmt: skip
WHO = ["WHO IS NULL", "WHO LIKE 'A%'", "DOCTOR <> 'x'", "NUMBER IN (1)", "N = NUMBER", "CODE = WHO"]
HOSTILE = [
    *FILES_AND_FUNCTIONS, *OTHER_TABLES, *STATEMENTS_AND_COMMENTS, *QUOTES, *OPERATORS_AND_VALUES, *OTHER_SCRIPTS, *WHO,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_filters_are_refused(text: str) -> None:
    for wrapped in (text, f"N = 1 AND {text}", f"NOT ({text})", f"N = 1 OR N = 2 AND {text} AND N = 3"):
        if wrapped != text and text == "N = 1) OR (1 = 1":
            continue  # in brackets it is a filter like any other
        with pytest.raises(FilterError):
            parse_filter(wrapped, COLUMNS)


def test_long_input_ends_at_its_first_error_or_its_length() -> None:
    long = ("(" * 7999, "'" * 7999, "N = 1 AND " * 799, "N = '" + "x" * 7990, " " * 7999, "NOT " * 1999, "N," * 3999)
    for text in (*long, "N = 1 OR " * 10**6):
        with pytest.raises(FilterError):
            parse_filter(text, COLUMNS)


@pytest.mark.parametrize(
    "text",
    [
        " OR ".join(["N=1"] * 1100),
        "N=1" + " OR N=2 AND N=1" * 500,
        "NOT " * MAX_DEPTH + "N = 1",
        "(" * MAX_DEPTH + "N = 1" + ")" * MAX_DEPTH,
        f"N IN ({','.join(['1'] * 3900)})",
        f"CODE LIKE '{'%a' * 3900}'",
    ],
    ids=range(6),
)
def test_the_longest_filters_are_within_what_the_engine_takes(text: str) -> None:
    sql = parse_filter(text, COLUMNS).sql
    row = 'SELECT 1::BIGINT AS "N", repeat(\'a\', 200) AS "CODE"'
    assert duckdb.execute(f"SELECT count(*) FROM ({row}) WHERE {sql}").fetchone() in [(0,), (1,)]
