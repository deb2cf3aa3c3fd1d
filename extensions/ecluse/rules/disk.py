"""How much the folders of a workspace may hold, and what follows when they hold more.

The engine has no quota for volumes on most file systems, so the gate measures, and ends what goes on filling. Worked
example: `alpha` allows 20 GiB. With 17 in `/project` its members read a note. With 21, a workspace may start, so that
they can delete files, and ends as soon as the folder has grown since. With 41 nothing starts.
"""

from collections.abc import Mapping

from .outcome import Reason, Refused
from .workspace import HOME, PROJECT, SOCKETS, home_volume, pane_volume, project_volume

GIB = 1024**3
NOTED, BLOCKED = 0.8, 2.0
"""Shares of the limit from which members are told, and from which nothing starts."""
GROWTH = 64 * 1024**2
"""Bytes that a folder over its limit may grow by: deleting files writes a little too."""

Held = Mapping[str, int]
"""Bytes by folder of a workspace: `/project`, the home, and in a sealed one the folder of sockets."""
NAMES = {PROJECT: PROJECT, HOME: "Your home", SOCKETS: SOCKETS}


def held_by(used: Mapping[str, int], enclave: str, project: str, person: str) -> dict[str, int]:
    """What the folders of a workspace hold, from the sizes of volumes by name; one that is not there holds nothing."""
    volumes = {PROJECT: project_volume(enclave, project), HOME: home_volume(enclave, project, person)}
    sockets = pane_volume(enclave, project, person)
    if sockets in used:
        volumes[SOCKETS] = sockets
    return {folder: used.get(volume, 0) for folder, volume in volumes.items()}


def why_ends(limit: float, held: Held, at_start: Held) -> Refused | None:
    """Why a workspace that runs has to end: a folder is over `limit` GiB and has grown since the start."""
    for folder, size in held.items():
        if size > limit * GIB and size > at_start.get(folder, 0) + GROWTH:
            return _full(limit, folder, size, "Start again and delete files; it ends when more is written.")
    return None


def why_no_start(limit: float, held: Held) -> Refused | None:
    """Why nothing starts: a folder holds far more than `limit` GiB."""
    for folder, size in held.items():
        if size > BLOCKED * limit * GIB:
            fix = "An administrator raises `disk_gib` in the project's file for a while, so that files can be deleted."
            return _full(limit, folder, size, fix)
    return None


def notes(limit: float, held: Held) -> tuple[str, ...]:
    """A sentence per folder that is nearly or quite full."""
    return tuple(
        f"{NAMES[folder]} holds {size / GIB:.1f} of {limit:g} GiB: delete what is not needed."
        for folder, size in held.items()
        if size > NOTED * limit * GIB
    )


def _full(limit: float, folder: str, size: int, fix: str) -> Refused:
    return Refused(Reason.DISK_FULL, f"{NAMES[folder]} holds {size / GIB:.1f} GiB; {limit:g} GiB are allowed.", fix)
