"""The release: a signed manifest over what was agreed, and the bundle that its author downloads."""

import base64
import binascii
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ecluse.rules.canonical import sha256
from ecluse.rules.outcome import Reason, Refused, RefusedError, require
from ecluse.rules.release import (
    FILES,
    MANIFEST,
    SIGNATURE,
    AuditMark,
    Manifest,
    bundle_problems,
    can_release,
    manifest_bytes,
    manifest_for,
    release_id,
    user_can_download,
)
from ecluse.rules.request import Action, ReleaseView, State

from .acting import SYSTEM, Act, Who, acting, tampered, verify_files
from .ports import Ports, StoredRelease, TamperedError

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every entry of a bundle: the same release is the same bytes, whenever it is downloaded."""

_MAX_BUNDLE = 4 * 1024**3


@dataclass(frozen=True, slots=True)
class Bundle:
    """A release as downloaded: a zip file."""

    name: str
    data: bytes


def release_approved(ports: Ports, act: Act, mark: AuditMark) -> bool:
    """Release an approved request, within the transaction that approved it or in a later one.

    If its author's permit is not in force now, it stays approved; `release_pending` asks again.

    Returns:
        Whether it is released.
    """
    if not can_release(act.policies, act.request, act.now):
        return False
    sizes = verify_files(ports.blobs, act.request)
    manifest = manifest_bytes(manifest_for(act.policies, act.request, sizes, mark, act.now))
    stored = StoredRelease(
        id=release_id(act.request.id),
        request=act.request.id,
        at=act.now,
        manifest=manifest,
        signature=ports.signer.sign(manifest),
    )
    act.change.requests.add_release(stored)
    act.actor = SYSTEM
    act.move(
        Action.RELEASE,
        release=ReleaseView(id=stored.id, at=stored.at),
        detail={"release": stored.id, "manifest": sha256(manifest)},
    )
    return True


def release_pending(ports: Ports, now: datetime) -> int:
    """Release what was approved while a permit was not in force and is again. How many were released."""
    with ports.database.look() as look:
        waiting = [r.id for r in look.requests.in_states(State.APPROVED)]
    released = 0
    for request_id in waiting:
        try:
            with ports.database.change() as change:
                request = change.requests.get(request_id)
                if request is None or request.state is not State.APPROVED:
                    continue
                approvals = [e for e in change.events.about(request_id) if e.action == f"request.{Action.APPROVE}"]
                mark = AuditMark(sequence=approvals[-1].sequence, hash=approvals[-1].hash)
                act = Act(change, ports.policies.current(), request, SYSTEM, now)
                released += release_approved(ports, act, mark)
        except TamperedError as error:
            tampered(ports, SYSTEM, request_id, error, now)
    return released


def download(ports: Ports, who: Who, release: str, now: datetime) -> Bundle:
    """The bundle of a release, for its author; each download is recorded.

    Raises:
        RefusedError: not the author, not released, or a released file was swapped.
    """
    request_id = release.removeprefix("r-")
    with acting(ports, who, Action.DOWNLOAD, request_id, now) as act:
        require(user_can_download(act.policies, who.person, act.request))
        stored = act.change.requests.release(release)
        if stored is None:
            raise RefusedError(Refused(Reason.NOT_RELEASED, "There is no such release.", "Look at the list."))
        data = _bundle(ports, stored)
        act.note(Action.DOWNLOAD, release=stored.id, manifest=sha256(stored.manifest))
        return Bundle(f"{stored.id}.zip", data)


def verify_bundle(data: bytes, holds: Callable[[bytes, bytes], bool]) -> list[str]:
    """What is false in a bundle, each as a sentence; nothing if it is what was released.

    Args:
        data: the bytes of the zip file.
        holds: whether a signature (first) over some bytes (second) is by the key of the enclave.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len({e.filename for e in entries}) != len(entries):
                return ["the bundle holds two entries of one name"]
            if sum(e.file_size for e in entries) > _MAX_BUNDLE:
                return ["the bundle is too large to be one"]
            contents = {e.filename: archive.read(e) for e in entries}
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        return [f"the bundle is not a zip file that can be read: {type(error).__name__}"]
    manifest, signature = contents.pop(MANIFEST, None), contents.pop(SIGNATURE, None)
    if manifest is None or signature is None:
        return [f"the bundle has no {MANIFEST} or no {SIGNATURE}"]
    problems = []
    try:
        raw = base64.b64decode(signature.strip(), validate=True)
    except binascii.Error:
        raw = b""
    if not holds(raw, manifest):
        problems.append("the signature is not by this key over this manifest")
    problems += [f"'{name}' does not belong into a bundle" for name in contents if not name.startswith(FILES)]
    files = {n.removeprefix(FILES): (sha256(d), len(d)) for n, d in contents.items() if n.startswith(FILES)}
    return [*problems, *bundle_problems(manifest, files)]


def _bundle(ports: Ports, stored: StoredRelease) -> bytes:
    manifest = Manifest.model_validate_json(stored.manifest)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, content: bytes) -> None:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)

        add(MANIFEST, stored.manifest)
        add(SIGNATURE, base64.b64encode(stored.signature) + b"\n")
        for file in manifest.files:
            add(FILES + file.path, ports.blobs.read(file.sha256))
    return target.getvalue()
