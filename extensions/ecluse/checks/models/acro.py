"""ACRO's results: read as a hint, never as proof; what they claim is held beside what the check found.

`results.json` names outputs with a status (pass, fail, review), the checks that were run, and the files. Worked
example: ACRO says `pass` of `t1_0.csv`, the check refuses it for a count of 4: the finding on `results.json` names
both. ACRO says that it hid three cells of `t1_0.csv`, and every cell of it shows a number: that is said too. The
checksums that ACRO writes beside its outputs are compared in `checksums`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ecluse.checks.facts import Facts, Interval, Masked, Text
from ecluse.rules.finding import Finding, Severity

_NAMES = 200
_KEPT = "DONT_RELEASE"
"""ACRO's mark on what is for the checkers alone, such as its summary of the session."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What ACRO says of one output file."""

    file: str
    output: str
    status: str
    exception: str = ""
    hidden: int = 0


def claims(data: bytes) -> list[Claim] | None:
    """What a results.json claims, or none where it is another JSON."""
    try:
        book = json.loads(data)
    except (ValueError, RecursionError):
        return None
    results = book.get("results") if isinstance(book, dict) else None
    tool = book.get("tool") if isinstance(book, dict) else None
    named = isinstance(tool, dict) and tool.get("name") == "ACRO"
    if not isinstance(results, dict) or not (named or (all(map(_is_output, results.values())) and results)):
        return None
    return [c for uid, output in results.items() if isinstance(output, dict) for c in _of(str(uid), output)]


def _is_output(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("status") not in ("pass", "fail", "review"):
        return False
    return {"uid", "type", "files"} <= value.keys() or {"summary", "output"} <= value.keys()


def _of(uid: str, output: dict[str, Any]) -> Iterator[Claim]:
    files = output.get("files")
    if files is None and isinstance(output.get("output"), list):  # as its first versions wrote
        files = [{"name": name} for name in output["output"]]
    suppressed = "suppress" in str(output.get("properties", {}))
    for file in files if isinstance(files, list) else []:
        if isinstance(file, dict) and isinstance(file.get("name"), str):
            sdc = file.get("sdc")
            cells = sdc.get("cells") if isinstance(sdc, dict) else None
            hidden = len(cells.get("MinimumThresholdCheck") or ()) if suppressed and isinstance(cells, dict) else 0
            said = (str(output.get("status", ""))[:20], " ".join(str(output.get("exception") or "").split())[:300])
            yield Claim(file["name"][-_NAMES:], uid[:80], *said, hidden)


def unseen(facts: Facts) -> int:
    """How many cells of a file's tables show no exact number: empty, masked, or an interval."""
    return sum(
        isinstance(cell, Masked | Interval) or (isinstance(cell, Text) and cell.blank)
        for table in facts.tables
        for row in table.cells
        for cell in row[table.stub :]
    )


def compare(
    found: list[Claim], verdicts: Mapping[str, tuple[str, str]], hidden: Mapping[str, int] | None = None
) -> Iterator[Finding]:
    """Findings on disagreements.

    By file name, `verdicts` are the check's own verdict and its gravest rule, `hidden` the cells that show no number.
    """
    for claim in found:
        known = verdicts.get(claim.file)
        told = f"ACRO says {claim.status or 'nothing'!r} of {claim.file}"
        if _KEPT in claim.output:
            if known is not None:
                yield _say("acro-disagrees", Severity.REVIEW, f"ACRO names {claim.file} as one not to be released.",
                           "Leave it out.")  # fmt: skip
        elif known is None:
            yield _say("acro-missing", Severity.REVIEW, f"{told}, which is not in this request.",
                       "Send the outputs that the results are about, under their names.")  # fmt: skip
        elif claim.status == "pass" and known[0] != "pass":
            yield _say("acro-disagrees", Severity.REVIEW, f"{told}, the check says {known[0]!r} ({known[1]}).",
                       "Mend the file; ACRO's word does not release it.")  # fmt: skip
        elif claim.status in ("fail", "review") and known[0] == "pass":
            yield _say("acro-disagrees", Severity.REVIEW, f"{told}, the check found nothing in it.",
                       "Look at what ACRO saw: it knew the data behind the table.")  # fmt: skip
        if claim.hidden and hidden is not None and hidden.get(claim.file) == 0:
            yield _say("acro-not-hidden", Severity.REVIEW,
                       f"ACRO says that it hid {claim.hidden} cells of {claim.file}, and every cell shows a number.",
                       "Send the file that ACRO wrote.")  # fmt: skip
        if claim.exception:
            yield _say("acro-exception", Severity.NOTE, f"The author asks for an exception on {claim.file}: "
                       f"'{claim.exception}'.", "The reviewers decide.")  # fmt: skip


def _say(rule: str, severity: Severity, message: str, fix: str) -> Finding:
    return Finding(rule=rule, severity=severity, message=message[:2000], fix=fix, where="ACRO results")
