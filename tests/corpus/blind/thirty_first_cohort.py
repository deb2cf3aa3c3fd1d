"""Thirty-first batch: a made-up register of births, and cells run by IPython as a notebook runs them."""

import base64
import io
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import select_figure_formats
from IPython.utils.capture import capture_output

from . import pack
from .case import File

mpl.use("Agg")

MANY = 36000
DEPARTMENTS = ["Côtes-d'Armor", "Finistère", "Ille-et-Vilaine", "Loire-Atlantique", "Maine-et-Loire", "Morbihan", "Sarthe", "Vendée"]  # fmt: skip
AGES = ["< 25", "25-29", "30-34", "35-39", "40 +"]
LEVELS = ["I", "IIA", "IIB", "III"]


def register(seed: int = 3101, many: int = MANY) -> pd.DataFrame:
    """Single births of 2016 to 2021: one row per birth, enough of them for every table of the batch."""
    rng = np.random.default_rng(seed)
    age = np.clip(rng.normal(30.4, 5.2, many), 16, 48)
    smoker, first = rng.random(many) < 0.17, rng.random(many) < 0.43
    diabetes = rng.random(many) < 0.06 + 0.004 * (age - 25).clip(0)
    weeks = np.clip(40.1 - rng.gamma(1.4, 0.75, many) - 0.5 * smoker - 0.3 * diabetes, 24, 42)
    weight = (3380 + 175 * (weeks - 39.2) - 170 * smoker + 90 * diabetes - 110 * first + rng.normal(0, 390, many)).clip(480, 5400)  # fmt: skip
    out = pd.DataFrame({
        "mother_age": age.round(1), "parity": np.where(first, "0", rng.choice(["1", "2+"], many, p=[0.6, 0.4])),
        "smoker": smoker.astype(int), "gestational_diabetes": diabetes.astype(int), "bmi": np.clip(rng.gamma(24, 1.02, many), 16, 52).round(1),
        "department": rng.choice(DEPARTMENTS, many, p=[0.09, 0.13, 0.18, 0.22, 0.12, 0.10, 0.07, 0.09]), "level": rng.choice(LEVELS, many, p=[0.2, 0.31, 0.24, 0.25]),
        "weeks": weeks.round(1), "weight": weight.round(0), "girl": (rng.random(many) < 0.488).astype(int), "date": pd.Timestamp("2016-01-01") + pd.to_timedelta(rng.integers(0, 2192, many), unit="D"),
    })  # fmt: skip
    out["age_group"] = pd.cut(out.mother_age, [0, 24.99, 29.99, 34.99, 39.99, 60], labels=AGES)
    out["preterm"], out["small"] = (out.weeks < 37).astype(int), (out.weight < 2500).astype(int)
    out["caesarean"] = (rng.random(many) < 0.16 + 0.04 * first + 0.006 * (age - 30).clip(0)).astype(int)
    out["transfer"] = (rng.random(many) < 0.02 + 0.18 * out.preterm).astype(int)
    out["year"] = out.date.dt.year
    return out


B = register()


def report(frame: pd.DataFrame | pd.Series, name: str = "table.csv", **how: Any) -> File:
    """What `to_csv` writes."""
    text: str = frame.to_csv(**how)
    return name, text.encode()


def through(name: str, write: Any) -> File:
    """What a writer puts into a file."""
    out = io.BytesIO()
    write(out)
    return name, out.getvalue()


def piped(frame: pd.DataFrame) -> str:
    """A table of Markdown with its index, as `to_markdown` gives it."""
    return pack.markdown_text(frame.reset_index())


def executed(*sources: str, name: str = "analysis.ipynb", **variables: Any) -> File:
    """A notebook whose code was run cell by cell. A source that begins with `#%md` is a cell of text."""
    shell = InteractiveShell()
    select_figure_formats(shell, {"png"})
    shell.display_formatter.active_types = shell.display_formatter.format_types
    shell.user_ns.update(variables)
    cells = []
    for source in sources:
        if source.startswith("#%md"):
            cells.append(pack.text_cell(source.removeprefix("#%md").strip()))
            continue
        with capture_output() as told:
            ran = shell.run_cell(source, store_history=True)
        ran.raise_error()
        displayed = [one.data for one in told.outputs]
        if ran.result is not None:
            displayed.append(shell.display_formatter.format(ran.result)[0])
        outputs = [{"output_type": "display_data", "metadata": {}, "data": _mime(data)} for data in displayed]
        if ran.result is not None:
            outputs[-1] |= {"output_type": "execute_result", "execution_count": ran.execution_count}
        if (written := told.stdout.split(f"Out[{ran.execution_count}]:")[0]).strip():
            outputs.insert(0, pack.stream(written))
        cells.append(pack.cell(source, *outputs, execution_count=ran.execution_count))
    info = {"codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python", "name": "python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3", "version": "3.11.7"}  # fmt: skip
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return pack.notebook(*cells, metadata={"kernelspec": kernel, "language_info": info}, name=name)


def _mime(data: dict[str, Any]) -> dict[str, Any]:
    return {kind: base64.b64encode(made).decode() if isinstance(made, bytes) else made for kind, made in data.items()}
