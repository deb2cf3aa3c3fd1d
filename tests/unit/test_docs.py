import re
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).parents[2]
THREATS = (REPO / "docs/explanation/threat-model.md").read_text()


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


def test_every_attack_of_the_threat_model_has_a_test_or_is_accepted():
    rows = [r for r in THREATS.split("## Attacks")[1].splitlines() if r.startswith("| ")][1:]
    assert len(rows) > 30
    assert [r for r in rows if "tests/" not in r and "**accepted**" not in r] == []


def test_every_test_that_the_threat_model_names_is_there():
    named = re.findall(r"`(tests/[^`:]+)::([^`]+)`", THREATS)
    assert named
    missing = [f"{file}::{test}" for file, test in named if f"def {test}(" not in (REPO / file).read_text()]
    assert missing == []
