"""Small results as researchers make them, to warm up on: no data of anybody, no file of a request.

Worked example: `files()` has a CSV of counts by region, a report with a sentence, a notebook with a table, and a
picture of three bars.
"""

import json
from collections.abc import Iterator

import numpy as np

_TABLE = "region,n,pct,mean\nNord,1200,12.5,61.2\nSud,1330,13.9,60.8\nEst,<11,,\nTotal,2530,26.4,61.0\n"
_REPORT = (
    "# Results\n\nOf 2,530 patients, 1,200 (47.4 %) lived in the north (p < 0.001); the mean age was 61.2 years.\n"
)
_HTML = "<table><tr><th></th><th>n</th></tr><tr><td>Nord</td><td>1200</td></tr></table>"


def files() -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each sample."""
    yield "sample.csv", _TABLE.encode()
    yield "sample.md", _REPORT.encode()
    yield "sample.ipynb", _notebook()
    yield "sample.png", _picture()


def _notebook() -> bytes:
    shown = {
        "output_type": "execute_result", "execution_count": 1, "metadata": {},
        "data": {"text/plain": "         n\nNord  1200", "text/html": _HTML},
    }  # fmt: skip
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": _REPORT},
        {
            "cell_type": "code", "id": "b", "metadata": {}, "execution_count": 1, "outputs": [shown],
            "source": "stays.groupby('region').size().to_frame('n')",
        },
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _picture() -> bytes:
    """Bars above an axis, and nothing written: the reader of text keeps no memory of a sample."""
    from .kinds import raster

    pixels = np.full((160, 240, 3), 255, dtype=np.uint8)
    for left, top in ((40, 60), (100, 30), (160, 90)):
        pixels[top:140, left : left + 40] = (70, 130, 180)
    pixels[140:142, 20:220] = 40
    return raster.encode(pixels)
