"""Who asks: project and person by the addresses of a connection, as the gate wrote them down."""

import json
import logging
import threading
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from ecluse.rules.names import PersonId, ProjectId, Strict

log = logging.getLogger(__name__)


class _Known(Strict):
    projects: dict[IPv4Network, ProjectId] = Field(default_factory=dict)
    people: dict[IPv4Address, tuple[ProjectId, PersonId]] = Field(default_factory=dict)


_READER = TypeAdapter(_Known)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call comes from. The project is proven by the network that it came over, the person by the address."""

    project: str
    person: str | None


@dataclass
class Places:
    """The gate's file, read again when it changed. Without it, or with one that can't be read, nobody is known."""

    file: Path
    _seen: tuple[int, int, int] | None = None
    _known: _Known = field(default_factory=_Known)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, near: str, far: str) -> Place | None:
        """The place of a caller at address `far`, who reached us at our address `near`."""
        here, there = IPv4Address(near), IPv4Address(far)
        known = self._current()
        for subnet, project in known.projects.items():
            if here in subnet and there in subnet:
                of, person = known.people.get(there, (project, None))
                return Place(project, person if of == project else None)
        return None

    def _current(self) -> _Known:
        with self._lock:
            try:
                stat = self.file.stat()
                seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                if seen != self._seen:
                    value: Any = json.loads(self.file.read_bytes())
                    self._known, self._seen = _READER.validate_python(value), seen
            except (OSError, ValueError, ValidationError) as error:
                if self._seen is not None:
                    log.warning("who is where can't be read: %s", error)
                self._known, self._seen = _Known(), None
            return self._known
