"""The airlock with its real store in a temporary folder, a hub that believes everybody, and a checker made of a table.

`House.at(state)` builds requests at a state, so that no test repeats the road there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from ecluse.airlock.app import create_app
from ecluse.airlock.identity import AIRLOCK_SCOPE
from ecluse.airlock.settings import BASE, AirlockSettings
from ecluse.rules.finding import CheckReport, FileReport, Finding, Rebuilt, verdict_of, worst
from ecluse.rules.request import RequestView
from ecluse.steps.acting import Who
from ecluse.steps.desk import Airlock
from ecluse.steps.ports import Job
from ecluse.store.keys import make_release_key
from policies import write_policies

KINDS = {".csv": "csv", ".ipynb": "notebook", ".png": "png", ".txt": "text"}


@dataclass
class TrustingHub:
    """Signs in whoever `person` names; implements `hub.Hub`."""

    person: str = ""

    async def whoami(self, token: str) -> Mapping[str, Any] | None:
        return {"kind": "user", "name": token, "scopes": [AIRLOCK_SCOPE]}

    def login_url(self, state: str, challenge: str) -> str:
        return f"{BASE}/oauth_callback?state={state}&code={self.person}"

    def challenge(self) -> tuple[str, str]:
        return "verifier", "challenge"

    async def token_for_code(self, code: str, verifier: str) -> str:
        return code


@dataclass
class House:
    """The airlock's parts in a test."""

    root: Path
    app: FastAPI
    hub: TrustingHub
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    """What the checker finds, by path of the file."""

    @property
    def desk(self) -> Airlock:
        desk = self.app.state.desk
        assert isinstance(desk, Airlock)
        return desk

    def submitted(self, files: Mapping[str, bytes], *, title: str = "Survival by group", author: str = "ada") -> str:
        """A request of project alpha whose check is handed over, not answered."""
        who = Who(author, "alpha")
        view = self.desk.open(who, title, "Table 2 of the article on hormonal therapy.")
        for path, content in files.items():
            with self.desk.incoming(10**7) as incoming:
                incoming.write(content)
                self.desk.attach(
                    who, view.id, incoming, path=path, what="Table of survival", population="686 women, 1984 to 1989"
                )
        self.desk.submit(who, view.id)
        return view.id

    def check(self) -> None:
        """Answer every job with `findings`, each file rebuilt as it is."""
        for file in sorted((self.root / "spool" / "jobs").glob("*.json")):
            job = Job.model_validate_json(file.read_bytes())
            folder = self.root / "spool" / "results" / f"tmp-{job.job}"
            (folder / "rebuilt").mkdir(parents=True)
            reports = [self._report(f.path, f.sha256, folder) for f in job.files]
            report = CheckReport(
                verdict=worst([r.verdict for r in reports]), files=tuple(reports), criteria={"minimum_count": 11}
            )
            (folder / "report.json").write_text(json.dumps(report.model_dump(mode="json")))
            file.unlink()
            folder.rename(folder.with_name(job.job))
        self.desk.settle()

    def in_review(self, files: Mapping[str, bytes], **more: str) -> str:
        """A request that passed its check."""
        request_id = self.submitted(files, **more)
        self.check()
        return request_id

    def released(self, files: Mapping[str, bytes]) -> str:
        """A request that two reviewers approved."""
        request_id = self.in_review(files)
        for reviewer in ("rev", "ria"):
            self.vote(reviewer, request_id)
        return request_id

    def vote(self, reviewer: str, request_id: str, *, approve: bool = True, comment: str = "") -> RequestView:
        content = self.desk.view(Who(reviewer), request_id).content
        return self.desk.vote(Who(reviewer), request_id, approve=approve, content=content, comment=comment)

    def _report(self, path: str, sha256: str, folder: Path) -> FileReport:
        content = (self.root / "quarantine" / sha256[:2] / sha256).read_bytes()
        findings = tuple(self.findings.get(path, []))
        verdict = verdict_of(findings, rebuilt=True)
        rebuilt = None
        if verdict != "refuse":
            (folder / "rebuilt" / sha256).write_bytes(content)
            rebuilt = Rebuilt(path=path, sha256=sha256)
        kind = KINDS.get(Path(path).suffix, "unknown")
        return FileReport(path=path, kind=kind, verdict=verdict, sha256=sha256, rebuilt=rebuilt, findings=findings)


def build(root: Path, url: str = "http://testserver") -> House:
    """The house in an empty folder."""
    write_policies(root / "policies")
    secrets = root / "secrets" / "airlock"
    for folder in (secrets, root / "public", root / "control"):
        folder.mkdir(parents=True)
    private, public = make_release_key()
    for path, content in ((secrets / "release.key", private), (root / "public" / "release.pub", public)):
        path.write_bytes(content)
        path.chmod(0o400)
    database = f"sqlite:///{root / 'control' / 'ecluse.sqlite'}"
    hub = TrustingHub()
    return House(root, create_app(AirlockSettings(url=url, root=root, database=database), hub=hub), hub)
