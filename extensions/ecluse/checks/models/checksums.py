"""The checksums that ACRO writes beside its outputs, held against the files of the request.

ACRO's `finalise` writes `checksums/NAME.txt` with the SHA-256 (hex) of each file of its folder, `results.json` among
them (acro 1.0.2, `record.py`). Decides which files are not those that ACRO wrote. Worked example: `results.json` names
`output_0_0.csv`, whose bytes hash to something else than `checksums/output_0_0.csv.txt` says: it was changed since,
and what ACRO says of it holds for another file. A checksum of a file that is not there can't be compared with anything:
64 characters that nobody can read. That checksums agree proves nothing of the files, which the check reads itself.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from ecluse.rules.finding import Finding, Severity

RESULTS = "results.json"
LONGEST = 200
"""Bytes of a checksum's file, at most."""
_PLACE = re.compile(
    r"(?P<folder>(?:.*/)?)(?:checksums/(?P<name>[^/]+)|(?<!checksums/)(?P<beside>[^/]+\.[A-Za-z0-9]{2,5}))\.txt"
)
"""In ACRO's folder, or beside the file where the folders of a request are not kept."""
_DIGEST = re.compile(rb"\s*([0-9a-fA-F]{64})\s*")
_SEND = "Send the files as ACRO wrote them, with the folder `checksums`; run ACRO again after any change."


def is_place(path: str) -> bool:
    """Whether a path is one where ACRO writes a checksum."""
    return _PLACE.fullmatch(path) is not None


def read(path: str, data: bytes) -> tuple[str, str] | None:
    """The path of the file that a checksum is of, and the checksum (hex, lower case); none where it is none."""
    place, digest = _PLACE.fullmatch(path), _DIGEST.fullmatch(data[:LONGEST])
    if not place or not digest:
        return None
    return f"{place['folder']}{place['name'] or place['beside']}", digest[1].decode().lower()


def compare(
    results: str, named: Iterable[str], digests: Mapping[str, str], sums: Mapping[str, str]
) -> Iterator[Finding]:
    """Findings on a `results.json` at the path `results` that names files.

    By path, `digests` are those of the files themselves, `sums` those that ACRO wrote. Without any of the latter the
    finding is a note.
    """
    folder = posixpath.dirname(results)
    mine = {path: digest for path, digest in sums.items() if posixpath.dirname(path) == folder}
    if not mine:
        yield _say(Severity.NOTE, "ACRO's checksums are not in this request, so that nothing says whether its outputs "
                   "were changed since.")  # fmt: skip
        return
    for name in dict.fromkeys((*named, posixpath.basename(results))):
        path = posixpath.join(folder, name)
        if path not in digests:
            continue  # what is not sent is said elsewhere
        if path not in mine:
            yield _say(Severity.REVIEW, f"ACRO's checksums have no entry for {name}: it was not in ACRO's folder.")
        elif mine[path] != digests[path]:
            yield _say(Severity.REVIEW, f"{name} differs from its checksum: it is not the file that ACRO wrote.")


def orphans(places: Mapping[str, str], digests: Mapping[str, str]) -> Iterator[tuple[str, Finding]]:
    """Findings with their path on checksums of files that are not there. `places` are theirs, by path of the file."""
    for path, place in places.items():
        if path not in digests:
            said = f"The checksum of {posixpath.basename(path)}, which is not in this request, can't be compared."
            yield place, _say(Severity.REVIEW, said)


def _say(severity: Severity, message: str) -> Finding:
    return Finding(rule="acro-checksum", severity=severity, message=message, fix=_SEND, where="ACRO checksums")
