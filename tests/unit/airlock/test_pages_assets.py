"""What the pages bring along is what it says that it is."""

import re
from hashlib import sha256
from importlib.resources import files


def test_htmx_is_the_published_file_unchanged() -> None:
    folder = files("ecluse.airlock") / "static"
    said = re.search(r"SHA-256 `([0-9a-f]{64})`", (folder / "README.md").read_text(encoding="utf-8"))
    assert said
    assert sha256((folder / "htmx.min.js").read_bytes()).hexdigest() == said[1]
    assert "Zero-Clause BSD" in (folder / "htmx.LICENSE").read_text(encoding="utf-8")
