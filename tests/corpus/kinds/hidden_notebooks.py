"""Hidden channels of notebooks."""

import base64
import json

from .hidden import PAYLOAD, case
from .hidden_pictures import png_itxt


def notebook(*cells: dict, **metadata: object) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}).encode()


def code(*outputs: dict, **more: object) -> dict:
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "plot()",
        "execution_count": 1,
        "outputs": list(outputs),
        **more,
    }


def display(**data: object) -> dict:
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {k.replace("__", "/").replace("_", "."): v for k, v in data.items()},
    }


@case
def notebook_metadata() -> tuple[str, bytes]:
    return "a.ipynb", notebook(code(), secret=PAYLOAD)


@case
def notebook_kernel_name() -> tuple[str, bytes]:
    return "a.ipynb", notebook(code(), kernelspec={"name": PAYLOAD, "display_name": PAYLOAD, "language": "python"})


@case
def notebook_cell_metadata() -> tuple[str, bytes]:
    return "a.ipynb", notebook(code(metadata={"tags": [PAYLOAD]}))


@case
def notebook_cell_id() -> tuple[str, bytes]:
    return "a.ipynb", notebook(code(id=PAYLOAD))


@case
def notebook_output_metadata() -> tuple[str, bytes]:
    output = display(text__plain="ok")
    output["metadata"] = {"x": PAYLOAD}
    return "a.ipynb", notebook(code(output))


@case
def notebook_attachment() -> tuple[str, bytes]:
    cell = {
        "cell_type": "markdown",
        "id": "m",
        "metadata": {},
        "source": "hi",
        "attachments": {"a.png": {"image/png": PAYLOAD}},
    }
    return "a.ipynb", notebook(cell)


@case
def notebook_raw_cell() -> tuple[str, bytes]:
    return "a.ipynb", notebook(code(), {"cell_type": "raw", "id": "r", "metadata": {}, "source": PAYLOAD})


@case
def notebook_widget_state() -> tuple[str, bytes]:
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"state": {"value": PAYLOAD}}}}}
    return "a.ipynb", notebook(code(), widgets=state)


@case
def notebook_application_json() -> tuple[str, bytes]:
    return "a.ipynb", notebook(code(display(application__json={"x": PAYLOAD}, text__plain="ok")))


@case
def notebook_mermaid() -> tuple[str, bytes]:
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/vnd.mermaid": f"graph TD; A[{PAYLOAD}]", "text/plain": "x"},
    }
    return "a.ipynb", notebook(code(output))


@case
def notebook_mermaid_fence() -> tuple[str, bytes]:
    cell = {
        "cell_type": "markdown",
        "id": "m",
        "metadata": {},
        "source": f"hi\n```mermaid\ngraph TD; A[{PAYLOAD}]\n```\nend",
    }
    return "a.ipynb", notebook(cell)


@case
def notebook_javascript() -> tuple[str, bytes]:
    return "a.ipynb", notebook(code(display(application__javascript=f"var x='{PAYLOAD}'", text__plain="ok")))


@case
def notebook_plotly() -> tuple[str, bytes]:
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"application/vnd.plotly.v1+json": {"data": [{"x": [PAYLOAD]}]}},
    }
    return "a.ipynb", notebook(code(output))


@case
def notebook_html_attribute() -> tuple[str, bytes]:
    rows = "<tr><th></th><th>n</th></tr><tr><th>Nord</th><td>120</td></tr>"
    html = f"<table class='dataframe' data-x='{PAYLOAD}'>{rows}</table>"
    return "a.ipynb", notebook(code(display(text__html=html)))


@case
def notebook_html_comment() -> tuple[str, bytes]:
    html = f"<!-- {PAYLOAD} --><table><tr><th>n</th></tr><tr><td>120</td></tr></table><script>'{PAYLOAD}'</script>"
    return "a.ipynb", notebook(code(display(text__html=html)))


@case
def notebook_svg_output() -> tuple[str, bytes]:
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/svg+xml": f"<svg><desc>{PAYLOAD}</desc></svg>", "text/plain": "x"},
    }
    return "a.ipynb", notebook(code(output))


@case
def notebook_png_text() -> tuple[str, bytes]:
    return "a.ipynb", notebook(code(display(image__png=base64.b64encode(png_itxt()[1]).decode())))


@case
def notebook_markdown_comment() -> tuple[str, bytes]:
    cell = {
        "cell_type": "markdown",
        "id": "m",
        "metadata": {},
        "source": f"hi <!-- {PAYLOAD} -->\n\n[//]: # ({PAYLOAD})",
    }
    return "a.ipynb", notebook(cell)


@case
def notebook_markdown_attribute() -> tuple[str, bytes]:
    text = (
        f"<span style='display:none' title='{PAYLOAD}'></span> ok ![x](data:text/plain,{PAYLOAD}) [a](#b \"{PAYLOAD}\")"
    )
    return "a.ipynb", notebook({"cell_type": "markdown", "id": "m", "metadata": {}, "source": text})


@case
def notebook_unknown_key() -> tuple[str, bytes]:
    book = json.loads(notebook(code(comment=PAYLOAD)))
    book["note"] = PAYLOAD
    return "a.ipynb", json.dumps(book).encode()


@case
def notebook_carriage_return() -> tuple[str, bytes]:
    output = {"output_type": "stream", "name": "stdout", "text": f"{PAYLOAD}\rdone" + " " * 60 + "\n"}
    return "a.ipynb", notebook(code(output))


@case
def notebook_ansi_escape() -> tuple[str, bytes]:
    output = {"output_type": "stream", "name": "stdout", "text": f"ok\x1b]0;{PAYLOAD}\x07\n"}
    return "a.ipynb", notebook(code(output))
