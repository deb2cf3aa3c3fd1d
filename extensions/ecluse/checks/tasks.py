"""What runs inside a check's own process: reading one file, and judging the facts of all.

Nothing here is trusted by the process that started it: what comes back is parsed strictly there.

Worked example: the task `read` of a CSV writes `facts` (JSON), `rebuilt` (bytes) and answers
`{"kind": "csv", "extension": ".csv", "findings": […], "rebuilt": true, "rows": []}`; `rows` are the positions of the
tables that are refused as rows of persons.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecluse.rules.policy import OutputRules

from . import codec, disclosure, identifiers, opaque, pictures, records
from .facts import Context, Facts, FileFacts, Passage, Source
from .kinds import Unreadable
from .kinds.detect import kind_of
from .limits import MIB, limits_of
from .refusals import refusal

_MOST_NUMBERS = 100_000
_MOST_TEXT = 16 * MIB


def context_of(raw: dict[str, Any]) -> Context:
    """The context of a job's JSON."""
    index = raw.get("record_index")
    return Context(
        project=str(raw.get("project", "")),
        record_index=Path(index) if index else None,
        pseudonyms=frozenset(raw.get("pseudonyms", ())),
    )


def read(folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Read, understand and rebuild one file. Writes `<id>.facts` and `<id>.rebuilt` beside the input `<id>.in`."""
    rules = OutputRules.model_validate(job["rules"])
    number, path = str(job["id"]), str(job["path"])
    data = (folder / f"{number}.in").read_bytes()
    kind = "unknown"
    try:
        module = kind_of(data, path)
        kind = module.NAME
        document = module.read(data, limits_of(rules), path)
        facts: Facts = module.facts(document)
        check_amount(facts)
        rebuilt = module.rebuild(document)
    except Unreadable as error:
        found = refusal(error.reason, error.message, error.fix)
        return {"kind": kind, "extension": "", "rebuilt": False, "findings": [found.model_dump(mode="json")]}
    facts = replace(facts, passages=(*facts.passages, Passage(path, Source.NAME, "file name")))
    (folder / f"{number}.facts").write_bytes(codec.encode(facts))
    (folder / f"{number}.rebuilt").write_bytes(rebuilt.data)
    context = context_of(job["context"])
    findings = [*rebuilt.notes]
    rows: list[int] = []
    if not job.get("released"):
        forms = records.forms_of(facts)
        rows = sorted(records.rows_of_persons(forms))
        findings += [*identifiers.find(facts, context), *records.find(facts, context, forms), *opaque.find(facts)]
        findings += pictures.find(facts, rules)
    return {
        "kind": kind,
        "extension": rebuilt.extension,
        "rebuilt": True,
        "rows": rows,
        "findings": [f.model_dump(mode="json") for f in findings],
    }


def check_amount(facts: Facts) -> None:
    """Raise `Unreadable` for more numbers or words than a result has: a dump of data, whatever its form."""
    numbers = len(facts.numbers) + sum(len(s.xs) + len(s.ys) for s in facts.series)
    if numbers > _MOST_NUMBERS or sum(len(p.text) for p in facts.passages) > _MOST_TEXT:
        raise Unreadable(
            "too-much-text",
            f"The file shows {numbers:,} numbers in running text; results are shorter.",
            "Release a summary: tables of counts, figures, a few numbers.",
        )


def judge(folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Judge the facts of all files together, against what was released before."""
    rules = OutputRules.model_validate(job["rules"])
    files, malformed = [], []
    for entry in job["files"]:
        try:
            files.append(_load(folder, entry))
        except (ValueError, OSError):  # a reader that was taken over; the others' facts stand
            malformed.append(entry["id"])
    released = tuple(_load(folder, f) for f in job["released"])
    context = replace(context_of(job["context"]), released=released)
    rows = {entry["path"]: frozenset(entry["rows"]) for entry in job["files"]}
    found = disclosure.find({f.path: f.facts for f in files}, rules, context, rows)
    findings = {path: [f.model_dump(mode="json") for f in fs] for path, fs in found.items()}
    return {"findings": findings, "malformed": malformed}


def _load(folder: Path, entry: dict[str, Any]) -> FileFacts:
    facts = codec.decode((folder / f"{entry['id']}.facts").read_bytes())
    return FileFacts(entry["path"], entry["kind"], entry["sha256"], facts, entry.get("request", ""))


TASKS: dict[str, Callable[[Path, dict[str, Any]], dict[str, Any]]] = {"read": read, "judge": judge}
