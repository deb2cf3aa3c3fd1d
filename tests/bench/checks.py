"""The check of a request, a notebook, masked cells and an index, each beside a plain way through the same data."""

import base64
import io
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import nbformat
import numpy as np
import pandas as pd
from _measure import Measure, alternate, measure
from nbconvert import HTMLExporter
from PIL import Image

from ecluse.checks import check_files
from ecluse.checks.disclosure import find
from ecluse.checks.facts import Context
from ecluse.checks.kinds import delimited
from ecluse.checks.limits import Limits
from ecluse.checks.records import build_index
from ecluse.checks.sandbox import Sandbox
from ecluse.rules.policy import OutputRules

NAMES = (
    "check-request",
    "check-notebook",
    "check-masked-731",
    "check-records-index",
    "check-index-size",
    "check-million-rows",
)
ROOT = Path(__file__).parents[2] / "build" / "bench-checks"
MB = 1_000_000
ROWS = 1_000_000
RULES = OutputRules(check_seconds=600)


def files() -> list[Path]:
    """100 files, 50 MB: 40 wide CSVs, 10 Parquet files, 30 figures, 17 small tables, three notebooks for the rest."""
    folder = ROOT / "request"
    done = folder / "done"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(1)
        towns = [f"Ville {n}" for n in range(300)]
        for n in range(40):
            frame = pd.DataFrame(random.integers(20, 9000, (300, 40)), columns=[f"acte {n}-{k}" for k in range(40)])
            frame.insert(0, "commune", towns)
            frame.to_csv(folder / f"wide-{n}.csv", index=False)
        for n in range(10):
            frame = pd.DataFrame({"code": [f"C{k:05d}" for k in range(4000)], "n": random.integers(20, 9000, 4000)})
            frame["mean"], frame["pct"] = random.normal(50, 9, 4000).round(3), random.random(4000).round(4)
            frame.to_parquet(folder / f"long-{n}.parquet")
        for n in range(30):
            picture(folder / f"figure-{n}.png", random)
        for n in range(17):
            counts = random.integers(20, 900, (12, 4))
            pd.DataFrame(counts, columns=["A", "B", "C", "D"]).to_csv(folder / f"small-{n}.csv", index_label="mois")
        size = sum(f.stat().st_size for f in folder.iterdir())
        for n in range(3):
            (folder / f"analysis-{n}.ipynb").write_bytes(notebook((50 * MB - size) // 3, random))
        done.touch()
    return sorted(f for f in folder.iterdir() if f != done)


def picture(path: Path, random: np.random.Generator) -> None:
    """A heat map as figures are: flat classes of colour, 2400 × 1600 pixels, over a megabyte."""
    classes = random.integers(0, 256, (200, 300), dtype=np.uint8)
    colours = (mpl.colormaps["viridis"](np.arange(256))[:, :3] * 255).astype(np.uint8)
    shown = colours[np.kron(classes, np.ones((8, 8), dtype=np.uint8))]
    Image.fromarray(shown).save(path, dpi=(200, 200))


def notebook(size: int, random: np.random.Generator) -> bytes:
    """A notebook of about so many bytes: code, tables of counts and figures in turn."""
    cells = [nbformat.v4.new_markdown_cell("# Stays by region")]
    total = 0
    while total < size:
        frame = pd.DataFrame(
            random.integers(20, 900, (30, 6)), columns=list("ABCDEF"), index=[f"R{n}" for n in range(30)]
        )
        out = io.BytesIO()
        Image.fromarray(np.kron(random.integers(0, 255, (60, 90), dtype=np.uint8), np.ones((8, 8), np.uint8))).save(
            out, "PNG", compress_level=0
        )
        data = [
            {"text/plain": repr(frame), "text/html": frame.to_html()},
            {"image/png": base64.b64encode(out.getvalue()).decode(), "text/plain": "<Figure size 720x480>"},
        ]
        outputs = [nbformat.v4.new_output("display_data", one) for one in data]
        cells.append(nbformat.v4.new_code_cell("counts.plot()", outputs=outputs))
        total += sum(len(text) for one in data for text in one.values())
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def masked() -> str:
    """A crosstab of 60 × 40 counts with its totals, of which 731 are masked."""
    random = np.random.default_rng(2)
    counts = random.integers(20, 900, (60, 40))
    small = np.zeros(counts.size, dtype=bool)
    small[random.choice(counts.size, 731, replace=False)] = True
    small = small.reshape(counts.shape)
    counts[small] = random.integers(1, 11, 731)
    frame = pd.DataFrame(counts, columns=[f"G{n}" for n in range(40)], index=[f"R{n}" for n in range(60)])
    shown = frame.mask(small).astype("Int64").astype(object).where(~small, "<11")
    shown["Total"] = frame.sum(axis=1)
    shown.loc["Total"] = [*frame.sum(), frame.to_numpy().sum()]
    return shown.to_csv(index_label="region")


def people() -> Path:
    """An extract of a million rows and six columns."""
    path = ROOT / "people.parquet"
    if not path.exists():
        random = np.random.default_rng(3)
        columns = {
            "age": random.integers(0, 100, ROWS), "sex": random.integers(1, 3, ROWS),
            "department": random.integers(1, 96, ROWS), "weight": random.normal(70, 12, ROWS).round(1),
            "days": random.integers(0, 1500, ROWS), "cost": random.gamma(2, 300, ROWS).round(2),
        }  # fmt: skip
        pd.DataFrame(columns).to_parquet(path)
    return path


def seconds(work: Callable[[], object]) -> float:
    """Wall clock of one call."""
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def bound(name: str, value: float, against: str, other: float, most: float, unit: str = "s") -> Measure:
    """A measure that holds when it is at most so many seconds or MB; its ratio says what it is beside another way."""
    found = measure(name, value, unit, against, other, most)
    return {**found, "holds": value <= most}


def read_plainly(paths: list[Path]) -> None:
    """What it takes to only read a request's files."""
    for path in paths:
        if path.suffix == ".csv":
            pd.read_csv(path)
        elif path.suffix == ".parquet":
            pd.read_parquet(path)
        elif path.suffix == ".png":
            Image.open(path).load()
        else:
            nbformat.reads(path.read_text(), as_version=4)


def run(progress: Callable[[str], None]) -> list[Measure]:
    """One request on a warm sandbox, three alternating runs of the others."""
    progress("files")
    paths = files()
    book = notebook(14 * MB, np.random.default_rng(4))
    text = masked()
    rows = "region,n\n" + "".join(f"R{n},{n % 900 + 20}\n" for n in range(ROWS))
    facts = delimited.facts(delimited.read(text.encode(), Limits(), "masked.csv"))
    index = ROOT / "index"
    with Sandbox() as warm:
        check_files([("warm.csv", b"region,n\nNord,120\n")], RULES, sandbox=warm)
        progress(f"a request of {len(paths)} files, {sum(p.stat().st_size for p in paths) / MB:.0f} MB")
        request = [(p.name, p) for p in paths]
        whole = alternate(
            lambda: seconds(lambda: check_files(request, RULES, sandbox=warm)),
            lambda: seconds(lambda: read_plainly(paths)),
            1,
        )
        progress("a notebook of 14 MB")
        one = alternate(
            lambda: seconds(lambda: check_files([("a.ipynb", book)], RULES, sandbox=warm)),
            lambda: seconds(lambda: HTMLExporter().from_notebook_node(nbformat.reads(book.decode(), as_version=4))),
            3,
        )
        progress("a table of a million rows")
        long = alternate(
            lambda: seconds(lambda: check_files([("a.csv", rows.encode())], RULES, sandbox=warm)),
            lambda: seconds(lambda: pd.read_csv(io.StringIO(rows))),
            3,
        )
    progress("731 masked cells")
    hidden = alternate(
        lambda: seconds(lambda: find({"masked.csv": facts}, RULES, Context())),
        lambda: seconds(lambda: pd.read_csv(io.StringIO(text))),
        3,
    )
    progress("the index of a million rows")
    source = people()
    shutil.rmtree(index, ignore_errors=True)
    made = alternate(
        lambda: seconds(lambda: build_index([source], bytes(range(32)), index)),
        lambda: seconds(lambda: pd.read_parquet(source).duplicated()),
        3,
    )
    size = sum(f.stat().st_size for f in index.iterdir()) / MB
    return [
        bound("check-request", whole[0], "reading its files with pandas, Pillow and nbformat", whole[1], 20.0),
        measure("check-notebook", one[0], "s", "nbconvert's HTML export", one[1], 2.0),
        bound("check-masked-731", hidden[0], "reading the table with pandas", hidden[1], 3.0),
        bound("check-records-index", made[0], "pandas' duplicated() of the same rows", made[1], 5.0),
        bound("check-index-size", size, "the extract's Parquet file", source.stat().st_size / MB, 150.0, "MB"),
        bound("check-million-rows", long[0], "reading them with pandas", long[1], 2.0),
    ]
