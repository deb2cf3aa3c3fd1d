"""Made-up pacemaker implants and hospital stays whose true links are known, at three levels of noise.

Stays carry the site's FINESS number, a birth year derived from the age at admission, and the department of residence,
which is mostly the hospital's own. Implants carry the legal entity's number, the day of implantation (some days after
admission, or entered wrongly), the true birth year and the department written in the registry.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

FIRST_DAY = np.datetime64("2016-01-01")
DAYS = 1826
ENTITIES = 550
DEPARTMENTS = 96
LOCAL, NEIGHBOURS, MEN = 0.78, 0.17, 0.55


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares of implants in error, column by column."""

    later: float
    """implanted one to five days after admission"""
    earlier: float
    """entered one or two days before admission"""
    date: float
    """a wrong date, anywhere in the same year"""
    birth: float
    sex: float
    residence: float
    hospital: float
    missing: float
    unlinked: float
    """implants without a stay in the data"""


NOISE = {
    "low": Noise(0.15, 0.01, 0.005, 0.01, 0.005, 0.04, 0.01, 0.01, 0.03),
    "medium": Noise(0.25, 0.03, 0.015, 0.03, 0.01, 0.08, 0.03, 0.03, 0.06),
    "high": Noise(0.35, 0.06, 0.04, 0.06, 0.02, 0.15, 0.06, 0.06, 0.12),
}

SPEC = {
    "left": {"id": "device"},
    "right": {"id": "stay"},
    "compare": [
        {"left": "implanted", "right": "admitted", "as": "date"},
        {"left": "birth_year", "right": "birth_year", "as": "number"},
        {"left": "sex", "right": "sex", "as": "exact"},
        {"left": "entity", "right": "site", "as": "category"},
        {"left": "department", "right": "department", "as": "category"},
    ],
    "one_to_one": True,
    "target_precision": 0.99,
    "groups": [{"column": "entity"}, {"column": "implanted"}, {"column": "birth_year"}],
}


KNOWN_SPEC = {
    **SPEC,
    "compare": [{**c, "right": "entity"} if c["left"] == "entity" else c for c in SPEC["compare"]],  # type: ignore[attr-defined] # a list
}
"""For a method that learns no codes: with the legal entity of the stay, as `with_entities` adds it."""


def make_hydro(
    implants: int = 27_000, stays: int = 375_000, noise: str | Noise = "medium", seed: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Implants, stays, and their true links (`left_id`, `right_id`)."""
    random = np.random.default_rng(seed)
    level = NOISE[noise] if isinstance(noise, str) else noise
    right = _stays(random, stays)
    owners = random.choice(stays, size=min(implants, stays), replace=False)
    left = _implants(random, right, owners, level)
    linked = random.random(len(owners)) >= level.unlinked
    gone = set(owners[~linked].tolist())
    keep = np.array([i not in gone for i in range(stays)])
    truth = pd.DataFrame({"left_id": left["device"][linked], "right_id": right["stay"].to_numpy()[owners[linked]]})
    shown = right.loc[keep, ["stay", "admitted", "birth_year", "sex", "site", "department"]]
    order = random.permutation(len(left))
    return left.iloc[order].reset_index(drop=True), shown.reset_index(drop=True), truth.reset_index(drop=True)


def write_hydro(folder: Path, **arguments: object) -> tuple[Path, Path, pd.DataFrame]:
    """The two sides as Parquet files, and the truth."""
    left, right, truth = make_hydro(**arguments)  # type: ignore[arg-type] # handed on as they are
    folder.mkdir(parents=True, exist_ok=True)
    left.to_parquet(folder / "implants.parquet", index=False)
    right.to_parquet(folder / "stays.parquet", index=False)
    return folder / "implants.parquet", folder / "stays.parquet", truth


def with_entities(right: Path) -> Path:
    """The stays with their legal entity too, as who knows the FINESS register would add it; beside the file given."""
    frame = pd.read_parquet(right)
    written = right.with_name("stays-entities.parquet")
    frame.assign(entity=[_legal(int(site[:3])) for site in frame["site"]]).to_parquet(written, index=False)
    return written


def _legal(entity: int) -> str:
    return f"E{(entity * 7919) % 100000:05d}"


def _stays(random: np.random.Generator, count: int) -> pd.DataFrame:
    size = 1 / np.arange(1, ENTITIES + 1) ** 0.5
    entity = random.choice(ENTITIES, size=count, p=size / size.sum())
    home = random.integers(0, DEPARTMENTS, ENTITIES)
    sites = random.integers(1, 4, ENTITIES)
    site = (random.random(count) ** 1.5 * sites[entity]).astype(int)
    near = random.random(count)
    department = np.where(
        near < LOCAL,
        home[entity],
        np.where(near < LOCAL + NEIGHBOURS, (home[entity] + random.integers(1, 4, count)) % DEPARTMENTS, 0),
    )
    far = near >= LOCAL + NEIGHBOURS
    department[far] = random.integers(0, DEPARTMENTS, int(far.sum()))
    day = random.integers(0, DAYS, count)
    day -= np.where((day % 7 >= 5) & (random.random(count) < 0.6), random.integers(1, 3, count), 0)  # noqa: PLR2004 # few admissions at week-ends
    admitted = FIRST_DAY + np.clip(day, 0, DAYS - 1)
    age = np.clip(random.normal(77, 11, count), 18, 104)
    born = admitted - (age * 365.25).astype(int)
    birth = born.astype("datetime64[Y]").astype(int) + 1970
    year = admitted.astype("datetime64[Y]").astype(int) + 1970
    full = np.floor((admitted - born).astype(int) / 365.25).astype(int)
    return pd.DataFrame(
        {
            "stay": [f"S{i:08d}" for i in random.permutation(count)],
            "admitted": pd.to_datetime(admitted),
            "birth_year": year - full,
            "sex": np.where(random.random(count) < MEN, 1, 2),
            "site": [f"{e:03d}000{s + 1}" for e, s in zip(entity, site, strict=True)],
            "department": [f"{d + 1:02d}" for d in department],
            "entity": [_legal(int(e)) for e in entity],
            "true_birth": birth,
        }
    )


def _implants(random: np.random.Generator, right: pd.DataFrame, owners: np.ndarray, level: Noise) -> pd.DataFrame:
    own = right.iloc[owners].reset_index(drop=True)
    count = len(own)

    def hit(share: float) -> np.ndarray:
        return random.random(count) < share

    def other(column: str) -> np.ndarray:
        return right[column].to_numpy()[random.integers(0, len(right), count)]

    shift = np.zeros(count, dtype=int)
    luck = random.random(count)
    later = luck < level.later
    shift[later] = 1 + np.minimum(random.geometric(0.55, int(later.sum())) - 1, 4)
    earlier = (luck >= level.later) & (luck < level.later + level.earlier)
    shift[earlier] = -random.integers(1, 3, int(earlier.sum()))
    day = own["admitted"].to_numpy().astype("datetime64[D]") + shift
    wrong = hit(level.date)
    day[wrong] = day[wrong].astype("datetime64[Y]").astype("datetime64[D]") + random.integers(0, 365, int(wrong.sum()))
    birth = own["true_birth"].to_numpy() + np.where(
        hit(level.birth), random.choice([-10, -5, -2, -1, 1, 2, 5, 10], count), 0
    )
    sex = np.where(hit(level.sex), 3 - own["sex"], own["sex"])
    department = np.where(hit(level.residence), other("department"), own["department"]).astype(object)
    entity = np.where(hit(level.hospital), other("entity"), own["entity"]).astype(object)
    department[hit(level.missing)] = None
    entity[hit(level.missing / 2)] = None
    return pd.DataFrame(
        {
            "device": [f"D{i:06d}" for i in random.permutation(count)],
            "implanted": pd.to_datetime(day),
            "birth_year": birth,
            "sex": sex,
            "entity": entity,
            "department": department,
        }
    )
