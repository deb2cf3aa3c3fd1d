"""The main job, start to end, through the same doors that people use. Leaves the enclave running.

Each step prints a line with a tick and its time; the last line is `demo: N steps passed, M failed`.
"""

import io
import os
import sys
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from client import Airlock, Json, Person, Workspace
from demo_notebook import NOTEBOOK, TABLE, notebook
from ecluse.steps.audit import audit_problems, export_events
from ecluse.steps.release import verify_bundle
from ecluse.store.database import open_database
from ecluse.store.keys import signature_holds
from enclave import REPO, Enclave

PROJECT, AUTHOR, REVIEWERS = "bacthub", "researcher-1", ("reviewer-1", "reviewer-2")
ABOUT = {
    NOTEBOOK: ("survival by hormone therapy; antibiotic dispensings", "women of GBSG2; persons of the claims extract"),
    TABLE: ("number of women by age and tumour grade", "women of GBSG2"),
}
console = Console(highlight=False, soft_wrap=True)


class Demo:
    """State that one step leaves to the next."""

    def __init__(self, enclave: Enclave) -> None:
        self.enclave = enclave
        self.passed = self.failed = 0
        self.request: Json = {}
        self.bundle = b""

    def step(self, title: str, action: Callable[[], str | None]) -> bool:
        """Run one step with a spinner; print its tick, its time, and what it returns."""
        start = time.monotonic()
        try:
            with console.status(f"  {title} …"):
                detail = action()
        except Exception as error:  # noqa: BLE001 - whatever went wrong is this step's failure, told and counted
            self.failed += 1
            console.print(f"[red]✗[/] {title}  [dim]{time.monotonic() - start:.1f} s[/]\n    {error}", markup=True)
            (REPO / "build" / "demo-error.log").write_text(traceback.format_exc())
            return False
        self.passed += 1
        console.print(f"[green]✓[/] {title}  [dim]{time.monotonic() - start:.1f} s[/]")
        if detail:
            console.print("\n".join(f"    {line}" for line in detail.splitlines()), style="dim", markup=False)
        return True

    # -- the steps ---------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        self.enclave.prepare()
        passwords = self.enclave.passwords()
        self.author = Person(self.enclave.url, AUTHOR, passwords[AUTHOR], self.enclave.trusted)
        self.reviewers = [Person(self.enclave.url, r, passwords[r], self.enclave.trusted) for r in REVIEWERS]
        self.workspace = Workspace(self.author, PROJECT)

    def sign_in(self) -> None:
        self.author.sign_in()

    def start_workspace(self) -> None:
        self.workspace.stop()
        self.workspace.start()
        for request in self.workspace.exports("GET")["requests"]:
            if request["state"] in ("draft", "returned", "in-review") and request["author"] == AUTHOR:
                self.workspace.exports("POST", f"/{request['id']}/withdraw")

    def run_notebook(self, *, mended: bool) -> str:
        ran = self.workspace.run_notebook(NOTEBOOK, notebook(mended=mended))
        texts = [o["text"] for c in ran["cells"] for o in c.get("outputs", []) if o.get("name") == "stdout"]
        return "\n".join(texts).rstrip()

    def ask(self) -> str:
        about = {"title": "Survival by hormone therapy", "purpose": "Figure and table 1 of the first paper."}
        self.request = self.workspace.exports("POST", json=about)
        return self.attach_and_check()

    def attach_and_check(self) -> str:
        number = self.request["id"]
        for path, (what, population) in ABOUT.items():
            self.workspace.attach(number, path, what=what, population=population)
        self.workspace.exports("POST", f"/{number}/check")
        self.request = self.workspace.wait_for_check(number)
        return "\n".join(_findings(self.request)) or "no finding"

    def find_mistakes(self) -> str:
        found = self.ask()
        rules = {f["rule"] for file in self.request["files"] for f in file["report"]["findings"]}
        missing = {"small-count", "row-dump"} - rules
        if missing:
            raise AssertionError(f"the check did not find {', '.join(missing)}; it found: {found}")
        return found

    def mend(self) -> str:
        self.run_notebook(mended=True)
        found = self.attach_and_check()
        if self.request["check"]["verdict"] == "refuse":
            raise AssertionError(f"the mended version is refused: {found}")
        return found

    def submit(self) -> str:
        self.workspace.exports("POST", f"/{self.request['id']}/submit")
        self.request = self.workspace.wait_for_check(self.request["id"])
        if self.request["state"] != "in-review":
            raise AssertionError(f"the request is {self.request['state']}: {_findings(self.request)}")
        return f"request {self.request['id']} is in review, content {self.request['content'][:12]}…"

    def review(self) -> str:
        for reviewer in self.reviewers:
            reviewer.sign_in()
            page = f"/requests/{self.request['id']}"
            answer = Airlock(reviewer).submit(page, "/vote", approve="yes", comment="")
            if answer.is_error:
                raise AssertionError(f"{reviewer.name}: {answer.status_code}")
        self.request = self.workspace.exports("GET", f"/{self.request['id']}")
        if self.request["state"] != "released":
            raise AssertionError(f"the request is {self.request['state']} after both votes")
        return f"released as {self.request['release']['id']}"

    def download(self) -> str:
        release = self.request["release"]["id"]
        answer = Airlock(self.author).get(f"/releases/{release}/download")
        answer.raise_for_status()
        self.bundle = answer.content
        public = (self.enclave.root / "public" / "release.pub").read_bytes()
        problems = verify_bundle(self.bundle, lambda signature, data: signature_holds(public, signature, data))
        if problems:
            raise AssertionError(f"the release does not verify: {problems}")
        target = REPO / "build" / "released" / f"{release}.zip"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.bundle)
        names = zipfile.ZipFile(io.BytesIO(self.bundle)).namelist()
        return f"{target.relative_to(REPO)}: {', '.join(names)}"

    def audit(self) -> str:
        return audit(self.enclave)


def audit(enclave: Enclave) -> str:
    """Verify the audit chain; the number of its events in words."""
    database = open_database(f"sqlite:///{enclave.root / 'control' / 'ecluse.sqlite'}")
    problems = audit_problems(database)
    if problems:
        raise AssertionError(f"the audit chain is broken: {problems}")
    count = sum(1 for _ in export_events(database))
    database.close()
    return f"{count} events, unbroken"


def _findings(request: Json) -> list[str]:
    lines = []
    for file in request["files"]:
        report: dict[str, Any] = file["report"] or {"verdict": "unchecked", "findings": []}
        lines.append(f"{file['path']}: {report['verdict']}")
        for finding in report["findings"]:
            lines.append(f"  {finding['severity']} {finding['rule']} at {finding['where']}: {finding['message']}")
            if finding["fix"]:
                lines.append(f"    → {finding['fix']}")
    return lines


def main() -> int:
    """Run the demo; exit 1 if a step failed."""
    enclave = Enclave(
        os.environ.get("ECLUSE_NAME", "ecluse"),
        Path(os.environ.get("ECLUSE_ROOT", REPO / "build" / "enclave")),
        int(os.environ.get("ECLUSE_PORT", "8000")),
    )
    demo = Demo(enclave)
    steps: list[tuple[str, Callable[[], str | None]]] = [
        ("policies, people, secrets, data and extracts are in place", demo.prepare),
        ("proxy, hub, airlock and checker run", enclave.up),
        (f"{AUTHOR} signs in", demo.sign_in),
        (f"the workspace of project {PROJECT} starts", demo.start_workspace),
        ("a notebook runs there on the mounted data", lambda: demo.run_notebook(mended=False)),
        ("an export is asked for; the check finds a small count and a row dump", demo.find_mistakes),
        ("the notebook is mended and passes the check", demo.mend),
        ("the request is submitted and the deciding check lets it through", demo.submit),
        ("two independent reviewers approve", demo.review),
        ("the signed release is downloaded outside and verified", demo.download),
        ("the audit chain verifies", demo.audit),
    ]
    for title, action in steps:
        if not demo.step(title, action):
            break
    not_run = len(steps) - demo.passed - demo.failed
    if not demo.failed:
        console.print(f"\nThe enclave runs at [bold]{enclave.url}[/]. Accounts:")
        for person, password in enclave.passwords().items():
            console.print(f"    {person:<14} {password}", markup=False)
        console.print("`make down` stops it; `make clean` also removes data and images.\n")
    elif not_run:
        console.print(
            f"{not_run} later steps were not run. Details: build/demo-error.log; docker logs {enclave.name}-hub"
        )
    print(f"demo: {demo.passed} steps passed, {demo.failed} failed")
    return 1 if demo.failed else 0


if __name__ == "__main__":
    sys.exit(main())
