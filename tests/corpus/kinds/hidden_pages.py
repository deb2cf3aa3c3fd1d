"""Hidden channels of pages, drawings and PDF."""

import base64
import io

import numpy as np
import pikepdf

from .hidden import PAYLOAD, case


@case
def html_comment() -> tuple[str, bytes]:
    return (
        "t.html",
        f"<html><body><!-- {PAYLOAD} --><table><tr><th>n</th></tr><tr><td>120</td></tr></table></body></html>".encode(),
    )


@case
def html_script() -> tuple[str, bytes]:
    return (
        "t.html",
        f"<html><script>x='{PAYLOAD}'</script><table title='{PAYLOAD}'><tr><td>120</td></tr></table></html>".encode(),
    )


@case
def html_dialog() -> tuple[str, bytes]:
    return "t.html", f"<html><body><p>n = 153</p><dialog>{PAYLOAD}</dialog></body></html>".encode()


@case
def html_meta() -> tuple[str, bytes]:
    return (
        "t.html",
        f"<!doctype html><html><title>{PAYLOAD}</title><meta content='{PAYLOAD}'></head><p>n = 153</p></html>".encode(),
    )


@case
def html_plotly() -> tuple[str, bytes]:
    values = base64.b64encode(np.arange(1000, dtype="<f8").tobytes()).decode()
    data = f'[{{"x":{{"dtype":"f8","bdata":"{values}"}},"text":["{PAYLOAD}"]}}]'
    text = f'<html><div id="a"></div><script>Plotly.newPlot("a",{data})</script></html>'
    return "plot.html", text.encode()


@case
def html_vega() -> tuple[str, bytes]:
    data = f'{{"$schema":"https://vega.github.io/schema/v5.json","datasets":{{"d":[{{"id":"{PAYLOAD}"}}]}}}}'
    text = f'<html><script>vegaEmbed("#v", {data})</script></html>'
    return "plot.html", text.encode()


@case
def html_bokeh() -> tuple[str, bytes]:
    text = f'<html><script>const docs_json = \'{{"a":{{"root_ids":["{PAYLOAD}"]}}}}\'; Bokeh.safely(f)</script></html>'
    return "plot.html", text.encode()


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="80">{}</svg>'


@case
def svg_description() -> tuple[str, bytes]:
    return "p.svg", SVG.format(
        f"<desc>{PAYLOAD}</desc><metadata>{PAYLOAD}</metadata><rect width='20' height='20'/>"
    ).encode()


@case
def svg_script() -> tuple[str, bytes]:
    return "p.svg", SVG.format(
        f"<script>'{PAYLOAD}'</script><rect width='20' height='20' onclick='{PAYLOAD}'/>"
    ).encode()


@case
def svg_comment() -> tuple[str, bytes]:
    return "p.svg", SVG.format(f"<!-- {PAYLOAD} --><rect width='20' height='20' data-x='{PAYLOAD}'/>").encode()


@case
def pdf_attachment() -> tuple[str, bytes]:
    book = pikepdf.new()
    book.add_blank_page(page_size=(200, 100))
    book.attachments["a.txt"] = PAYLOAD.encode()
    out = io.BytesIO()
    book.save(out, compress_streams=False)
    return "p.pdf", out.getvalue()


@case
def pdf_metadata() -> tuple[str, bytes]:
    book = pikepdf.new()
    book.add_blank_page(page_size=(200, 100))
    book.docinfo["/Title"] = PAYLOAD
    out = io.BytesIO()
    book.save(out)
    return "p.pdf", out.getvalue() + f"\n% {PAYLOAD}".encode()


def _page_with(content: str) -> bytes:
    book = pikepdf.new()
    page = book.add_blank_page(page_size=(200, 100))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    page.Contents = pikepdf.Stream(book, content.encode())
    out = io.BytesIO()
    book.save(out, compress_streams=False)
    return out.getvalue()


@case
def pdf_invisible_text() -> tuple[str, bytes]:
    return "p.pdf", _page_with(f"BT /F 12 Tf 3 Tr 20 50 Td ({PAYLOAD}) Tj ET")


@case
def pdf_off_page() -> tuple[str, bytes]:
    return "p.pdf", _page_with(f"BT /F 12 Tf 2000 5000 Td ({PAYLOAD}) Tj ET")
