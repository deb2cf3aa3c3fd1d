"""Hub and airlock write events from two processes: the chain has one end and no fork."""

import os
import subprocess
import sys
from pathlib import Path

from ecluse.rules.audit import first_break
from ecluse.store.database import open_database, upgrade

WRITER = """
import sys
from ecluse.store.clock import utc_now
from ecluse.store.database import open_database
from ecluse.store.events import DatabaseAuditLog

database = open_database(sys.argv[1])
log = DatabaseAuditLog(database, utc_now)
for number in range(25):
    log.record(sys.argv[2], "workspace-started", "alpha", "ada/alpha", {"number": number})
database.close()
"""


def test_processes_append_to_one_chain(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/control.sqlite"
    upgrade(url)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "extensions")}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, actor], env=environment, stderr=subprocess.PIPE)
        for actor in ("ecluse:hub", "ecluse:airlock", "ada")
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said.decode()
    database = open_database(url)
    with database.look() as look:
        records = list(look.events.records())
    database.close()
    assert first_break(records) is None
    assert len(records) == 75
    for actor in ("ecluse:hub", "ecluse:airlock", "ada"):
        assert [r["detail"]["number"] for r in records if r["actor"] == actor] == list(range(25))


def test_processes_bring_a_new_database_up_to_date_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite"
    code = "import sys; from ecluse.store.database import upgrade; upgrade(sys.argv[1])"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "extensions")}
    starters = [
        subprocess.Popen([sys.executable, "-c", code, url], env=environment, stderr=subprocess.PIPE) for _ in range(3)
    ]
    for starter in starters:
        _, said = starter.communicate(timeout=120)
        assert starter.returncode == 0, said.decode()
