"""Readers under hostile bytes: an answer or a refusal, never anything else, and soon."""

import json
import random
import struct
import zlib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.kinds.hidden import all_cases
from ecluse.checks import codec
from ecluse.checks.facts import Facts
from ecluse.checks.kinds import Rebuilt, Unreadable
from ecluse.checks.kinds.clean import clean
from ecluse.checks.kinds.detect import KINDS, kind_of
from ecluse.checks.kinds.layout import read_text
from ecluse.checks.kinds.numbers import parse_cell
from ecluse.checks.limits import Limits

CASES = all_cases()
LIMITS = Limits(bytes=1_000_000, pixels=1_000_000, text=1_000_000)
SHORT = settings(
    max_examples=30, deadline=timedelta(seconds=20), suppress_health_check=list(HealthCheck), derandomize=True
)


def answer(name: str, data: bytes) -> Rebuilt | None:
    """What a file's own process does; only `Unreadable` may be raised."""
    refused: Unreadable | None = None
    try:
        kind = kind_of(data, name)
        document = kind.read(data, LIMITS, name)
        facts = kind.facts(document)
        assert codec.decode(codec.encode(facts)) == facts or "nan" in repr(facts)
        return kind.rebuild(document)
    except Unreadable as error:
        refused = error
    assert all((refused.reason, refused.message, refused.fix))
    return None


NAMES = st.sampled_from(
    ["a.csv", "a.ipynb", "a.txt", "a.md", "a.tex", "a.json", "a.html", "a.svg", "a.png", "a.xlsx", "a"]
)


@SHORT
@given(NAMES, st.binary(max_size=600))
def test_any_bytes_are_answered(name: str, data: bytes) -> None:
    answer(name, data)


@SHORT
@given(NAMES, st.text(max_size=400))
def test_any_text_is_answered_and_holds_nothing_invisible(name: str, text: str) -> None:
    made = answer(name, text.encode("utf-8", "replace"))
    if made is not None and made.extension in (".txt", ".md", ".csv", ".tex"):
        shown = made.data.decode()
        assert clean(shown).strip() == "\n".join(line.rstrip() for line in shown.split("\n")).strip()


@pytest.mark.parametrize("name", CASES)
def test_broken_files_are_answered(name: str) -> None:
    """Every file of the corpus with bytes changed, cut off or doubled."""
    path, data = CASES[name]()
    chance = random.Random(name)
    for _ in range(6):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 3, 30))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        cut = chance.choice((len(broken), chance.randrange(1, len(broken) + 1)))
        answer(path, bytes(broken[:cut]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["source", "outputs", "cell_type", "metadata", "data", "text", "output_type", "id", "execution_count"]
)
TYPES = st.sampled_from(["code", "markdown", "raw", "stream", "display_data", "execute_result", "error"])


@SHORT
@given(
    st.lists(
        st.dictionaries(KEYS, JSON | TYPES | st.lists(st.dictionaries(KEYS, JSON | TYPES), max_size=2)), max_size=3
    )
)
def test_any_cells_are_answered(cells: list[dict[str, object]]) -> None:
    answer("a.ipynb", json.dumps({"nbformat": 4, "cells": cells}).encode())


@SHORT
@given(JSON)
def test_any_json_is_rebuilt_to_the_same_values(value: object) -> None:
    made = answer("a.json", json.dumps({"x": value}).encode())
    assert made is not None
    again = answer("a.json", made.data)
    assert again is not None
    assert again.data == made.data


@SHORT
@given(st.text(alphabet="0123456789 .,%()[]/<>≤-+±eE*nNxà\u202f\n|&\\_=", max_size=200))
def test_any_run_of_digits_and_signs_is_read(text: str) -> None:
    parse_cell(text)
    assert isinstance(read_text(text), Facts)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("deep.json", b"[" * 100_000 + b"]" * 100_000),
        ("deep.html", b"<div>" * 20_000),
        ("deep.svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 5000 + b"</g>" * 5000 + b"</svg>"),
        (
            "laughs.svg",
            b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>',
        ),
        ("spans.html", b"<table><tr><td colspan=1000000 rowspan=1000000>1</td></tr></table>" * 10),
        ("wide.csv", b"1," * 200_000),
        ("quote.csv", b'"' + b"a" * 900_000),
        ("long.txt", b"1 234 567 " * 50_000),
        ("long.log", b"12 " * 100_000 + b"\n" + b"7," * 100_000),
        ("digits.json", b"[" + b"9" * 500_000 + b"]"),
        ("pipes.md", b"|" * 100_000 + b"\n" + b"|" * 100_000),
        ("brackets.txt", b"[" * 100_000),
        ("rules.tex", b"\\begin{tabular}{ll}" + b"& " * 100_000),
    ],
)
@pytest.mark.timeout(60)
def test_bombs_end_soon(name: str, data: bytes) -> None:
    answer(name, data)


def test_a_bomb_of_pixels_is_refused() -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 12_000, 12_000, 8, 0, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )
    with pytest.raises(Unreadable, match="picture-too-large"):
        kind_of(data, "a.png").read(data, Limits(), "a.png")


def test_every_kind_has_a_name_of_its_own() -> None:
    names = [k.NAME for k in KINDS]
    assert len(set(names)) == len(names)
