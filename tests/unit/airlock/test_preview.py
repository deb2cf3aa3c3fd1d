"""What reviewers see of a rebuilt file: all of it, each finding beside its place, and nothing that acts."""

import io
import json
import re
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from ecluse.airlock.preview import extent, preview
from ecluse.rules.finding import Finding, Place, Severity

from .test_render import HOSTILE, pieces

SAFE_TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "section", "details", "summary", "svg", "path", "circle",
    "img", "a", "article", "nav",
}  # fmt: skip
NUMBERS = re.compile(r"^[\w./ -]*$")


class Document(HTMLParser):
    """The elements of a preview, its visible text and its anchors."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.order: list[str] = []
        self._style = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._style = tag == "style"
        if "id" in dict(attrs):
            self.order.append(f"#{dict(attrs)['id']}")

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.text += data
            self.order.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment survived: {data!r}")


def assert_inert(html: str) -> None:
    """No script, handler, style or address of the researcher's in the document."""
    for tag, attributes in Document(html).tags:
        assert tag not in {"script", "iframe", "object", "embed", "form", "input", "base", "link", "use", "video"}
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in {"style", "srcdoc", "srcset", "action", "formaction", "background", "ping"}
            if name == "href":
                assert re.fullmatch(r"#finding-[0-9]+", value or "")
            if name == "src":
                assert (value or "").startswith("data:image/png;base64,")


def finding(message: str, severity: Severity = Severity.REVIEW, **place: Any) -> Finding:
    return Finding(
        rule="small-count", severity=severity, where="there", message=message, fix="mend", place=Place(**place)
    )


def notebook(*cells: Any, **metadata: Any) -> bytes:
    return nbformat.writes(new_notebook(cells=list(cells), metadata=metadata)).encode()


def code(*outputs: Any, source: str = "df.head()") -> Any:
    return new_code_cell(source, outputs=list(outputs))


def display(**data: Any) -> Any:
    return new_output("display_data", {k.replace("_", "/", 1): v for k, v in data.items()})


def png(width: int = 4, height: int = 3) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


def between(html: str, *parts: str) -> None:
    """The parts follow each other in the document."""
    document = "".join(Document(html).order)
    positions = [document.index(part) for part in parts]
    assert positions == sorted(positions), positions


def test_a_finding_stands_below_the_row_that_it_is_about() -> None:
    html = preview(b"region,n\nNord,120\nSud,4\nEst,88\n", "csv", "t.csv", [finding("a count of 4", row=1, column=1)])
    between(html, "Sud", "#finding-1", "a count of 4", "Est")
    assert re.search(r'<td class="hit review short">4', html)


def test_a_finding_about_a_column_stands_below_the_header() -> None:
    html = preview(b"region,n\nNord,120\n", "csv", "t.csv", [finding("the column", column=1)])
    between(html, "region", "#finding-1", "Nord")


def test_a_finding_stands_after_the_line_that_it_is_about() -> None:
    html = preview(b"one\ntwo\nthree\n", "text", "t.txt", [finding("about two", line=1)])
    between(html, "two", "#finding-1", "three")


def test_a_finding_stands_beside_the_output_that_it_is_about() -> None:
    content = notebook(
        code(display(text_plain="first")), code(display(text_plain="second"), display(text_plain="third"))
    )
    html = preview(content, "notebook", "n.ipynb", [finding("about second", cell=1, output=0)])
    between(html, "first", "second", "#finding-1", "third")


def test_a_finding_about_a_cell_stands_beside_its_source() -> None:
    html = preview(
        notebook(code(display(text_plain="shown")), new_markdown_cell("prose")),
        "notebook",
        "n.ipynb",
        [finding("about code", cell=0)],
    )
    between(html, "df", "#finding-1", "shown", "prose")


def test_a_finding_about_a_picture_stands_under_it() -> None:
    html = preview(png(), "png", "k.png", [finding("points are persons")])
    assert html.index("<img") < html.index('id="finding-1"')
    assert "4 × 3 pixels" in html


@pytest.mark.parametrize(
    ("kind", "content", "place"),
    [
        ("csv", b"a\n1\n", {"row": 99}),
        ("csv", b"a\n1\n", {"column": 99}),
        ("csv", b"a\n1\n", {}),
        ("text", b"a\n", {"line": 99}),
        ("notebook", notebook(), {"cell": 99}),
        ("notebook", notebook(code()), {"cell": 0, "output": 9}),
        ("png", png(), {"page": 1}),
        ("model", b"?", {"row": 1}),
    ],
)
def test_no_finding_is_lost_where_its_place_is_not_there(kind: str, content: bytes, place: dict[str, int]) -> None:
    html = preview(content, kind, "f", [finding("must be seen", **place)])
    assert html.count('id="finding-1"') == 1
    assert "must be seen" in html


@pytest.mark.parametrize("severity", list(Severity))
def test_a_severity_is_told_by_words_and_icon_not_by_colour_alone(severity: Severity) -> None:
    html = preview(b"a\n", "text", "t.txt", [finding("m", severity, line=0)])
    words = {"refuse": "Must be mended", "review": "To judge", "note": "Note"}
    assert f"<strong>{words[severity]}</strong>" in html
    assert '<svg class="icon"' in html


def test_a_long_table_is_paged_and_says_so() -> None:
    content = ("n\n" + "".join(f"{i}\n" for i in range(25_000))).encode()
    assert extent(content, "csv").pages == 3
    first, last = preview(content, "csv", "t.csv"), preview(content, "csv", "t.csv", page=2)
    assert "Rows: 1 to 10000 of 25000; page 1 of 3." in first
    assert '<td class="short">24999' in last
    assert preview(content, "csv", "t.csv", page=99) == last


def test_the_page_of_a_finding_can_be_asked_for() -> None:
    content = ("n\n" + "".join(f"{i}\n" for i in range(25_000))).encode()
    assert 'id="finding-1"' not in preview(content, "csv", "t.csv", [finding("far", row=20_500)])
    assert 'id="finding-1"' in preview(content, "csv", "t.csv", [finding("far", row=20_500)], finding=1)
    lines = b"x\n" * 2500
    assert 'id="finding-1"' in preview(lines, "text", "t.txt", [finding("far", line=2400)], finding=1)
    cells = notebook(*(code() for _ in range(150)))
    assert 'id="finding-1"' in preview(cells, "notebook", "n.ipynb", [finding("far", cell=140)], finding=1)


def test_every_form_of_an_output_is_shown() -> None:
    content = notebook(code(display(text_plain="harmless", text_html="<p>row 1</p>", application_json={"k": 7})))
    html = preview(content, "notebook", "n.ipynb")
    text = Document(html).text
    assert "row 1" in text
    assert "harmless" in text
    assert '"k": 7' in text


def test_markup_that_is_not_shown_is_there_as_source() -> None:
    content = notebook(code(display(text_html="<p>ok</p><!-- 12 patients --><p hidden title='Dupont'>x</p>")))
    text = Document(preview(content, "notebook", "n.ipynb")).text
    assert "12 patients" in text
    assert "Dupont" in text


def test_metadata_can_not_hide_a_cell() -> None:
    hidden = code(display(text_plain="the rows"), source="secret()")
    hidden.metadata = {
        "transient": {"remove_source": True},
        "tags": ["remove_cell"],
        "jupyter": {"source_hidden": True},
    }
    text = Document(preview(notebook(hidden, owner="Dupont"), "notebook", "n.ipynb")).text
    assert "secret" in text
    assert "the rows" in text
    assert "remove_source" in text
    assert "Dupont" in text


def test_attachments_are_shown() -> None:
    cell = new_markdown_cell("x")
    cell.attachments = {"p.png": {"text/plain": "Dupont"}}
    assert "Dupont" in Document(preview(notebook(cell), "notebook", "n.ipynb")).text


def test_colours_of_a_terminal_are_taken_out() -> None:
    content = notebook(
        code(
            new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m"),
            new_output("error", ename="E", evalue="v", traceback=["\x1b[1mline\x1b[0m"]),
        )
    )
    text = Document(preview(content, "notebook", "n.ipynb")).text
    assert "red" in text
    assert "line" in text
    assert "[31m" not in text


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("notebook", b"{"),
        ("notebook", b"[]"),
        ("notebook", b'{"nbformat": 3}'),
        ("notebook", b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}'),
        ("notebook", b"[" * 100_000),
        ("notebook", notebook(new_markdown_cell("x")).replace(b'"x"', b'"\\ud800"')),
        ("csv", b"\xff\xfe"),
        ("csv", b'a,"b\n1,2\n'),
        ("text", b"\xff"),
        ("png", b"GIF89a"),
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("pickle", b"\x80\x04"),
        ("unknown", b"x"),
    ],
)
def test_what_can_not_be_read_is_not_shown_and_says_so(kind: str, content: bytes) -> None:
    html = preview(content, kind, "f", [finding("kept")])
    assert "This file can't be shown" in html
    assert "Don't approve what you can't see" in html
    assert "kept" in html
    assert extent(content, kind).pages == 1


def test_a_picture_that_is_none_is_shown_as_text() -> None:
    html = preview(notebook(code(display(image_png="PHNjcmlwdD4="))), "notebook", "n.ipynb")
    assert "<img" not in html
    assert "PHNjcmlwdD4=" in html


@settings(max_examples=40, deadline=None)
@given(pieces, pieces)
def test_a_hostile_notebook_does_nothing(one: str, two: str) -> None:
    safe, other = (t.encode("utf-8", "replace").decode() for t in (one, two))
    content = notebook(
        new_markdown_cell(safe),
        code(
            display(text_html=safe, text_plain=other, text_markdown=other, image_png=safe, **{"image_svg+xml": safe}),
            new_output("stream", name="stdout", text=safe),
            new_output("error", ename=safe, evalue=other, traceback=[safe]),
            source=other,
        ),
        language_info={"name": safe},
        title=other,
    )
    assert_inert(preview(content, "notebook", safe, [finding("m" + safe[:50], cell=1, output=0, row=0, column=0)]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(pieces, min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_hostile_table_does_nothing(rows: list[list[str]]) -> None:
    content = "\n".join(",".join(json.dumps(c) for c in row) for row in rows).encode("utf-8", "replace")
    assert_inert(preview(content, "csv", "t.csv", [finding("m", row=0, column=0)]))
    assert_inert(preview(content, "text", "t.txt", [finding("m", line=0)]))


def test_every_hostile_piece_at_once_does_nothing() -> None:
    text = "\n".join(HOSTILE).encode("utf-8", "replace").decode()
    for kind, content in (("text", text.encode()), ("notebook", notebook(new_markdown_cell(text), code(source=text)))):
        assert_inert(preview(content, kind, text, [finding(text[:900])]))


SVG = b"""<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script>
<image href="//evil.example/x"/><desc>12</desc></svg>"""


def test_a_drawing_is_shown_as_a_picture_and_its_source_as_text() -> None:
    html = preview(SVG, "svg", "k.svg", [finding("about the drawing")])
    tags = [tag for tag, _ in Document(html).tags]
    assert "script" not in tags
    assert "image" not in tags
    assert '<img alt="The drawing" src="data:image/svg+xml;base64,' in html
    assert "<desc>12</desc>" in Document(html).text
    assert "about the drawing" in html


def test_a_page_is_shown_without_its_markup_acting() -> None:
    html = preview("".join(HOSTILE).encode("utf-8", "replace"), "html", "p.html")
    assert_inert(html)
    assert "12 patients" in Document(html).text
