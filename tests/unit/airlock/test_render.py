"""Nothing that a researcher writes does anything on a reviewer's screen, and nothing of it is hidden."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecluse.airlock.marks import mark_cells
from ecluse.airlock.notes import Notes
from ecluse.airlock.render import TAGS, clean, code, markdown, preview_headers, visible
from ecluse.rules.finding import Finding, Place, Severity

ALLOWED_ATTRIBUTES = {"class", "colspan", "rowspan"}

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="https://evil.example/?leak=1">x</a>',
    '<iframe srcdoc="<script>parent.x=1</script>"></iframe>',
    '<svg><script>alert(1)</script><use href="//evil.example/x#y"/></svg>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<form action="//evil.example"><input name=x></form>',
    '<td style="background:url(//evil.example)">1</td>',
    '<table><tr><td colspan="999999" onclick="x()" id="finding-1">4</td></tr></table>',
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
    '<base href="//evil.example/">',
    "<!-- 12 patients --><![CDATA[x]]>",
    '<template><img src="//evil.example/t"></template>',
    "</pre></code></main></body></html><script>1</script>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "[x](javascript:alert(1)) ![p](https://evil.example/p.png) <https://evil.example/auto>",
    "[r]: https://evil.example 'x'\n\n[r]",
    "\u202e\u200b\x00\x07\ufeff\ud800",
]


class Inspector(HTMLParser):
    """Lists every element and attribute that a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment survived: {data!r}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration survived: {decl!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction survived: {data!r}")

    unknown_decl = handle_decl


def assert_harmless(html: str) -> None:
    found = Inspector()
    found.feed(html)
    found.close()
    assert found.tags <= TAGS | {"span"}
    for tag, name, value in found.attributes:
        assert name in ALLOWED_ATTRIBUTES, (tag, name, value)
        if name != "class":
            assert value is not None
            assert re.fullmatch(r"[1-9][0-9]{0,2}", value)
        else:
            assert re.fullmatch(r"[a-z0-9 -]+", value or "", re.IGNORECASE)


pieces = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), max_size=6).map("".join)


@given(pieces)
@example("".join(HOSTILE))
def test_no_script_handler_or_address_survives_an_output(text: str) -> None:
    assert_harmless(clean(text))


@given(pieces)
@example("".join(HOSTILE))
def test_no_script_handler_or_address_survives_markdown(text: str) -> None:
    assert_harmless(markdown(text))


@given(pieces)
def test_text_and_code_stay_text(text: str) -> None:
    for html in (visible(text), code(text), code(text, "sql"), code(text, "no such language")):
        assert_harmless(html)
        html.encode("utf-8")


@pytest.mark.parametrize("text", ["\u202e", "\u200b", "\x00", "\ufeff", "\u2066", "\x1b", "\ue000", "\u00ad", "\u2028"])
def test_unseen_characters_are_shown_by_their_code_point(text: str) -> None:
    assert f"U+{ord(text):04X}" in visible(f"a{text}b")
    assert text not in visible(f"a{text}b")


@pytest.mark.parametrize("text", ["Île-de-France", "cœur", "1\u202f234", "≥ 20 %", "日本", "a\tb\nc", "😀"])
def test_words_and_signs_are_shown_as_they_are(text: str) -> None:
    assert visible(text) == text


def test_a_link_shows_its_address_and_leads_nowhere() -> None:
    html = markdown("[the paper](https://evil.example/x?id=12345)")
    assert "the paper ‹https://evil.example/x?id=12345›" in html
    assert "<a" not in html


def test_raw_html_in_markdown_is_shown_as_text() -> None:
    assert "&lt;div hidden&gt;" in markdown("<div hidden>secret</div>")


def note(row: int, column: int, severity: Severity = Severity.REFUSE) -> Finding:
    return Finding(rule="small-count", severity=severity, message="m", place=Place(row=row, column=column))


FRAME = (
    "<table><thead><tr><th></th><th>n</th></tr></thead>"
    "<tbody><tr><th>a</th><td>120</td></tr><tr><th>b</th><td>4</td></tr></tbody></table>"
)


def test_the_cell_of_a_finding_is_outlined() -> None:
    html = mark_cells(clean(FRAME), Notes.of([note(1, 1)]).notes)
    assert html.count("class=") == 1
    assert '<td class="hit refuse">4</td>' in html


def test_without_a_head_the_first_row_is_the_header() -> None:
    html = mark_cells(clean("<table><tr><td>n</td></tr><tr><td>4</td></tr></table>"), Notes.of([note(0, 0)]).notes)
    assert '<td class="hit refuse">4</td>' in html


@pytest.mark.parametrize("html", [FRAME + FRAME, FRAME.replace("<td>120", '<td colspan="2">120')])
def test_no_cell_is_outlined_where_the_position_could_mean_another(html: str) -> None:
    assert "class=" not in mark_cells(clean(html), Notes.of([note(1, 1)]).notes)


@given(pieces, st.integers(0, 3), st.integers(0, 3))
def test_outlines_open_nothing(text: str, row: int, column: int) -> None:
    assert_harmless(mark_cells(clean(f"<table><tr><td>{text}</td></tr></table>"), Notes.of([note(row, column)]).notes))


def test_a_preview_may_load_nothing_and_run_nothing() -> None:
    policy = preview_headers()["Content-Security-Policy"]
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives["sandbox"] == ""
    assert directives["default-src"] == "'none'"
    assert directives["img-src"] == "data:"
    assert "script-src" not in directives
    assert "unsafe" not in policy
