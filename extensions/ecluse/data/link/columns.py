"""What each kind of comparison makes of its columns: normal forms, comparison levels, and keys for blocking.

A level is *exact* in the sense used here when it leaves one right value for a left value (equal, or shifted by three
days): its chance among unrelated pairs is then the frequency of that right value, which says more than an average.
"""

from dataclasses import dataclass, field

from ecluse.data.link.spec import Kind

SHIFT = 7
"""Days: shifts up to here have a level each, so that the data say which shifts occur and on which side."""

PARTICLES = (
    "DE|DU|DES|D|LA|LE|LES|L|VAN|VON|DER|DEN|EL|AL|BEN|EP|EPOUSE|EPSE|NEE|VEUVE|VVE|M|MME|MLLE|MR|DR|JR|SAINT|ST|STE"
)


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome of a comparison: SQL over `{c}_l` and `{c}_r`, and the share of true links first guessed for it."""

    label: str
    sql: str
    guess: float
    determined: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A blocking key: SQL of a value of one side; with `spread`, SQL of a list on the left that meets it.

    `labels` are the levels that imply the key, so that its recall can be read off what was learned.
    """

    name: str
    sql: str
    guess: float
    spread: str | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of comparison: normal form of a raw column `{x}`, its levels, its keys."""

    normal: str
    levels: tuple[Level, ...]
    keys: tuple[Key, ...]
    type: str = "varchar"
    extra: dict[str, str] = field(default_factory=dict)


ELSE = "ELSE"
PLAIN = "nullif(trim(upper(strip_accents({x}::varchar))), '')"
WORDS = "nullif(trim(regexp_replace(upper(strip_accents({x}::varchar)), '[^A-Z0-9]+', ' ', 'g')), '')"
NAME = (
    "coalesce(nullif(trim(regexp_replace(regexp_replace(' ' || replace("
    + WORDS
    + ", ' ', '  ') || ' ', ' ("
    + PARTICLES
    + ") ', ' ', 'g'), ' +', ' ', 'g')), ''), "
    + WORDS
    + ")"
)
EQUAL = Level("equal", "{c}_l = {c}_r", 0.88, determined=True)
TOKENS = "list_has_any(string_split({c}_l, ' '), string_split({c}_r, ' '))"


def _shifts(days: int, share: float) -> tuple[Level, ...]:
    return tuple(
        Level(f"{d:+d}", f"{{c}}_r - {{c}}_l = {d}", share / (abs(d) + 1), determined=True)
        for size in range(1, days + 1)
        for d in (-size, size)
    )


def _spans() -> tuple[Level, ...]:
    """Longer shifts: each side of two spans, in days."""
    spans = [(-14, -SHIFT - 1), (SHIFT + 1, 14), (-31, -15), (15, 31)]
    return tuple(Level(f"{a}..{b}", f"{{c}}_r - {{c}}_l between {a} and {b}", 0.004) for a, b in spans)


DATE = (
    "coalesce(try_cast({x}::varchar as date), cast(try_strptime({x}::varchar, ['%d/%m/%Y', '%Y%m%d', "
    "'%d-%m-%Y', '%d.%m.%Y', '%Y/%m/%d', '%d%m%Y', '%Y-%m-%dT%H:%M:%S']) as date))"
)
YEAR = "year(" + DATE + ")::double"
BARE_YEAR = " *(1[89]|20)[0-9]{{2}}(\\.0)? *"
"""A year alone, as text or as a number."""

FORMS: dict[Kind, Form] = {
    Kind.EXACT: Form(PLAIN, (EQUAL, Level("other", ELSE, 0.12)), (Key("value", "{c}", 0.88, labels=("equal",)),)),
    Kind.CATEGORY: Form(
        PLAIN,
        (
            Level("equal", "{c}_l = {c}_r", 0.45, determined=True),
            Level("learned", "list_contains({e}_l, {c}_r)", 0.15),
            Level("other", ELSE, 0.4),
        ),
        (
            Key("value", "{c}", 0.6, labels=("equal",)),
            Key("learned", "{c}", 0.6, spread="{e}", labels=("equal", "learned")),
        ),
    ),
    Kind.NAME: Form(
        NAME,
        (
            EQUAL,
            Level("part", f"replace({{c}}_l, ' ', '') = replace({{c}}_r, ' ', '') or {TOKENS}", 0.04),
            Level(
                "near", "damerau_levenshtein({c}_l, {c}_r) <= 1 or jaro_winkler_similarity({c}_l, {c}_r) >= 0.92", 0.04
            ),
            Level("alike", "jaro_winkler_similarity({c}_l, {c}_r) >= 0.8", 0.02),
            Level("other", ELSE, 0.02),
        ),
        (Key("value", "{c}", 0.85, labels=("equal",)), Key("start", "left({c}, 3)", 0.92)),
    ),
    Kind.TEXT: Form(
        WORDS,
        (
            EQUAL,
            Level("near", "jaro_winkler_similarity({c}_l, {c}_r) >= 0.92", 0.05),
            Level("part", TOKENS, 0.03),
            Level("alike", "jaro_winkler_similarity({c}_l, {c}_r) >= 0.8", 0.02),
            Level("other", ELSE, 0.02),
        ),
        (Key("value", "{c}", 0.85, labels=("equal",)), Key("start", "left({c}, 4)", 0.9)),
    ),
    Kind.IDENTIFIER: Form(
        "nullif(ltrim(regexp_replace(upper(strip_accents({x}::varchar)), '[^A-Z0-9]+', '', 'g'), '0'), '')",
        (
            EQUAL,
            Level("near", "damerau_levenshtein({c}_l, {c}_r) <= 1", 0.05),
            Level("alike", "damerau_levenshtein({c}_l, {c}_r) = 2", 0.02),
            Level("other", ELSE, 0.05),
        ),
        (Key("value", "{c}", 0.88, labels=("equal",)), Key("start", "left({c}, 4)", 0.92)),
    ),
    Kind.POSTCODE: Form(
        "case when regexp_full_match({x}::varchar, ' *[0-9]{{1,5}}(\\.0)? *') "
        "then lpad(regexp_replace(trim({x}::varchar), '\\.0$', ''), 5, '0') else " + WORDS + " end",
        (
            EQUAL,
            Level("near", "damerau_levenshtein({c}_l, {c}_r) <= 1", 0.04),
            Level("department", "left({c}_l, 2) = left({c}_r, 2)", 0.04),
            Level("other", ELSE, 0.04),
        ),
        (Key("value", "{c}", 0.88, labels=("equal",)), Key("department", "left({c}, 2)", 0.94)),
    ),
    Kind.NUMBER: Form(
        "try_cast({x} as double)",
        (
            EQUAL,
            *(
                Level(f"{d:+d}", f"{{c}}_r - {{c}}_l = {d}", 0.06 / (2 * abs(d)), determined=True)
                for d in (-1, 1, -2, 2, -3, 3)
            ),
            Level("near", "abs({c}_r - {c}_l) <= 0.05 * greatest(abs({c}_l), abs({c}_r))", 0.02),
            Level("other", ELSE, 0.03),
        ),
        (
            Key("value", "{c}", 0.85, labels=("equal",)),
            Key(
                "near",
                "round({c})",
                0.97,
                spread="[round({c}) - 1, round({c}), round({c}) + 1]",
                labels=("equal", "+1", "-1"),
            ),
        ),
        type="double",
    ),
    Kind.DATE: Form(
        DATE,
        (
            EQUAL,
            *_shifts(SHIFT, 0.12),
            Level(
                "swapped",
                "year({c}_l) = year({c}_r) and month({c}_l) = day({c}_r) and day({c}_l) = month({c}_r)",
                0.01,
                determined=True,
            ),
            Level("digit", "hamming(strftime({c}_l, '%Y%m%d'), strftime({c}_r, '%Y%m%d')) = 1", 0.02),
            *_spans(),
            Level("other", ELSE, 0.03),
        ),
        (
            Key("value", "{c}", 0.85, labels=("equal",)),
            Key(
                "near",
                "{c}",
                0.95,
                spread=f"[{{c}} + i::integer for i in generate_series(-{SHIFT}, {SHIFT})]",
                labels=("equal", *(level.label for level in _shifts(SHIFT, 0.0))),
            ),
            Key("year", "year({c})", 0.96),
        ),
        type="date",
    ),
}
