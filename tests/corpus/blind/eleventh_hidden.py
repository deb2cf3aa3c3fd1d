"""Eleventh batch: leaks in the corners of a container, in what is drawn, and in tables."""

import base64
import io
import zipfile
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pikepdf
from openpyxl.chart import BarChart, Reference
from openpyxl.workbook.defined_name import DefinedName

from .case import Case, File, leak
from .pack import cell, csv, excel, figure, french_csv, html, latex, notebook, stream, text_cell, word, zipped

rng = np.random.default_rng(1112)
TOLD = "patient 2 91 03 75 116 042 68, born 14/02/1991"
NIR = "2 91 03 75 116 042 68"
CALM = pd.DataFrame({"service": ["A", "B", "C"], "séjours": [412, 388, 951]})
WML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def with_part(part: str, said: str) -> bytes:
    """A Word report with a footnote, a comment or a header that holds a text."""
    _, plain = word(CALM, "Les résultats principaux sont dans le tableau.")
    item = {"footnotes": "footnote", "comments": "comment"}.get(part)
    body = f"<w:p><w:r><w:t>{said}</w:t></w:r></w:p>"
    inner = f'<w:{item} w:id="2" w:author="x">{body}</w:{item}>' if item else body
    root = part if item else "hdr"
    xml = f'<?xml version="1.0" encoding="UTF-8"?><w:{root} xmlns:w="{WML}">{inner}</w:{root}>'
    kind = part if item else "header"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode("latin-1")
            if name == "[Content_Types].xml":
                mime = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"
                data = data.replace("</Types>", f'<Override PartName="/word/{part}.xml" ContentType="{mime}"/></Types>')
            if name == "word/_rels/document.xml.rels":
                data = data.replace("</Relationships>", f'<Relationship Id="rId90" Type="{REL}/{kind}" Target="{part}.xml"/></Relationships>')  # fmt: skip
            if name == "word/document.xml" and item:
                mark = {"footnote": "footnoteReference", "comment": "commentReference"}[item]
                data = data.replace("</w:p>", f'<w:r><w:{mark} w:id="2"/></w:r></w:p>', 1)
            if name == "word/document.xml" and not item:
                data = data.replace("<w:pgSz", f'<w:headerReference xmlns:r="{REL}" w:type="default" r:id="rId90"/><w:pgSz', 1)  # fmt: skip
            new.writestr(name, data.encode("latin-1"))
        new.writestr(f"word/{part}.xml", xml)
    return out.getvalue()


def workbook(kind: str) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in [list(CALM.columns), *CALM.to_numpy().tolist()]:
        sheet.append(row)
    if kind == "name":
        made.defined_names["cache"] = DefinedName("cache", attr_text=f'"{NIR}"', hidden=True)
    elif kind == "row":
        sheet["A40"] = TOLD
        sheet.row_dimensions[40].hidden = True
    elif kind == "format":
        sheet["B2"].number_format = f'0"{NIR}"'
    elif kind == "header":
        sheet.oddHeader.center.text = TOLD
    else:
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=4), titles_from_data=True)
        chart.title = TOLD
        sheet.add_chart(chart, "E2")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def annotated() -> bytes:
    _, plain = figure(lambda ax: ax.plot([0, 1, 2], [0.5, 0.7, 0.8]), "pdf")
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents=TOLD)
        pdf.pages[0]["/Annots"] = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(note)]))
        with pdf.open_metadata() as meta:
            meta["dc:description"] = TOLD
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def hidden() -> list[Case]:
    svg = figure(lambda ax: ax.plot([0, 1, 2], [0.5, 0.7, 0.8]), "svg")[1]
    svg = svg.replace(b"</svg>", f"<g aria-label='{TOLD}'><title>{TOLD}</title><desc>{TOLD}</desc></g></svg>".encode())
    dot = base64.b64encode(figure(lambda ax: ax.plot([0, 1], [0, 1]))[1]).decode()
    page = f"<html><body><p title='{TOLD}'>Done.</p><img alt='{TOLD}' src='data:image/png;base64,{dot}'></body></html>"
    tex = f"\\pdfinfo{{/Subject ({TOLD})}}\n\\section{{Results}}\n\\iffalse {TOLD} \\fi\n\\begin{{comment}}\n{TOLD}\n\\end{{comment}}\nDone.\n"  # fmt: skip
    md = f"# Results\n\n<!-- {TOLD} -->\n\n![{TOLD}](figure.png)\n\n[//]: # ({TOLD})\n\nDone.\n"
    noted = notebook(text_cell("## Done"), {**cell("1 + 1", {**stream("2\n"), "metadata": {"who": TOLD}}), "metadata": {"slideshow": {"notes": TOLD}}})  # fmt: skip
    files: dict[str, File] = {
        "footnotes": ("r.docx", with_part("footnotes", TOLD)), "comments": ("r.docx", with_part("comments", TOLD)),
        "header": ("r.docx", with_part("header1", TOLD)), "svg": ("f.svg", svg), "page": ("p.html", page.encode()),
        "annotation": ("f.pdf", annotated()), "latex": ("r.tex", tex.encode()), "markdown": ("r.md", md.encode()),
        "book": noted, "zips": zipped(("inner.zip", zipped(("deep.zip", zipped(("t.txt", TOLD.encode()))[1]))[1])),
    }  # fmt: skip
    files |= {f"sheet_{kind}": ("t.xlsx", workbook(kind)) for kind in ("name", "row", "format", "header", "chart")}
    said = ("r.docx", with_part("footnotes", "Three patients withdrew, two of them after surgery."))
    out = [leak(f"eleven_hidden_{name}", "hidden", file, payload=[NIR]) for name, file in files.items()]
    return [*out, leak("eleven_docx_footnote_said", "hidden", said, payload=["Three patients withdrew"])]


def titled(ax: Any) -> None:
    ax.plot([0, 6, 12], [1, 0.8, 0.7])
    ax.set(title="Survival of homozygous carriers (n = 7)", xlabel="Months", ylim=(0, 1))


def legend(ax: Any) -> None:
    for name, slope in (("Drug (n=212)", 0.01), ("Placebo (n=208)", 0.02), ("Crossover (n=6)", 0.03)):
        ax.plot([0, 6, 12], [1, 1 - 6 * slope, 1 - 12 * slope], label=name)
    ax.legend()
    ax.set(xlabel="Months", ylabel="Survival")


def noted(ax: Any) -> None:
    ax.bar(["2019", "2020", "2021"], [0.12, 0.14, 0.11])
    ax.set(ylabel="Rate", ylim=(0, 0.25))
    ax.text(1, 0.2, "4 deaths among 96 patients", ha="center")


def ticks(ax: Any) -> None:
    ax.bar([0, 1, 2], [61, 64, 70])
    ax.set_xticks([0, 1, 2], ["Nord\nn = 412", "Sud\nn = 388", "Mayotte\nn = 9"])
    ax.set_ylabel("Mean age (years)")


def drawn() -> list[Case]:
    return [
        leak("eleven_title_png", "drawn", figure(titled)),
        leak("eleven_legend_svg", "drawn", figure(legend, "svg")),
        leak("eleven_legend_png", "drawn", figure(legend)),
        leak("eleven_note_pdf", "drawn", figure(noted, "pdf")),
        leak("eleven_ticks_jpg", "drawn", figure(ticks, "jpg", dpi=150)),
    ]


def tables() -> list[Case]:
    shares = pd.DataFrame({"Complication": ["Bleeding", "Infection", "Stroke"], "Drug (N = 214)": ["12.1 %", "8.4 %", "1.9 %"], "Placebo (N = 209)": ["7.2 %", "9.1 %", "8.1 %"]})  # fmt: skip
    quart = pd.DataFrame({"Quartile": ["Q1", "Q2", "Q3", "Q4"], "n": [9, 8, 9, 8], "médiane": [3.1, 4.4, 5.9, 8.8]})
    ages = pd.DataFrame({"âge": [96, 97, 98, 99, 100, 101, 102], "effectif": [88, 61, 40, 22, 14, 9, 3]})
    flow = pd.DataFrame({"from": ["MCO", "MCO", "SSR"], "to": ["SSR", "USLD", "USLD"], "stays": [412, 96, 5]})
    top = pd.DataFrame({"Commune": ["Brest", "Sein"], "Dépense (€)": [48120930, 81204], "Part du premier assuré (%)": [0.1, 93.2], "Assurés": [13960, 24]})  # fmt: skip
    seen = pd.DataFrame({"Région": ["Nord", "Sud", "Est", "Total"], "Testés": [412, 388, 350, 1150], "Positifs": ["40", "<11", "31", "78"]})  # fmt: skip
    alone = pd.DataFrame({"groupe": ["A", "B"], "n": [204, 1], "hba1c moyenne": [7.1, 9.8]})
    adults, everybody = pd.DataFrame({"sexe": ["F", "M"], "18 ans et plus": [612, 588]}), pd.DataFrame({"sexe": ["F", "M"], "tous âges": [616, 593]})  # fmt: skip
    return [
        leak("eleven_shares", "tables", word(shares)), leak("eleven_quartiles", "tables", french_csv(quart)),
        leak("eleven_ages", "tables", excel(ages)), leak("eleven_flow", "tables", csv(flow)),
        leak("eleven_first", "tables", excel(top)), leak("eleven_recovered", "tables", latex(seen)),
        leak("eleven_alone", "tables", html(alone)), leak("eleven_adults", "tables", csv(everybody), released=(csv(adults),)),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    return [*hidden(), *drawn(), *tables()]
