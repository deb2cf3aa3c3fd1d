"""No hidden channel survives: the payload is gone from the rebuilt file, or the file is refused."""

import pytest

from corpus.kinds.hidden import PAYLOAD, ZERO_WIDTH, all_cases
from corpus.kinds.unpack import unpacked
from ecluse.checks.kinds import Rebuilt, Unreadable
from ecluse.checks.kinds.detect import kind_of
from ecluse.checks.limits import Limits

CASES = all_cases()


def through(name: str, data: bytes) -> Rebuilt | Unreadable:
    try:
        kind = kind_of(data, name)
        document = kind.read(data, Limits(), name)
        kind.facts(document)
        return kind.rebuild(document)
    except Unreadable as refused:
        return refused


@pytest.mark.parametrize("name", CASES)
def test_payload_does_not_survive(name: str) -> None:
    path, data = CASES[name]()
    answer = through(path, data)
    if isinstance(answer, Unreadable):
        assert answer.message
        assert answer.fix
        return
    everything = unpacked(answer.data)
    assert PAYLOAD.encode() not in everything
    assert PAYLOAD.encode("utf-16-le") not in everything
    assert ZERO_WIDTH.encode() not in everything
    if answer.extension in (".txt", ".csv", ".md", ".ipynb"):
        assert not any(ord(c) >= 0xE0000 for c in answer.data.decode())


@pytest.mark.parametrize("name", [n for n in CASES if not n.startswith(("zip_", "png_appended", "apng"))])
def test_payload_was_there(name: str) -> None:
    """The corpus itself: without the payload in the original the test above could not fail."""
    _, data = CASES[name]()
    everything = unpacked(data)
    text = everything.decode("utf-8", "ignore")
    assert (
        PAYLOAD.encode() in everything
        or PAYLOAD in text
        or ZERO_WIDTH in text
        or any(ord(c) >= 0xE0000 for c in text)
        or PAYLOAD.encode("utf-32-le") in everything
        or name in ("csv_trailing_blanks", "png_transparent_colours", "jpeg_exif")
    )


REBUILT = [
    "png_itxt",
    "notebook_metadata",
    "notebook_html_attribute",
    "csv_zero_width",
    "xlsx_very_hidden_sheet",
    "docx_deletion",
    "parquet_metadata",
    "html_comment",
    "svg_description",
    "pdf_metadata",
    "zip_comment",
    "markdown_comment",
    "latex_comment",
]


@pytest.mark.parametrize("name", REBUILT)
def test_what_is_rebuilt_rebuilds_to_itself(name: str) -> None:
    path, data = CASES[name]()
    first = through(path, data)
    assert isinstance(first, Rebuilt)
    second = through("again" + first.extension, first.data)
    assert isinstance(second, Rebuilt)
    if first.extension != ".pdf":  # pages are drawn anew from pictures, within a level of rounding
        assert second.data == first.data


@pytest.mark.parametrize(
    ("fence", "kept"),
    [
        ("```{r setup, echo=FALSE}", True),
        ("```python", True),
        ("```{r 850578006084}", False),
        ("```py 12 rue X", False),
    ],
)
def test_a_fence_keeps_its_language_and_switches_alone(fence: str, kept: bool) -> None:
    answer = through("report.qmd", f"{fence}\nx <- 1\n```\n".encode())
    assert isinstance(answer, Rebuilt)
    assert (fence in answer.data.decode()) is kept
    assert "x <- 1\n```" in answer.data.decode()
