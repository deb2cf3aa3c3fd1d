"""What no reviewer can read goes to review; ordinary code and prose do not."""

import base64
import random

import pytest

from ecluse.checks.facts import Code, Facts, Passage
from ecluse.checks.opaque import find

BLOB = base64.b64encode(random.Random(1).randbytes(300)).decode()
NUMBERS = ", ".join(str(n) for n in range(100, 160))


def rules(*, code: str = "", text: str = "") -> list[str]:
    facts = Facts(code=(Code(code, "python"),), passages=(Passage(text), Passage(code)))
    return [f.rule for f in find(facts)]


@pytest.mark.parametrize(
    "blob", [BLOB, "\n".join(BLOB[i : i + 60] for i in range(0, 400, 60)), random.Random(2).randbytes(99).hex()]
)
def test_an_encoded_block_goes_to_review(blob: str) -> None:
    assert rules(text=f"see {blob} end") == ["encoded-data"]


@pytest.mark.parametrize("said", ["KERDRAON Maëlle 1979", "2790329155021", "nom;nir\nPRIGENT;28505\n"])
def test_a_short_text_in_base64_or_hexadecimal_digits_goes_to_review(said: str) -> None:
    assert rules(text=f"a,b,{base64.b64encode(said.encode()).decode()}") == ["encoded-data"]
    assert rules(text=f"key {said.encode().hex()}") == ["encoded-data"]


@pytest.mark.parametrize(
    "text",
    [
        "commit 3f9a1c0d5e7b2a4c6d8e0f1a2b3c4d5e6f708192",
        "CardiologieEtNephrologie2023",
        "id 8f14e45fceea167a5a36dedd4bea2543",
    ],
)
def test_hashes_and_long_names_are_no_texts(text: str) -> None:
    assert rules(text=text) == []


@pytest.mark.parametrize(
    "code",
    [
        f"ages = [{NUMBERS}]",
        f"ages = [{', '.join(f'-{n}' for n in range(100, 160))}]",
        f"ages = np.array([[{NUMBERS}]])",
        f"ages = '{NUMBERS}'.split(',')",
        f"d = {{{', '.join(f'{n}: {n}' for n in range(30))}}}",
        f"ids = {[f'patient-{n:012d}' for n in range(25)]}",
        f"x <- c({NUMBERS.replace(' ', '')},1)",
    ],
)
def test_data_written_into_code_go_to_review(code: str) -> None:
    assert rules(code=code) == ["data-in-code"]


@pytest.mark.parametrize(
    "code",
    [
        "bins = [0, 18, 45, 60, 75, 120]",
        f"codes = {[f'J{n}' for n in range(80)]}",
        "for n in range(1000):\n    print(n)",
        "x = 1",
        "def f(:",
        "# " + "=" * 200,
        "path = '/data/snds/ER_PRS_F.parquet'",
        "sha = '" + "a3f" * 21 + "b'",
    ],
)
def test_ordinary_code_is_left_alone(code: str) -> None:
    assert rules(code=code) == []


def test_prose_with_long_words_is_left_alone() -> None:
    assert (
        rules(text="http://example.org/a/very/long/path/with-many-parts/and_more_of_them/index.html " * 5 + "-" * 300)
        == []
    )
