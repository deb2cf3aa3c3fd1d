"""The audit log: verify it, export it."""

from collections.abc import Iterator

from ecluse.rules.audit import first_break
from ecluse.rules.canonical import canonical_json
from ecluse.rules.release import Manifest

from .ports import Database


def audit_problems(database: Database) -> list[str]:
    """What is wrong with the audit log, each as a sentence; nothing if the chain holds.

    The chain is held against the heads that signed manifests name: a chain that was cut off, or written anew from
    some event on, holds in itself but not against those.
    """
    with database.look() as look:
        marks = [Manifest.model_validate_json(r.manifest).audit for r in look.requests.releases()]
        broken = first_break(look.events.records(), marks)
    return [str(broken)] if broken else []


def export_events(database: Database, after: int = 0) -> Iterator[str]:
    """The events as lines of canonical JSON, in order; what `first_break` reads."""
    with database.look() as look:
        for record in look.events.records(after):
            yield canonical_json(record).decode()
