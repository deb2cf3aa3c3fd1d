"""Zip containers: opened under bounds, walked member by member, written anew.

Stops bombs (declared sizes are summed before anything is read, and reading stops at the declared size), members outside
the folder, encrypted members and archives inside archives.

Kept of a zip file: the rebuilt form of every member. One member that can't be understood refuses the whole. Worked
example: a zip of `t.csv` and `plot.jpg` becomes a zip of the rebuilt `t.csv` and `plot.png`, dated 1980.
"""

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from ecluse.checks.facts import Facts, Passage, Source
from ecluse.checks.limits import MIB, Limits
from ecluse.rules.finding import Finding

from . import Rebuilt, Unreadable
from .merging import merge

NAME = "zip"
_RATIO = 200
_FIX = "Send the files one by one, not as an archive."


def sniff(head: bytes, name: str) -> bool:  # noqa: ARG001 - known by its magic; office files are claimed earlier
    """A zip's magic."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def names(data: bytes) -> frozenset[str]:
    """Names of a zip's members, or nothing where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return frozenset()


def members(data: bytes, limits: Limits, *, most: int | None = None) -> dict[str, bytes]:
    """All members of a zip by name. Raises `Unreadable` for bombs and broken archives."""
    total = min(limits.bytes * 8, 256 * MIB)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [i for i in archive.infolist() if not i.filename.endswith("/")]
            if len(infos) > (most or limits.members):
                raise Unreadable("archive-too-many", f"The archive has {len(infos):,} members.", _FIX)
            if sum(i.file_size for i in infos) > total or any(
                i.file_size > MIB and i.file_size > _RATIO * max(1, i.compress_size) for i in infos
            ):
                raise Unreadable("archive-bomb", "The archive unpacks to far more than it holds.", _FIX)
            nameless = any(not i.filename for i in infos)
            if nameless or len({i.filename for i in infos}) != len(infos) or any(i.flag_bits & 1 for i in infos):
                raise Unreadable("file-malformed", "The archive has encrypted members, or two of one name.", _FIX)
            return {i.filename: archive.read(i) for i in infos}
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise Unreadable("file-malformed", f"The archive can't be read ({type(error).__name__}).", _FIX) from None


def write(parts: dict[str, bytes]) -> bytes:
    """A zip with these members only: fixed dates, no comments, no extra fields."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()


@dataclass(slots=True)
class Document:
    """The members: path, module of the kind, its document."""

    parts: list[tuple[str, ModuleType, Any]] = field(default_factory=list)


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """Read every member by its own kind. Raises `Unreadable` naming the first that can't be."""
    from .detect import kind_of

    document = Document()
    for path, content in sorted(members(data, limits).items()):
        if not _safe(path):
            raise Unreadable("bad-path", f"A member's path is not allowed: {path[:100]!r}.", _FIX)
        try:
            if len(content) > limits.bytes:
                raise Unreadable("file-too-large", "too large", _FIX)  # noqa: TRY301 - named with its member below
            module = kind_of(content, path)
            if module.NAME == NAME:
                raise Unreadable("archive-nested", "an archive inside the archive", _FIX)  # noqa: TRY301 - as above
            if module.NAME in ("model", "attack-report"):
                raise Unreadable("model-unattested", "a model in an archive", "Send it as a file of its own.")  # noqa: TRY301 - as above
            document.parts.append((path, module, module.read(content, limits, path)))
        except Unreadable as error:
            raise Unreadable(error.reason, f"{path[:200]}: {error.message}", error.fix) from None
    if not document.parts:
        raise Unreadable("file-empty", "The archive is empty.", "Leave it out of the request.")
    return document


def _safe(path: str) -> bool:
    parts = path.split("/")
    return (
        path.isprintable() and "\\" not in path and not any(p in ("", ".", "..") for p in parts) and len(path) <= 200
    )  # room in a report


def facts(document: Document) -> Facts:
    """Facts of all members, their places led by the member's path."""
    found = []
    for path, module, part in document.parts:
        found.append(placed(module.facts(part), path))
        found.append(Facts(passages=(Passage(path, Source.NAME, "name of a member"),)))
    return merge(*found)


def placed(facts: Facts, path: str) -> Facts:
    """The facts with a path before each place."""

    def led(where: str) -> str:
        return f"{path}: {where}"[:250] if where else path

    return Facts(
        tables=tuple(replace(t, where=led(t.where)) for t in facts.tables),
        numbers=tuple(replace(n, where=led(n.where)) for n in facts.numbers),
        passages=tuple(replace(p, where=led(p.where)) for p in facts.passages),
        series=tuple(replace(s, where=led(s.where)) for s in facts.series),
        code=tuple(replace(c, where=led(c.where)) for c in facts.code),
        signs=tuple(replace(s, where=led(s.where)) for s in facts.signs),
    )


def rebuild(document: Document) -> Rebuilt:
    """A zip of the rebuilt members."""
    parts: dict[str, bytes] = {}
    notes: list[Finding] = []
    for path, module, part in document.parts:
        made: Rebuilt = module.rebuild(part)
        stem, old = posixpath.splitext(path)
        target = path if old.lower() == made.extension else stem + made.extension
        while target in parts:
            target = f"{path}{made.extension}" if target != f"{path}{made.extension}" else f"{target}.2"
        parts[target] = made.data
        notes += [n.model_copy(update={"where": f"{path}: {n.where}"[:300]}) for n in made.notes]
    return Rebuilt(write(parts), ".zip", tuple(notes))
