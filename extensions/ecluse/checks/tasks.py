"""What runs inside a check's own process: reading one file, and judging the facts of all.

Nothing here is trusted by the process that started it: what comes back is parsed strictly there.

Worked example: the task `read` of a CSV writes `facts` (JSON), `rebuilt` (bytes) and answers
`{"kind": "csv", "extension": ".csv", "findings": […], "rebuilt": true, "rows": []}`; `rows` are the positions of the
tables that are refused as rows of persons.
"""

import hashlib
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecluse.rules.finding import Finding
from ecluse.rules.policy import OutputRules

from . import codec, disclosure, identifiers, opaque, pictures, records, samples
from .facts import Context, Facts, FileFacts, Passage, Source
from .kinds import Unreadable, archive, attestation, model
from .kinds.detect import kind_of
from .limits import MIB, NUMBERS, Limits, limits_of
from .models import acro, attest, checksums
from .refusals import refusal

_GRAVITY = {"pass": 0, "review": 1, "refuse": 2}
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
    """Read, understand and rebuild one file. Writes `facts` and `rebuilt` beside the input `<id>/in`."""
    rules = OutputRules.model_validate(job["rules"])
    own, path = folder / str(job["id"]), str(job["path"])
    data = (own / "in").read_bytes()
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
    (own / "facts").write_bytes(codec.encode(facts))
    (own / "rebuilt").write_bytes(rebuilt.data)
    context = context_of(job["context"])
    findings = [*rebuilt.notes]
    rows: list[int] = []
    if not job.get("released"):
        rows, found_here = _alone(facts, rules, context)
        findings += found_here
        findings += module.findings(document, rules, context) if module is model else []
    return {
        "kind": kind,
        "extension": rebuilt.extension,
        "rebuilt": True,
        "rows": rows,
        "findings": [f.model_dump(mode="json") for f in findings],
    }


def _alone(facts: Facts, rules: OutputRules, context: Context) -> tuple[list[int], list[Finding]]:
    """The tables that are refused as rows of persons, by position, and what a file says by itself."""
    forms = records.forms_of(facts)
    found = [*identifiers.find(facts, context), *records.find(facts, context, forms), *opaque.find(facts)]
    return sorted(records.rows_of_persons(forms)), [*found, *pictures.find(facts, rules)]


def warm() -> None:
    """Read and judge samples of the commonest kinds, so that what is made at its first use is there before a fork."""
    rules, context = OutputRules(), Context()
    understood: dict[str, Facts] = {}
    for path, data in samples.files():
        module = kind_of(data, path)
        document = module.read(data, limits_of(rules), path)
        understood[path] = codec.decode(codec.encode(module.facts(document)))
        module.rebuild(document)
        _alone(understood[path], rules, context)
    disclosure.find(understood, rules, context)


def check_amount(facts: Facts) -> None:
    """Raise `Unreadable` for more numbers or words than a result has: a dump of data, whatever its form."""
    numbers = len(facts.numbers) + sum(len(s.xs) + len(s.ys) for s in facts.series)
    if numbers > NUMBERS or sum(len(p.text) for p in facts.passages) > _MOST_TEXT:
        raise Unreadable(
            "too-much-text",
            f"The file shows {numbers:,} numbers or more in running text; results are shorter.",
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
    for path, extra in _attested(folder, job["files"], rules, context).items():
        found.setdefault(path, []).extend(extra)
    for path, extra in _acro(folder, job["files"], found, {f.path: f.facts for f in files}, rules).items():
        found.setdefault(path, []).extend(extra)
    findings = {path: [f.model_dump(mode="json") for f in fs] for path, fs in found.items()}
    return {"findings": findings, "malformed": malformed}


def _attested(
    folder: Path, entries: list[dict[str, Any]], rules: OutputRules, context: Context
) -> dict[str, list[Finding]]:
    """Findings on models by the attack reports of the request, and on reports that hold for nothing."""
    found: dict[str, list[Finding]] = {}
    reports: list[attest.AttackReport] = []
    for entry in entries:
        if entry["kind"] == attestation.NAME:
            report = attest.verified((folder / entry["id"] / "in").read_bytes(), context.project, context.record_index)
            if report is not None:
                reports.append(report)
                continue
            message = "The attack report was not made for this project on this server, or was changed."
            found[entry["path"]] = [refusal("attack-report", message, "Send the report as the data manager made it.")]
    for entry in entries:
        if entry["kind"] == model.NAME:
            found[entry["path"]] = attest.findings(entry["sha256"], reports, rules)
    return found


def _acro(
    folder: Path,
    entries: list[dict[str, Any]],
    found: dict[str, list[Finding]],
    facts: dict[str, Facts],
    rules: OutputRules,
) -> dict[str, list[Finding]]:
    """Findings on results of ACRO: its word beside the check's own."""
    verdicts: dict[str, tuple[str, str]] = {}
    for entry in entries:
        grave = [(f.severity.value, f.rule) for f in found.get(entry["path"], ()) if f.severity != "note"]
        every = sorted([tuple(entry.get("worst", ("pass", ""))), *grave], key=lambda v: _GRAVITY[v[0]])
        verdicts[posixpath.basename(entry["path"])] = every[-1]
    said = {e["path"]: acro.claims(_bytes(folder, e)) for e in entries if e["kind"] == "json"}
    hidden = {posixpath.basename(p): acro.unseen(file) for p, file in facts.items()} if any(said.values()) else {}
    out = {path: list(acro.compare(claims, verdicts, hidden)) for path, claims in said.items() if claims is not None}
    for path, finding in _checksums(folder, entries, limits_of(rules)):
        out.setdefault(path, []).append(finding)
    return out


def _bytes(folder: Path, entry: dict[str, Any]) -> bytes:
    data: bytes = (folder / entry["id"] / "in").read_bytes()
    return data


def _checksums(folder: Path, entries: list[dict[str, Any]], limits: Limits) -> Iterator[tuple[str, Finding]]:
    """Findings on ACRO's checksums, with the path of the file that each is about: of the request, and of each zip."""
    files = {e["path"]: _bytes(folder, e) if _of_acro(e["path"]) else b"" for e in entries}
    yield from _compared(files, {e["path"]: str(e["sha256"]) for e in entries})
    for entry in (e for e in entries if e["kind"] == archive.NAME):
        try:
            parts = archive.members(_bytes(folder, entry), limits)
        except Unreadable:
            continue  # said when it was read
        for name, finding in _compared(parts, {n: hashlib.sha256(data).hexdigest() for n, data in parts.items()}):
            yield entry["path"], finding.model_copy(update={"where": f"{name}, {finding.where}"[:300]})


def _of_acro(path: str) -> bool:
    return posixpath.basename(path) == checksums.RESULTS or checksums.is_place(path)


def _compared(files: Mapping[str, bytes], digests: Mapping[str, str]) -> Iterator[tuple[str, Finding]]:
    found = {path: sealed for path, data in files.items() if (sealed := checksums.read(path, data))}
    sums = dict(found.values())
    for path, data in files.items():
        said = acro.claims(data) if posixpath.basename(path) == checksums.RESULTS else None
        if said is not None:
            yield from ((path, f) for f in checksums.compare(path, [c.file for c in said], digests, sums))
    yield from checksums.orphans({of: path for path, (of, _) in found.items()}, digests)


def _load(folder: Path, entry: dict[str, Any]) -> FileFacts:
    facts = codec.decode((folder / entry["id"] / "facts").read_bytes())
    return FileFacts(entry["path"], entry["kind"], entry["sha256"], facts, entry.get("request", ""))


TASKS: dict[str, Callable[[Path, dict[str, Any]], dict[str, Any]]] = {"read": read, "judge": judge}
