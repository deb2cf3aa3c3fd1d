"""The check of a request, a notebook, masked cells and an index, each beside a plain way through the same data."""

import base64
import io
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
from _measure import Measure, alternate, measure
from _peers import Peer
from nbconvert import HTMLExporter
from PIL import Image

from corpus.pictures import figures
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
    "check-index-memory",
    "check-million-rows",
    "check-small",
    "check-vs-acro",
    "check-vs-presidio",
)
ROOT = Path(__file__).parents[2] / "build" / "bench-checks"
MB = 1_000_000
ROWS = 1_000_000
RULES = OutputRules(check_seconds=600)


def files() -> list[Path]:
    """100 files, 50 MB: 40 wide CSVs, 10 Parquet files, 30 figures, 17 small tables, three notebooks for the rest.

    Twenty figures are heat maps without text, ten are drawn by matplotlib, with axes, labels and legends.
    """
    folder = ROOT / "request-with-text"
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
        for n in range(20):
            picture(folder / f"figure-{n}.png", random)
        for n in range(20, 30):
            (folder / f"figure-{n}.png").write_bytes(drawn(n))
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


def drawn(number: int) -> bytes:
    """A figure with text as researchers draw it, 2400 × 1600 pixels."""
    out = io.BytesIO()
    with plt.rc_context({"figure.figsize": (8, 16 / 3)}):
        figures.SAFE[number % len(figures.SAFE)](np.random.default_rng(number))
        plt.gcf().set_size_inches(8, 16 / 3)
        plt.gcf().savefig(out, dpi=300)
        plt.close("all")
    return out.getvalue()


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


def memory_of_index(source: Path) -> float:
    """Peak memory of a process that builds the index, in MB, without what its libraries take."""
    code = (
        "import sys, pathlib, pandas; from ecluse.checks.records import build_index;"
        "lines = lambda: open('/proc/self/status').read().splitlines();"
        "peak = lambda: next(int(x.split()[1]) for x in lines() if x.startswith('VmHWM')); before = peak();"
        "build_index([pathlib.Path(sys.argv[1])], bytes(range(32)), pathlib.Path(sys.argv[2])); print(peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, source, ROOT / "index"], capture_output=True, text=True, check=True
    )
    return int(done.stdout) * 1024 / MB


def beside_acro(warm: Sandbox) -> tuple[float, float]:
    """A crosstab of a million rows made and checked: pandas and this check, and ACRO's own."""
    frame = pd.read_parquet(people(), columns=["department", "sex"])

    def ours() -> None:
        table = pd.crosstab(frame["department"], frame["sex"]).to_csv().encode()
        check_files([("crosstab.csv", table)], RULES, sandbox=warm)

    folder = ROOT / "microdata"
    folder.mkdir(exist_ok=True)
    frame.to_csv(folder / "crosstab.csv", index=False)
    with Peer("acro", folder) as peer:
        peer.seconds()
        return alternate(lambda: seconds(ours), peer.seconds, 5)


def beside_presidio(warm: Sandbox) -> tuple[float, float]:
    """The small tables of the request and two of its wide ones, the whole check beside a Presidio pass over lines."""
    request = files()[0].parent
    folder = ROOT / "lines"
    folder.mkdir(exist_ok=True)
    chosen = [*request.glob("small-*.csv"), *(request / f"wide-{n}.csv" for n in range(2))]
    for path in chosen:
        shutil.copy(path, folder)
    given = [(p.name, p) for p in sorted(folder.iterdir())]
    with Peer("presidio", folder) as peer:
        peer.seconds()
        return alternate(lambda: seconds(lambda: check_files(given, RULES, sandbox=warm)), peer.seconds, 5)


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
        progress("a small table")
        small = alternate(
            lambda: seconds(lambda: check_files([("a.csv", b"region,n\nNord,120\nSud,133\n")], RULES, sandbox=warm)),
            lambda: seconds(lambda: pd.read_csv(io.BytesIO(b"region,n\nNord,120\nSud,133\n"))),
        )
        progress("beside ACRO")
        acro = beside_acro(warm)
        progress("beside Presidio")
        presidio = beside_presidio(warm)
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
    memory = memory_of_index(source)
    size = sum(f.stat().st_size for f in index.iterdir()) / MB
    return [
        bound("check-request", whole[0], "reading its files with pandas, Pillow and nbformat", whole[1], 20.0),
        measure("check-notebook", one[0], "s", "nbconvert's HTML export", one[1], 2.0),
        bound("check-masked-731", hidden[0], "reading the table with pandas", hidden[1], 3.0),
        bound("check-records-index", made[0], "pandas' duplicated() of the same rows", made[1], 5.0),
        bound("check-index-size", size, "the extract's Parquet file", source.stat().st_size / MB, 150.0, "MB"),
        bound("check-index-memory", memory, "its hashes on disk", size, 150.0, "MB"),
        bound("check-million-rows", long[0], "reading them with pandas", long[1], 2.0),
        bound("check-small", small[0], "reading it with pandas", small[1], 2.0),
        measure(
            "check-vs-acro", acro[0], "s", "ACRO's crosstab of the same million rows, which checks it", acro[1], 1.0
        ),
        measure(
            "check-vs-presidio",
            presidio[0],
            "s",
            "Presidio's pattern recognisers (blank model, no names) on each line",
            presidio[1],
            1.0,
        ),
    ]
