"""The filter language means what it says, and can say nothing else."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.rules.filters import MAX_DEPTH, FilterError, parse_filter
from filter_columns import COLUMNS

ENGINE = duckdb.connect()
WORDS = ["N", "CODE", "M", "=", "<>", "1", "'a'", "(", ")", "AND", "OR", "NOT", "IN", "IS", "NULL", "--", ";", "\u0661"]


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("N = 1", '("N" = 1)'),
        ("n_is_not_a_column is null or N=1", None),
        ("N != -2.5", '("N" <> -2.5)'),
        ("CODE NOT LIKE '90%' and N between 1 and 30", '(("CODE" NOT LIKE \'90%\') AND ("N" BETWEEN 1 AND 30))'),
        ("NOT (N = 1 OR M > 2) AND YES = TRUE", '((NOT (("N" = 1) OR ("M" > 2))) AND ("YES" = TRUE))'),
        ("CODE IN ('a', 'b''c')", "(\"CODE\" IN ('a', 'b''c'))"),
        ("DAY >= DATE '2022-01-01'", "(\"DAY\" >= DATE '2022-01-01')"),
        ("DAY >= '2022-01-01'", "(\"DAY\" >= DATE '2022-01-01')"),
        ("CODE IS NOT NULL", '("CODE" IS NOT NULL)'),
        ("N < M", '("N" < "M")'),
    ],
)
def test_a_filter_is_written_anew(text: str, sql: str | None) -> None:
    if sql is None:
        with pytest.raises(FilterError):
            parse_filter(text, COLUMNS)
    else:
        assert parse_filter(text, COLUMNS).sql == sql


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("N = ", 5),
        ("N = 'one'", 5),
        ("N IN (SELECT 1)", 7),
        ("N IN (M)", 7),
        ("read_csv('/etc/passwd') = 1", 1),
        ("CODE = upper('a')", 8),
        ("N = 1; DROP TABLE x", 6),
        ("N = 1 -- rest", 7),
        ("N = 1 /* rest */", 7),
        ('"N" = 1', 1),
        ("N = 1 OR", 9),
        ("N = 1 N = 2", 7),
        ("CODE LIKE N", 11),
        ("N LIKE '1'", 8),
        ("DAY = '2022-13-01'", 7),
        ("DAY = DATE 5", 7),
        ("WHO = 'x'", 1),
        ("DOCTOR = 'x'", 1),
        ("NUMBER = 1", 1),
        ("CODE = 'a\0b'", 8),
        ("CODE = 'open", 8),
        ("N = 1e5", 5),
        ("(N = 1", 7),
        ("N NOT 1", 7),
        ("EXISTS (N = 1)", 1),
        ("N = 1 UNION SELECT 1", 7),
        ("N = (1)", 5),
    ],
)
def test_anything_else_is_refused_with_its_position(text: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text, COLUMNS)
    assert caught.value.position == position


def test_deep_nesting_is_refused_not_a_crash() -> None:
    for text in ("(" * 5000 + "N = 1" + ")" * 5000, "NOT " * (MAX_DEPTH + 2) + "N = 1", "N = 1 OR " * 2000 + "N = 1"):
        with pytest.raises(FilterError):
            parse_filter(text, COLUMNS)


@settings(deadline=None)
@given(
    st.text(alphabet="N M CODE'\"();-*=<>,%1.\0\n/\\ANDORINLIKE\u0661\u2019\u00a0\ud800", max_size=60)
    | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
)
def test_whatever_parses_runs_as_one_harmless_condition(text: str) -> None:
    try:
        sql = parse_filter(text, COLUMNS).sql
    except FilterError:
        return
    statements = duckdb.extract_statements(f"SELECT 1 FROM t WHERE {sql}")
    assert len(statements) == 1
    ENGINE.execute(f"SELECT 1 FROM (SELECT 1::BIGINT AS N, 'a' AS CODE, 1.5::DOUBLE AS M) WHERE {sql}")


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=30).filter(lambda t: "\0" not in t))
def test_a_string_stays_the_string_it_was(value: str) -> None:
    quoted = value.replace("'", "''")
    sql = parse_filter(f"CODE = '{quoted}'", COLUMNS).sql
    assert ENGINE.execute(f'SELECT count(*) FROM (SELECT ? AS "CODE") WHERE {sql}', [value]).fetchone() == (1,)
