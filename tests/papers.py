"""Keys and certificates of the services of a test's own enclave, as `deploy/enclave.py` makes them."""

import os
import ssl
from datetime import UTC, datetime
from pathlib import Path

from ecluse.store.papers import BEARERS, write_papers
from ecluse.store.platform import FOLDERS


def lay_papers(root: Path, name: str) -> None:
    """Make the folders that keys and certificates lie in, owned by those who read them, and write what is in them."""
    for folder in ("public", "papers", "secrets", "secrets/gate", *(f"secrets/{bearer}" for bearer in BEARERS)):
        uid, gid, mode = FOLDERS[folder]
        (root / folder).mkdir(parents=True, exist_ok=True)
        os.chown(root / folder, uid, gid)
        (root / folder).chmod(mode)
    write_papers(root, name, datetime.now(UTC))


def trusting(root: Path) -> ssl.SSLContext:
    """For calls of a test to the services: trusts their authority, and shows no certificate."""
    return ssl.create_default_context(cafile=str(root / "public/services.pem"))
