import re
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).parents[2]


def test_generated_pages_are_current():
    done = subprocess.run(
        [sys.executable, REPO / "docs" / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_in_the_docs_leads_somewhere():
    broken = [
        f"{page.relative_to(REPO)}: {target}"
        for page in [REPO / "README.md", *REPO.glob("docs/**/*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []
