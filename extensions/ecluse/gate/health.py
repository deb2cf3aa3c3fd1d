"""Whether the gate and the engine behind it answer: exit code 0 or 1. Imports little, since it runs every half minute.

python -m ecluse.gate.health
"""

import os
import socket
import sys
from pathlib import Path

SECONDS = 5


def healthy(file: Path) -> bool:
    """Ask the gate at this socket, which asks the engine."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(SECONDS)
        try:
            caller.connect(str(file))
            caller.sendall(b"GET /_ping HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n")
            return caller.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False


if __name__ == "__main__":
    sys.exit(0 if healthy(Path(os.environ.get("ECLUSE_ROOT", "/srv/ecluse")) / "gate" / "engine.sock") else 1)
