r"""The check of a request: every file in its own process, all facts judged together, one report.

Decides nothing of its own beyond this: a file without an answer is refused, and the verdict is the worst finding.

Worked example: `[("t.csv", b"region,n\\nNord,4\\n")]` gives a report with verdict `refuse` (a count under 11) and, in
the second value, the rebuilt bytes by their hash.
"""

import hashlib
import json
import posixpath
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ecluse.rules.finding import CheckReport, FileReport, Finding, Rebuilt, verdict_of, worst
from ecluse.rules.policy import OutputRules

from . import codec
from .criteria import criteria
from .facts import Context
from .limits import limits_of
from .refusals import refusal
from .sandbox import Outcome, Sandbox, SandboxError, made_by_task

_FINDINGS = TypeAdapter(list[Finding])
_BY_PATH = TypeAdapter(dict[str, list[Finding]])
_IDS = TypeAdapter(set[str])
_POSITIONS = TypeAdapter(list[int])
_JUDGE = "judge"
_MOST = 500
_GROWS, _KEPT = 4, 512 * 1024 * 1024
"""How much longer than its limit a rebuilt file may be, as at the airlock; and how long all of a request may be."""

_ENDINGS = {
    "crash": ("check-crashed", "Reading the file broke its check: it is malformed, or made to break readers."),
    "timeout": ("check-timeout", "Checking the file took longer than the policy allows."),
    "memory": ("check-memory", "Checking the file took more memory than a check may use."),
}
_SIMPLER = "Save the result again in a simpler form: a CSV of the table, a PNG of the figure."


@dataclass(frozen=True, slots=True)
class Released:
    """A file that the project has released before: its request, path and bytes."""

    request: str
    path: str
    data: bytes


@dataclass(slots=True)
class _File:
    """One file on its way."""

    path: str
    number: str
    sha256: str
    size: int
    kind: str = "unknown"
    findings: list[Finding] = field(default_factory=list)
    rebuilt: bytes | None = None
    extension: str = ""
    understood: bool = False
    rows: list[int] = field(default_factory=list)
    """Positions of the tables that are refused as rows of persons."""


def check_files(
    files: Sequence[tuple[str, bytes | Path]],
    rules: OutputRules,
    context: Context | None = None,
    *,
    released: Sequence[Released] = (),
    sandbox: Sandbox | None = None,
) -> tuple[CheckReport, dict[str, bytes]]:
    """Check the files of one request.

    Returns the report and the rebuilt files by SHA-256 (hex). Files come as bytes or as the path to read them from;
    each is read once, so that what is hashed is what is checked. `sandbox` is a warm one to use again.
    """
    if sandbox is None:
        with Sandbox() as fresh:
            return check_files(files, rules, context, released=released, sandbox=fresh)
    with tempfile.TemporaryDirectory(prefix="ecluse-check-") as name:
        return _Check(Path(name), rules, context or Context(), sandbox).run(files, released)


class _Check:
    def __init__(self, folder: Path, rules: OutputRules, context: Context, sandbox: Sandbox) -> None:
        self.folder, self.rules, self.context, self.sandbox = folder, rules, context, sandbox
        self.deadline = time.monotonic() + rules.check_seconds
        self.kept = 0
        self.index = [str(context.record_index)] if context.record_index else []
        self.shared = {
            "rules": rules.model_dump(mode="json"),
            "context": {
                "project": context.project,
                "record_index": str(context.record_index) if context.record_index else None,
                "pseudonyms": sorted(context.pseudonyms),
            },
        }

    def run(
        self, files: Sequence[tuple[str, bytes | Path]], released: Sequence[Released]
    ) -> tuple[CheckReport, dict[str, bytes]]:
        """Read, judge, report."""
        found = [self._take(n, path, data) for n, (path, data) in enumerate(files)]
        earlier = [self._take(n, r.path, r.data, "r") for n, r in enumerate(released)]
        for path, times in Counter(f.path for f in found).items():
            if times > 1:
                twice = refusal("bad-path", "Two files of the request have this path.", "Give each file its own name.")
                for file in found:
                    file.findings += [twice] if file.path == path else []
        if len(files) > self.rules.max_files:
            for file in found:
                file.findings.append(
                    refusal(
                        "too-many-files", f"A request has at most {self.rules.max_files} files.", "Send fewer files."
                    )
                )
        try:
            self._read([f for f in found if not f.findings], earlier)
            self._judge(found, earlier, released)
        except SandboxError as error:
            for file in found:
                file.understood = False
                file.findings.append(
                    refusal("check-failed", f"The check did not run: {error}.", "Send the request again.")
                )
        return self._report(found)

    def _take(self, number: int, path: str, data: bytes | Path, prefix: str = "f") -> _File:
        """Read a file's bytes once, hash them, put them where its process finds them."""
        limit = limits_of(self.rules).bytes
        if isinstance(data, Path):
            with data.open("rb") as stream:
                head = stream.read(limit + 1)
                digest, size = hashlib.sha256(head), len(head)
                while piece := stream.read(1 << 20):
                    digest.update(piece)
                    size += len(piece)
        else:
            head, digest, size = data[: limit + 1], hashlib.sha256(data), len(data)
        file = _File(path, f"{prefix}{number}", digest.hexdigest(), size)
        if size > limit:
            file.findings.append(
                refusal(
                    "file-too-large",
                    f"The file has {size:,} bytes; {limit:,} are allowed.",
                    "Release a smaller table, or a figure with a lower dpi.",
                )
            )
        elif not safe_path(path):
            file.findings.append(
                refusal("bad-path", "The file's path is not allowed.", "Rename it: letters, digits, . _ -")
            )
        else:
            (self.folder / file.number).mkdir()
            (self.folder / file.number / "in").write_bytes(head)
        return file

    def _left(self) -> float:
        return max(0.1, self.deadline - time.monotonic())

    def _read(self, files: list[_File], earlier: list[_File]) -> None:
        """Read each file in its own process."""
        jobs = [
            {
                "task": "read",
                "id": f.number,
                "path": f.path,
                "released": f.number.startswith("r"),
                "reads": self.index,
                **self.shared,
            }
            # The longest first, so that none is waited for alone.
            for f in sorted([*files, *(e for e in earlier if not e.findings)], key=lambda f: -f.size)
        ]
        outcomes = self.sandbox.run(self.folder, jobs, self._left() * 0.8) if jobs else {}
        for file in [*files, *earlier]:
            if file.number in outcomes:
                self._take_in(file, outcomes[file.number])

    def _take_in(self, file: _File, outcome: Outcome) -> None:
        """What a file's process answered, parsed strictly."""
        if outcome.state != "ok":
            reason, message = _ENDINGS[outcome.state]
            file.findings.append(refusal(reason, f"{message} ({outcome.detail})", _SIMPLER))
            return
        try:
            file.findings += _FINDINGS.validate_python(outcome.answer["findings"], strict=False)
            file.kind = str(outcome.answer["kind"])[:40]
            if outcome.answer["rebuilt"] is True:
                file.extension = str(outcome.answer["extension"])[:12]
                file.rows = _POSITIONS.validate_python(outcome.answer["rows"])
                file.rebuilt = self._rebuilt(file.number)
                file.understood = True
        except (KeyError, TypeError, ValueError, ValidationError, OSError):
            file.rebuilt = None
            file.findings.append(refusal("check-crashed", _ENDINGS["crash"][1], _SIMPLER))

    def _rebuilt(self, number: str) -> bytes:
        """What a reader has made of its file. Raises `OSError` for more than the airlock would keep."""
        data = made_by_task(self.folder / number / "rebuilt", _GROWS * limits_of(self.rules).bytes)
        self.kept += len(data)
        if self.kept > _KEPT:
            raise OSError("the rebuilt files of the request are too long together")
        return data

    def _judge(self, files: list[_File], earlier: list[_File], released: Sequence[Released]) -> None:
        """Judge all facts together; without an answer all files are refused."""
        known = [f for f in files if f.understood]
        if not known:
            return
        for file, before in zip(earlier, released, strict=True):
            if not file.understood:
                message = f"What was released before can't be read again: {before.request}, {before.path}."
                for other in known:
                    other.findings.append(refusal("released-unreadable", message, "Ask an administrator."))
        entries = [
            {"id": f.number, "path": f.path, "kind": f.kind, "sha256": f.sha256, "rows": f.rows, "worst": _gravest(f)}
            for f in known
        ]
        before_entries = [
            {"id": f.number, "path": f.path, "kind": f.kind, "sha256": f.sha256, "request": r.request}
            for f, r in zip(earlier, released, strict=True)
            if f.understood
        ]
        for position, past in enumerate(self.context.released):
            (self.folder / f"p{position}").mkdir()
            (self.folder / f"p{position}" / "facts").write_bytes(codec.encode(past.facts))
            before_entries.append(
                {
                    "id": f"p{position}",
                    "path": past.path,
                    "kind": past.kind,
                    "sha256": past.sha256,
                    "request": past.request,
                }
            )
        job = {"task": "judge", "id": _JUDGE, "files": entries, "released": before_entries, **self.shared}
        job["reads"] = [str(self.folder), *self.index]
        outcome = self.sandbox.run(self.folder, [job], self._left())[_JUDGE]
        try:
            found = _BY_PATH.validate_python(outcome.answer["findings"]) if outcome.state == "ok" else None
            malformed = _IDS.validate_python(outcome.answer.get("malformed", ()))
        except (KeyError, ValidationError):
            found, malformed = None, set()
        for file in known:
            if file.number in malformed:
                file.understood = False
                file.findings.append(refusal("check-crashed", _ENDINGS["crash"][1], _SIMPLER))
            if found is None:
                message = f"The results could not be judged together ({outcome.detail or outcome.state})."
                file.findings.append(refusal("check-failed", message, "Send fewer or smaller tables in one request."))
            else:
                file.findings += found.get(file.path, [])

    def _report(self, files: list[_File]) -> tuple[CheckReport, dict[str, bytes]]:
        rebuilt: dict[str, bytes] = {}
        reports: list[FileReport] = []
        taken: set[str] = set()
        for file in files:
            made = None
            if file.rebuilt is not None and file.understood:
                digest = hashlib.sha256(file.rebuilt).hexdigest()
                rebuilt[digest] = file.rebuilt
                made = Rebuilt(path=rebuilt_path(file.path, file.extension, taken), sha256=digest)
            findings = tuple(_capped(_once(file.findings)))
            reports.append(
                FileReport(
                    path=file.path[:400] or "?",
                    kind=file.kind,
                    verdict=verdict_of(findings, rebuilt=made is not None),
                    sha256=file.sha256,
                    rebuilt=made,
                    findings=findings,
                )
            )
        record: dict[str, Any] = criteria(self.rules, self.context)
        return CheckReport(verdict=worst([r.verdict for r in reports]), files=tuple(reports), criteria=record), rebuilt


def _gravest(file: _File) -> list[str]:
    """Verdict and gravest rule of a file after reading."""
    grave = next((f for s in ("refuse", "review") for f in file.findings if f.severity == s), None)
    return [grave.severity, grave.rule] if grave else ["pass", ""]


def _once(findings: list[Finding]) -> list[Finding]:
    """Each finding once: the HTML and the text of one output say the same, on other lines."""
    first: dict[tuple[str, str, str, str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.rule, finding.severity, finding.where, finding.message), finding)
    return list(first.values())


def _capped(findings: list[Finding]) -> list[Finding]:
    """At most 500 findings, the gravest first kept; the last says how many there were."""
    if len(findings) <= _MOST:
        return findings
    order = {"refuse": 0, "review": 1, "note": 2}
    kept = sorted(findings, key=lambda f: order[f.severity])[: _MOST - 1]
    more = Finding(
        rule="more-findings", severity=kept[0].severity, message=f"{len(findings):,} findings; these are the first."
    )
    return [*kept, more]


def safe_path(path: str) -> bool:
    """Whether a path stays below its folder and holds nothing but printable characters."""
    parts = path.split("/")
    return (
        0 < len(path) <= 300  # room for an added extension below the report's 400
        and path.isprintable()
        and "\\" not in path
        and not any(p in ("", ".", "..") for p in parts)
    )


def rebuilt_path(path: str, extension: str, taken: set[str]) -> str:
    """The path of a rebuilt file: `plot.jpg` becomes `plot.png`, or `plot.jpg.png` where that name is taken."""
    stem, old = posixpath.splitext(path)
    same = old.lower() == extension
    candidates = [path if same else stem + extension, path + extension]
    number = 1
    while candidates[0] in taken:
        candidates = candidates[1:] or [f"{stem}-{(number := number + 1)}{extension}"]
    taken.add(candidates[0])
    return candidates[0]


def report_json(report: CheckReport) -> str:
    """The report as the JSON of `ecluse check`."""
    return json.dumps(report.model_dump(mode="json"), ensure_ascii=False, indent=2)
