"""Answers that a checker gives which was taken over: to the airlock's own reading of them, and to one that believes.

A forged `pass` for the files that were asked about is believed by both, and meets two reviewers; it is no attempt.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from airlock_house import House, build
from ecluse.rules.canonical import sha256
from ecluse.rules.request import Request
from ecluse.steps.check import judged
from ecluse.steps.ports import BadAnswerError
from escape.attempt import Attempt, Seen
from escape.checker_place import Place
from escape.world import SAFE

GIVEN = b"group,n\nyes,246\nno,440\n# of others\n"
SECRET = b"of-the-airlock-alone"


@dataclass(frozen=True)
class Taken:
    """What a reader of answers took for true."""

    verdicts: Mapping[str, str]
    rebuilt: Mapping[str, bytes]
    """By the path that the report gives it."""


@dataclass(frozen=True)
class Stage:
    """A request whose check is asked for, and the folder in which its answer is awaited."""

    house: House
    request: Request
    folder: Path

    @property
    def secret(self) -> Path:
        """A file that only the airlock may read."""
        return self.house.root / "secrets/airlock/secret"


def report(files: list[dict[str, Any]], verdict: str = "pass") -> dict[str, Any]:
    """A report as the checker writes it."""
    return {"verdict": verdict, "files": files, "criteria": {}}


def one(**changed: Any) -> dict[str, Any]:
    """The report of the file that was asked about, rebuilt to what `answered` keeps."""
    made = {
        "path": "t.csv",
        "kind": "csv",
        "verdict": "pass",
        "sha256": sha256(SAFE),
        "rebuilt": {"path": "t.csv", "sha256": sha256(GIVEN)},
        "findings": [],
    }
    return made | changed


def answered(stage: Stage, value: object, rebuilt: Mapping[str, bytes] | None = None) -> None:
    """An answer in its folder."""
    (stage.folder / "rebuilt").mkdir(parents=True)
    text = value if isinstance(value, str) else json.dumps(value)
    (stage.folder / "report.json").write_text(text)
    for name, data in ({sha256(GIVEN): GIVEN} if rebuilt is None else rebuilt).items():
        (stage.folder / "rebuilt" / name).write_bytes(data)


Forge = Callable[[Stage], None]
Wanted = Callable[[Taken], bool]


def forged(who: str, found: Place) -> Iterator[Attempt]:
    """Each forged answer, to `judged` and to a reader that believes."""

    @cache
    def stage() -> Stage:
        house = build(found.world.folder / "forged")
        number = house.submitted({"t.csv": SAFE})
        with house.desk.ports.database.look() as look:
            request = look.requests.get(number)
        assert request is not None
        assert request.check.job
        made = Stage(house, request, house.root / "spool/results" / request.check.job)
        made.secret.write_bytes(SECRET)
        return made

    def way(forge: Forge, wanted: Wanted, read: Callable[[Stage], Taken]) -> Seen:
        here = stage()
        _clear(here.folder)
        forge(here)
        try:
            taken = read(here)
        except BadAnswerError as error:
            return Seen(through=False, what=str(error)[:120])
        return Seen(through=wanted(taken), what=f"taken for {dict(taken.verdicts)}")

    for name, (forge, wanted) in _forgeries().items():
        real, twin = partial(way, forge, wanted, _judged), partial(way, forge, wanted, _believed)
        yield Attempt(who, f"forged answer: {name}", "no answer, or the graver verdict", real, twin)


def _clear(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _judged(stage: Stage) -> Taken:
    """The airlock's own reading."""
    ports = stage.house.desk.ports
    assert stage.request.check.job
    answer = ports.spool.take(stage.request.check.job, 4 * 10**6)
    if answer is None:
        raise BadAnswerError("there is no answer")
    found = judged(answer, stage.request, ports.blobs, ports.policies.current())
    kept = {}
    for file in found.files:
        if file.rebuilt is not None:
            digest = file.rebuilt.sha256
            kept[file.rebuilt.path] = (stage.house.root / "quarantine" / digest[:2] / digest).read_bytes()
    return Taken({"": str(found.verdict), **{f.path: str(f.verdict) for f in found.files}}, kept)


def _believed(stage: Stage) -> Taken:
    """A reader that takes what the checker says."""
    value = json.loads((stage.folder / "report.json").read_text())
    verdicts, kept = {"": str(value["verdict"])}, {}
    for file in value["files"]:
        verdicts[file["path"]] = str(file["verdict"])
        if file.get("rebuilt"):
            made = os.path.join(stage.folder, "rebuilt", file["rebuilt"]["sha256"])  # noqa: PTH118 - as careless as can be
            kept[file["rebuilt"]["path"]] = Path(made).read_bytes()
    return Taken(verdicts, kept)


def _passes(taken: Taken) -> bool:
    return taken.verdicts[""] == "pass"


def _gets(data: bytes) -> Wanted:
    return lambda taken: data in taken.rebuilt.values()


def _forgeries() -> dict[str, tuple[Forge, Wanted]]:
    refuse = {"rule": "small-count", "severity": "refuse", "message": "x", "fix": "", "where": ""}
    review = {**refuse, "severity": "review"}
    other = sha256(b"other")
    values: dict[str, tuple[object, Wanted]] = {
        "milder than a refusal that it tells": (report([one(findings=[refuse])]), _passes),
        "milder than a remark that it tells": (report([one(findings=[review])]), _passes),
        "milder as a whole than its file": (report([one(verdict="refuse")]), _passes),
        "a rebuilt file for what it refuses": (report([one(verdict="refuse")], "refuse"), _gets(GIVEN)),
        "a pass without a rebuilt file": (report([one(rebuilt=None)]), _passes),
        "about another file": (report([one(sha256=other)]), _passes),
        "about another path": (report([one(path="other.csv")]), _passes),
        "about no file": (report([]), _passes),
        "about a file more": (report([one(), one(path="u.csv")]), _passes),
        "about one file twice": (report([one(), one()]), _passes),
        "a rebuilt file that climbs": (
            report([one(rebuilt={"path": "../../t.csv", "sha256": sha256(GIVEN)})]), lambda t: "../../t.csv" in t.rebuilt),
        "a rebuilt file from the root": (
            report([one(rebuilt={"path": "/etc/t.csv", "sha256": sha256(GIVEN)})]), lambda t: "/etc/t.csv" in t.rebuilt),
        "a rebuilt file with a name that a terminal obeys": (
            report([one(rebuilt={"path": "t\x1b[2K.csv", "sha256": sha256(GIVEN)})]), lambda t: "t\x1b[2K.csv" in t.rebuilt),
        "a word that is no verdict": (report([one(verdict="fine")], "fine"), lambda t: t.verdicts[""] == "fine"),
        "a finding of no severity": (report([one(findings=[{**refuse, "severity": "none"}])]), _passes),
        "more than a report has": (report([one(released=True)]), _passes),
        "criteria that are no numbers": (report([one()]) | {"criteria": {"share": float("nan")}}, _passes),
    }  # fmt: skip
    found: dict[str, tuple[Forge, Wanted]] = {n: (partial(answered, value=v), w) for n, (v, w) in values.items()}
    return found | _rebuilt_forgeries() | _folder_forgeries()


def _rebuilt_forgeries() -> dict[str, tuple[Forge, Wanted]]:
    here = sha256(GIVEN)

    def link(stage: Stage) -> None:
        answered(stage, report([one()]), {})
        (stage.folder / "rebuilt" / here).symlink_to(stage.secret)

    def folder_link(stage: Stage) -> None:
        answered(stage, report([one()]), {})
        (stage.folder / "rebuilt").rmdir()
        elsewhere = stage.folder.with_name("elsewhere")
        elsewhere.mkdir(exist_ok=True)
        (elsewhere / here).write_bytes(GIVEN)
        (stage.folder / "rebuilt").symlink_to(elsewhere)

    def hash_is_path(stage: Stage) -> None:
        answered(stage, report([one(rebuilt={"path": "t.csv", "sha256": str(stage.secret)})]))

    return {
        "a rebuilt file of other bytes": (
            lambda s: answered(s, report([one()]), {here: b"others"}), _gets(b"others")),
        "a rebuilt file that is a link to a secret": (link, _gets(SECRET)),
        "a path in the place of a hash": (hash_is_path, _gets(SECRET)),
        "rebuilt files in a folder elsewhere": (folder_link, _gets(GIVEN)),
        "a rebuilt file too long to keep": (
            lambda s: answered(s, report([one(rebuilt={"path": "t.csv", "sha256": _LONG})]), {_LONG: b"x" * 5_000_000}),
            lambda t: any(len(v) == 5_000_000 for v in t.rebuilt.values())),
    }  # fmt: skip


_LONG = sha256(b"x" * 5_000_000)


def _folder_forgeries() -> dict[str, tuple[Forge, Wanted]]:
    def report_link(stage: Stage) -> None:
        answered(stage, report([one()]))
        elsewhere = stage.folder.with_name("elsewhere.json")
        (stage.folder / "report.json").rename(elsewhere)
        (stage.folder / "report.json").symlink_to(elsewhere)

    def whole_link(stage: Stage) -> None:
        answered(stage, report([one()]))
        elsewhere = stage.folder.with_name("elsewhere-whole")
        shutil.rmtree(elsewhere, ignore_errors=True)
        stage.folder.rename(elsewhere)
        stage.folder.symlink_to(elsewhere)

    def long(stage: Stage) -> None:
        answered(stage, json.dumps(report([one()])) + " " * (17 << 20))

    return {
        "a report that is a link": (report_link, _passes),
        "an answer that is a link": (whole_link, _passes),
        "a report without end": (long, _passes),
    }  # fmt: skip
