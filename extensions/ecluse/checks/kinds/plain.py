"""Plain text, logs, Markdown, LaTeX and source code.

Kept: the text in canonical Unicode. Dropped: invisible characters, terminal escapes, HTML tags and comments of
Markdown, pictures inside it, comments of LaTeX. Never executed, never rendered here.

Worked example: `n = 153<!-- 1850578006084 -->` in a Markdown file becomes `n = 153`.
"""

import re
from dataclasses import dataclass

from ecluse.checks.captions import comments
from ecluse.checks.facts import Code, Facts, Passage, Place, Source
from ecluse.checks.limits import Limits

from . import Rebuilt, Unreadable
from .clean import clean
from .delimited import decode
from .layout import read_text

NAME = "text"
_MARKDOWN = (".md", ".markdown", ".rmd", ".qmd")
_LATEX = (".tex", ".ltx")
_CODE = {".py": "python", ".r": "r", ".sql": "sql", ".jl": "julia", ".sh": "sh", ".do": "stata", ".sas": "sas"}
_TEXT = (".txt", ".log", ".out", ".text", ".rst", ".lst", *_MARKDOWN, *_LATEX, *_CODE)
_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
_INFO = re.compile(
    r"^\s*[`~]+\s*(?:\{[A-Za-z]{1,12}(?:[ ,]+(?:[a-z][a-z-]{0,24}"
    r"|[a-z.]{1,16} ?= ?(?:TRUE|FALSE|true|false|\d{1,3})))*\}"
    r"|[\w+#.-]{0,20})"
)
"""A fence with its language, and in braces the name and the switches of a chunk: `{r setup, echo=FALSE}`."""
_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^>]*>", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>", re.DOTALL)
_DROPPED = re.compile(r"<(script|style|template|svg|iframe|object)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_HIDDEN_LINK = re.compile(r"^\s{0,3}\[(?!\^)[^\]]*\]:[^\n]*$", re.MULTILINE)
"""A footnote, `[^1]: …`, is none: it is printed."""
_TITLE = re.compile(r"(\[[^\]]*\]\([^)\s]*)\s+(?:\"[^\"]*\"|'[^']*'|\([^)]*\))\)")
_BR = re.compile(r"<br\s*/?>", re.IGNORECASE)
_CONTROLS = 0.02
_SMCL = re.compile(r"\{(?:c [^{}\n]{1,8}|hline ?(?P<long>\d{0,3})|[a-z]{1,12}(?: [^{}\n]{0,20})?)\}")
_LEAF = re.compile(r"<([A-Za-z_][\w.-]{0,40})(?:\s[^<>]{0,200})?>\s*([^<>\n]{1,200}?)\s*</\1\s*>")
_ATTRIBUTE = re.compile(r"([A-Za-z_][\w.-]{0,40})=[\"'](\d{1,9})[\"']")


@dataclass(frozen=True, slots=True)
class Document:
    """Canonical text, its extension, and the language where it is code."""

    text: str
    extension: str = ".txt"
    language: str = ""


def sniff(head: bytes, name: str) -> bool:
    """A text's name, and bytes that are text."""
    return name.lower().endswith(_TEXT) and is_text(head)


def is_text(head: bytes) -> bool:
    """Whether bytes decode as text with hardly any control character."""
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    controls = sum(b < 32 and b not in (9, 10, 12, 13, 27, 8) for b in head)  # ASCII controls
    return controls <= _CONTROLS * len(head)


def read(data: bytes, limits: Limits, name: str = "") -> Document:
    """The canonical text. Raises `Unreadable` past the limits."""
    if len(data) > limits.text:
        raise Unreadable(
            "text-too-long", f"The text is longer than {limits.text:,} bytes.", "Release a summary instead of a log."
        )
    if not is_text(data):
        raise Unreadable("file-malformed", "The file is not text: it holds control bytes.", "Save it as UTF-8 text.")
    text = clean(decode(data)).strip("\n") + "\n"
    suffix = "." + name.lower().rpartition(".")[2]
    if suffix in _MARKDOWN:
        return Document(clean_markdown(text).strip("\n") + "\n", ".md")
    if suffix in _LATEX:
        return Document(clean_latex(text), ".tex")
    if suffix in _CODE:
        return Document(text, suffix, _CODE[suffix])
    return Document(text)


_UNPRINTED = re.compile(
    r"\\(?:typeout|wlog|message|pdfinfo|hypersetup|index|glossary|special|immediate\\write\d*|write\d+|gdef\\\w+|phantom"
    r"|hphantom|vphantom|thanksnote)\s*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
)
"""Commands whose argument goes to the log, to the metadata or to nowhere."""


def clean_latex(text: str) -> str:
    """LaTeX without what it does not print: comments, false branches, metadata, all behind the end of the document."""
    text = re.sub(r"(?<!\\)%[^\n]*", "%", text)
    text = re.sub(r"\\iffalse\b.*?(?:\\fi\b|\Z)", "", text, flags=re.DOTALL)
    text = re.sub(r"\\begin\{comment\}.*?(?:\\end\{comment\}|\Z)", "", text, flags=re.DOTALL)
    text = _UNPRINTED.sub("", text)
    return re.sub(r"(\\end\{document\}).*", r"\1\n", text, flags=re.DOTALL)


def clean_markdown(text: str) -> str:
    """Markdown without what its rendering hides: comments, tags, pictures, link definitions and titles, diagrams.

    Code blocks and code spans are shown as they are and stay.
    """
    out: list[str] = []
    prose: list[str] = []
    fence = ""
    dropped = False
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if not fence and mark:
            out.append(_prose("\n".join(prose)))
            prose = []
            fence = mark[1]
            dropped = bool(re.match(r"\s*[`~]+\s*\{?\.?(mermaid|html|svg|raw|=html|=latex)", line, re.IGNORECASE))
            if not dropped:
                out.append(found[0] if (found := _INFO.match(line)) else fence)
        elif fence:
            if not dropped:
                out.append(line)
            if mark and mark[1].startswith(fence) and line.strip() == mark[1]:
                fence = ""
        else:
            prose.append(line)
    if prose:
        out.append(_prose("\n".join(prose)))
    return "\n".join(out)


def _prose(text: str) -> str:
    spans: list[str] = []

    def keep(match: re.Match[str]) -> str:
        spans.append(match[0])
        return f"\x00{len(spans) - 1}\x00"

    text = _DROPPED.sub("", _COMMENT.sub("", text))
    text = _SPAN.sub(keep, text)
    text = _BR.sub("  \n", text)
    text = _TAG.sub("", text)
    text = _IMAGE.sub(r"\1", text)
    text = _TITLE.sub(r"\1)", _HIDDEN_LINK.sub("", text))
    return re.sub("\x00(\\d+)\x00", lambda m: spans[int(m[1])], text)


def facts(document: Document) -> Facts:
    """Tables, numbers and the text; of code only the code."""
    if document.language:
        return code_facts(document.text, document.language)
    return read_text(shown(document.text), source=Source.PROSE)


def shown(text: str) -> str:
    """What a text says to its readers: Stata's SMCL without its directives, the leaves of an XML by their names."""
    if text.startswith("{smcl}"):
        text = _SMCL.sub(lambda m: "|" if m[0] == "{c |}" else "-" * min(int(m["long"] or 0), 200), text)
    if "</" in text and text.lstrip().startswith("<"):
        text = _ATTRIBUTE.sub(r"\1 = \2", _LEAF.sub(r"\1 = \2\n", text))
    return text


def code_facts(text: str, language: str, where: str = "", place: Place | None = None) -> Facts:
    """Code as code, once more as a passage, because identifiers hide in it, and its comments as prose."""
    base = place or Place()
    passages = (Passage(text, Source.CODE, where, base), *comments(text, where, base))
    return Facts(code=(Code(text, language, where, base),), passages=passages)


def rebuild(document: Document) -> Rebuilt:
    """UTF-8 text."""
    return Rebuilt(document.text.encode(), document.extension)
