"""A small world for tests of extracts: a catalogue, sources, and what a plain reading of the rules makes of them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.pseudonyms import ProjectKeys, pseudonym, shift
from ecluse.rules.dataset import Dataset
from ecluse.rules.policy import OutputRules, Policies
from ecluse.rules.project import Project

ROOT = bytes(range(32))
DATASET: dict[str, Any] = {
    "id": "claims",
    "title": "Claims",
    "kind": "claims",
    "producer": "Test",
    "persons": {"table": "PEOPLE", "id": "ID", "rank": "RANK", "canonical": "ONE", "kind": "nir"},
    "flow_months": 18,
    "tables": {
        "PEOPLE": {
            "person": "ID",
            "person_rank": "RANK",
            "columns": {
                "ID": {"type": "string", "role": "person", "kind": "nir"},
                "RANK": {"type": "integer"},
                "ONE": {"type": "string", "role": "person", "kind": "nir", "through": "ONE"},
                "BORN": {"type": "integer", "role": "quasi"},
            },
        },
        "ACTS": {
            "person": "ID",
            "person_rank": "RANK",
            "care_date": "DAY",
            "flow_date": "FLOW",
            "keys": ["CLAIM", "LINE"],
            "columns": {
                "ID": {"type": "string", "role": "person", "kind": "nir"},
                "RANK": {"type": "integer"},
                "CLAIM": {"type": "integer", "kind": "claim"},
                "LINE": {"type": "integer"},
                "DAY": {"type": "date", "role": "event-date"},
                "FLOW": {"type": "date"},
                "CODE": {"type": "string", "role": "sensitive"},
                "AMOUNT": {"type": "number"},
                "DOCTOR": {"type": "string", "role": "professional", "kind": "rpps"},
                "NOTE": {"type": "string", "role": "free-text"},
                "PLACE": {"type": "string", "role": "quasi", "place": "department"},
                "TOWN": {"type": "string", "role": "quasi", "place": "commune"},
            },
        },
        "DRUGS": {
            "parent": {"table": "ACTS", "by": ["CLAIM", "LINE"]},
            "columns": {
                "CLAIM": {"type": "string", "kind": "claim"},
                "LINE": {"type": "integer"},
                "DRUG": {"type": "string"},
                "SEEN": {"type": "date", "role": "event-date"},
            },
        },
    },
}
ARROW = {
    "ID": pa.string(), "ONE": pa.string(), "RANK": pa.int64(), "BORN": pa.int64(), "LINE": pa.int64(),
    "DAY": pa.date32(), "FLOW": pa.date32(), "CODE": pa.string(), "AMOUNT": pa.float64(), "DOCTOR": pa.string(),
    "NOTE": pa.string(), "PLACE": pa.string(), "TOWN": pa.string(), "DRUG": pa.string(), "SEEN": pa.date32(),
}  # fmt: skip
Row = dict[str, Any]


@dataclass
class World:
    """Rows by table, a permit, and who opted out."""

    tables: dict[str, list[Row]]
    grant: dict[str, Any]
    opted_out: list[str] = field(default_factory=list)

    def policies(self, *projects: str) -> Policies:
        made = {
            name: Project.model_validate(
                {
                    "id": name, "title": name, "purpose": "test", "legal_basis": "none", "starts": date(2026, 1, 1),
                    "expires": date(2027, 1, 1), "members": {"ada": "lead"}, "permit": {"claims": self.grant},
                }
            )
            for name in projects or ("alpha",)
        }  # fmt: skip
        return Policies({}, made, {"claims": Dataset.model_validate(DATASET)}, {}, OutputRules())

    def write(self, folder: Path) -> Path:
        """Sources and key below `folder`."""
        sources, keys = folder / "sources" / "claims", folder / "keys"
        sources.mkdir(parents=True, exist_ok=True)
        keys.mkdir(exist_ok=True)
        for name, rows in self.tables.items():
            columns = DATASET["tables"][name]["columns"]
            schema = pa.schema(
                [(c, pa.string() if (name, c) == ("DRUGS", "CLAIM") else ARROW.get(c, pa.int64())) for c in columns]
            )
            pq.write_table(pa.Table.from_pylist(rows, schema=schema), sources / f"{name}.parquet", row_group_size=4)
        (sources / "opt-outs.txt").write_text("\n".join(self.opted_out))
        key = keys / "pseudonyms.key"
        if not key.exists():
            key.write_bytes(ROOT)
            key.chmod(0o400)
        return folder

    def refused(self) -> bool:
        """Whether the permit grants places finer than its geography, in a column that can't be cut."""
        granted = {c for grant in self.grant["tables"].values() for c in grant["columns"]}
        too_fine = {"commune": set(), "none": {"TOWN", "PLACE"}}.get(self.grant["geography"], {"TOWN"})
        return bool(granted & too_fine)

    # -- the oracle: the rules read plainly, row by row -----------------------------------------------------------

    def one(self, row: Row) -> str | None:
        """The one id of the person that a row names."""
        if row["ID"] is None:
            return None
        found = {p["ONE"] for p in self.tables["PEOPLE"] if (p["ID"], p["RANK"]) == (row["ID"], row["RANK"])}
        found.discard(None)
        rank = "" if row["RANK"] is None else f"/{row['RANK']}"
        return found.pop() if len(found) == 1 else row["ID"] + rank

    def left_out(self, row: Row) -> bool:
        gone = set(self.opted_out)
        for p in self.tables["PEOPLE"]:
            if (p["ID"] in gone or p["ONE"] in self.opted_out) and p["ONE"] is not None:
                gone.add(p["ONE"])
        return row["ID"] in gone or self.one(row) in gone

    def acts(self) -> list[Row]:
        """Included rows of ACTS, before the cohort."""
        period, rows = self.grant.get("period"), []
        for row in self.tables["ACTS"]:
            if row["ID"] is None or self.left_out(row):
                continue
            if period:
                first, last = period["from"], period["to"]
                if row["DAY"] is None or not first <= row["DAY"] <= last:
                    continue
                if row["FLOW"] is None or not months(first, 1) <= row["FLOW"] < months(last, 8):
                    continue
            rows.append(row)
        return [r for r in rows if FILTERS[self.grant["tables"].get("ACTS", {}).get("rows")](r)]

    def expected(self, project: str) -> dict[str, list[tuple[Any, ...]]]:
        """What the extract has to hold, as sorted rows by table."""
        acts = self.acts()
        people = [p for p in self.tables["PEOPLE"] if p["ID"] is not None and not self.left_out(p)]
        if self.grant.get("cohort"):
            members = {self.one(r) for r in acts if FILTERS[self.grant["cohort"].split(" WHERE ")[1]](r)}
            acts = [r for r in acts if self.one(r) in members]
            people = [p for p in people if self.one(p) in members]
        parents: dict[tuple[str, Any], set[str | None]] = {}
        for r in acts:
            if r["CLAIM"] is not None and r["LINE"] is not None:
                parents.setdefault((number(r["CLAIM"]), r["LINE"]), set()).add(self.one(r))
        drugs = []
        for r in self.tables["DRUGS"]:
            of = parents.get((number(r["CLAIM"]), r["LINE"]), set()) if r["CLAIM"] is not None else set()
            if len(of) == 1:
                drugs.append({**r, "_who": next(iter(of))})
        rows = {"ACTS": [{**r, "_who": self.one(r)} for r in acts], "DRUGS": drugs}
        rows["PEOPLE"] = [{**p, "_who": self.one(p)} for p in people]
        keys = ProjectKeys(project, 1, ROOT)
        return {
            name: sorted((tuple(self.value(keys, name, c, r) for c in grant["columns"]) for r in rows[name]), key=repr)
            for name, grant in self.grant["tables"].items()
        }

    def value(self, keys: ProjectKeys, table: str, column: str, row: Row) -> Any:
        """One value as the extract has to show it."""
        value = row[column]
        if column in ("ID", "ONE"):
            who = row["_who"] if column == "ID" else value
            return None if value is None else pseudonym(keys.key("nir"), who)
        if column == "CLAIM":
            return None if value is None else pseudonym(keys.key("claim"), number(value))
        if column == "PLACE" and value is not None and self.grant.get("geography") == "region":
            return {"75": "11", "2A": "94", "971": "01"}.get(value)
        if column in ("DAY", "SEEN") and value is not None and value != date(1600, 1, 1):
            moved = value + timedelta(days=shift(keys.key("shift:nir"), row["_who"]))
            by = {"day": value, "month": value.replace(day=1), "year": value.replace(day=1, month=1), "shifted": moved}
            return by[self.grant.get("dates", "month")]
        return value


def number(value: Any) -> str:
    """A record number as text, without zeros in front."""
    return str(value).lstrip("0") or str(value)


def months(day: date, later: int) -> date:
    """The first day of the month so many months later."""
    total = day.year * 12 + day.month - 1 + later
    return date(total // 12, total % 12 + 1, 1)


FILTERS: dict[str | None, Any] = {
    None: lambda _: True,
    "AMOUNT > 10": lambda r: r["AMOUNT"] is not None and r["AMOUNT"] > 10,
    "CODE IN ('J01', 'C03') OR CODE IS NULL": lambda r: r["CODE"] in ("J01", "C03", None),
    "NOT (CODE LIKE 'J%')": lambda r: r["CODE"] is not None and not r["CODE"].startswith("J"),
    "DAY >= DATE '2023-01-01' AND LINE <> 2": lambda r: (
        r["DAY"] is not None and r["DAY"] >= date(2023, 1, 1) and r["LINE"] is not None and r["LINE"] != 2
    ),
}


def read(folder: Path, project: str, table: str) -> list[tuple[Any, ...]]:
    """Rows of a written table, sorted."""
    found = pq.read_table(folder / "extracts" / project / "current" / "claims" / f"{table}.parquet")
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=repr)
