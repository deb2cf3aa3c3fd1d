"""Files to begin from, one or more per kind: small, valid, and each with the payload in clear."""

import io

import pandas as pd
from PIL import Image

from corpus.blind import pack

PAYLOAD = "LEGOFF Marie 12/03/1938"
FRAME = pd.DataFrame({"patient": [PAYLOAD, "PETIT Louise 02/11/1951"], "n": [1, 2]})


def seeds() -> dict[str, list[bytes]]:
    """Seeds by kind, as in `targets.NAMES`."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20"><text y="9">{PAYLOAD}</text></svg>'
    made = {
        "csv": [pack.csv(FRAME), pack.bom_csv(FRAME), pack.wide_csv(FRAME)],
        "excel": [pack.excel(FRAME)], "parquet": [pack.parquet(FRAME)], "html": [pack.html(FRAME)],
        "notebook": [pack.book(FRAME), pack.printed_book(FRAME)], "markdown": [pack.markdown(FRAME)],
        "latex": [pack.latex(FRAME)], "text": [pack.printed(FRAME)], "json": [pack.as_json(FRAME), pack.split_json(FRAME)],
        "docx": [pack.word(FRAME, PAYLOAD)], "zip": [pack.zipped_csv(FRAME), pack.zipped(pack.zipped_csv(FRAME))],
        "pdf": [pack.drawn_pdf(FRAME)], "png": [("a.png", out.getvalue())], "svg": [("a.svg", svg.encode())],
    }  # fmt: skip
    found = {kind: [data for _, data in files] for kind, files in made.items()}
    return {**found, "any": [data for files in found.values() for data in files]}
