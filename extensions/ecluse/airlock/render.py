"""Turns values that researchers wrote into HTML that can do nothing.

Worked example: the text `<b>4</b>` becomes `&lt;b&gt;4&lt;/b&gt;`; the output `<td onclick="x()">4</td>` becomes
`<td>4</td>`; a right-to-left mark becomes a visible `U+202E`, because an unseen character can make a reviewer read
something else than what is released. What is not shown as it is, is shown as source beside it: nothing is hidden.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import nh3
from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

_TAGS = """
b i em strong u s sub sup small br hr p div span pre code kbd samp blockquote ul ol li dl dt dd
h1 h2 h3 h4 h5 h6 table thead tbody tfoot tr td th caption
"""
TAGS = frozenset(_TAGS.split())
"""Elements that pass. No link, no image, no form, no style: an output's own looks may not change what is read."""

_SPANS = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_SMALL_NUMBER = re.compile(r"[1-9][0-9]{0,2}")
_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SUSPECT = re.compile(r"[^\t\n\x20-\x7e\xa0-\xac\xae-\u02ff]")
_LANGUAGES = {"python": "python3", "r": "r", "julia": "julia", "sql": "sql", "bash": "bash", "sas": "sas"}
_LONGEST_HIGHLIGHT = 100_000


def _only_small_spans(_tag: str, _name: str, value: str) -> str | None:
    return value if _SMALL_NUMBER.fullmatch(value) else None


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags={"script", "style"},
    attributes=_SPANS,
    attribute_filter=_only_small_spans,
    url_schemes=set(),
    link_rel=None,
)
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image"])


def clean(html: str) -> Markup:
    """HTML from an output, reduced to `TAGS` without attributes but spans of cells."""
    return mark_unseen(Markup(_CLEANER.clean(_encodable(html))))  # noqa: S704 - sanitised by nh3 in the same line


def markdown(text: str) -> Markup:
    """Markdown rendered. Raw HTML in it is shown as text; a link shows its address and leads nowhere."""
    tokens = _MARKDOWN.parse(_encodable(text))
    for block in tokens:
        _unlink(block.children or [])
    return clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _unlink(tokens: list[Token]) -> None:
    """Replace each link by its text and, behind it, its address. Links don't nest."""
    address = ""
    for token in tokens:
        if token.type == "link_open":
            address, shown = str(token.attrGet("href")), ""
        elif token.type == "link_close":
            shown = f" ‹{address}›"
        else:
            continue
        token.type, token.tag, token.nesting, token.content = "text", "", 0, shown


def visible(text: object) -> Markup:
    """Text escaped, with every character that can't be seen shown by its code point."""
    return mark_unseen(escape(str(text)))


def mark_unseen(html: Markup) -> Markup:
    """Safe HTML with control, format, surrogate and unassigned characters replaced by their code points.

    Only for HTML without attributes of foreign content, as `escape` and `clean` make it.
    """
    return Markup(_SUSPECT.sub(_code_point, html))  # noqa: S704 - safe before, and the replacement is ours


def _code_point(match: re.Match[str]) -> str:
    character = match.group()
    if unicodedata.category(character) not in _UNSEEN_KINDS:
        return character
    return f'<span class="unseen">U+{ord(character):04X}</span>'


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def code(text: str, language: str = "python") -> Markup:
    """Source code with its syntax marked by classes. Unknown languages and very long texts stay plain."""
    lexer = _LANGUAGES.get(language.lower())
    if lexer is None or len(text) > _LONGEST_HIGHLIGHT:
        return visible(text)
    lexed = get_lexer_by_name(lexer, stripnl=False, ensurenl=False)
    formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
    return mark_unseen(Markup(highlight(text, lexed, formatter)))  # noqa: S704 - pygments escapes the text


@cache
def environment() -> Environment:
    """The templates of pages and previews. Everything is escaped unless it is `Markup`; unknown names are errors."""
    found = Environment(
        loader=PackageLoader("ecluse.airlock"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(visible=visible, clean=clean, markdown=markdown, code=code)
    return found


@lru_cache
def preview_style() -> Markup:
    """The one style sheet of previews, put into each document: a sandboxed frame may load nothing."""
    text = files("ecluse.airlock").joinpath("templates/preview/preview.css").read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file


@cache
def preview_headers() -> Mapping[str, str]:
    """Headers that a preview is served with: no script, no load, its own origin, in a frame of ours alone.

    `sandbox` also holds when somebody opens the address outside of its frame.
    """
    digest = b64encode(sha256(preview_style().encode()).digest()).decode()
    policy = (
        f"sandbox; default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def preview_document(template: str, **values: Any) -> str:
    """A complete HTML document from a template of `templates/preview`."""
    return environment().get_template(f"preview/{template}").render(style=preview_style(), **values)
