"""A real Jupyter Server with the shipped configuration, and an airlock that keeps the contract, both on loopback."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[3]
EXTENSION = ROOT / "extensions" / "ecluse_lab"
TOKEN = "token-of-the-workspace"
LAB_TOKEN = "token-of-the-person"
NOW = "2026-11-24T02:00:00+00:00"


def small_count(path: str, data: bytes) -> list[dict[str, Any]]:
    """The one rule of the stand-in: numbers from 1 to 9 are small counts; the word `mean` wants reviewers."""
    text = data.decode("utf-8", "replace")
    source = text
    if path.endswith(".ipynb"):
        cells = json.loads(text)["cells"]
        source = "\n".join("".join(cell["source"]) for cell in cells)
    found = [
        {
            "rule": "small-count",
            "severity": "refuse",
            "where": f"line {number}",
            "message": f"'{match[0]}' counts fewer than 11 persons, who could be recognised.",
            "fix": "Merge the row with its neighbour, or write '<11'.",
            "place": {"line": number - 1},
        }
        for number, line in enumerate(source.splitlines(), 1)
        for match in re.finditer(r"(?<![\d.<])[1-9](?![\d.])", line)
    ]
    if "mean" in source:
        found.append(
            {
                "rule": "unknown-statistic",
                "severity": "review",
                "where": "whole file",
                "message": "A mean is shown; its number of persons is not.",
                "fix": "Write the number of persons beside it.",
                "place": None,
            }
        )
    found.append(
        {"rule": "kind", "severity": "note", "where": "", "message": "Read as text.", "fix": "", "place": None}
    )
    return found


@dataclass
class FakeAirlock:
    """Keeps requests in memory, as docs/reference/contracts.md says."""

    person: str = "researcher-1"
    project: str = "bacthub"
    polls: int = 1  # how often a check still runs when it is asked after
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    content: dict[tuple[str, str], bytes] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    broken: tuple[int, bytes] | None = None  # answer everything with this
    slow: float = 0.0
    waiting: dict[str, int] = field(default_factory=dict)

    def draft(self, title: str, purpose: str) -> dict[str, Any]:
        number = len(self.requests) + 1
        request = {
            "id": f"{self.project}-{number}",
            "project": self.project,
            "author": self.person,
            "title": title,
            "purpose": purpose,
            "state": "draft",
            "owner": "author",
            "created": NOW,
            "updated": NOW,
            "content": "",
            "files": [],
            "check": {"state": "none", "deciding": False, "verdict": None, "message": ""},
            "comments": [],
            "votes": [],
            "release": None,
        }
        self.requests[request["id"]] = request
        return request

    def put(self, request: dict[str, Any], said: dict[str, str], data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        request["files"] = [file for file in request["files"] if file["path"] != said["path"]]
        request["files"].append({**said, "sha256": digest, "size": len(data), "report": None})
        request["state"], request["owner"] = "draft", "author"
        self.content[request["id"], said["path"]] = data

    def start_check(self, request: dict[str, Any], *, deciding: bool) -> None:
        request["check"] = {"state": "running", "deciding": deciding, "verdict": None, "message": ""}
        self.waiting[request["id"]] = self.polls
        if deciding:
            request["state"], request["owner"] = "checking", "system"

    def poll(self, request: dict[str, Any]) -> None:
        if request["check"]["state"] != "running":
            return
        if self.waiting[request["id"]] > 0:
            self.waiting[request["id"]] -= 1
            return
        order = ["pass", "review", "refuse"]
        worst = "pass"
        for file in request["files"]:
            findings = small_count(file["path"], self.content[request["id"], file["path"]])
            severities = {finding["severity"] for finding in findings}
            verdict = "refuse" if "refuse" in severities else "review" if "review" in severities else "pass"
            worst = max(worst, verdict, key=order.index)
            file["report"] = {
                "path": file["path"],
                "kind": "text",
                "verdict": verdict,
                "sha256": file["sha256"],
                "rebuilt": None,
                "findings": findings,
            }
        deciding = request["check"]["deciding"]
        request["check"] = {"state": "done", "deciding": deciding, "verdict": worst, "message": ""}
        if deciding:
            passed = worst != "refuse"
            request["state"] = "in-review" if passed else "returned"
            request["owner"] = "reviewers" if passed else "author"


def _refuse(status: int, reason: str, message: str, fix: str = "") -> tuple[int, dict[str, Any]]:
    return status, {"error": {"reason": reason, "message": message, "fix": fix}}


def _answer(air: FakeAirlock, method: str, target: str, body: bytes) -> tuple[int, dict[str, Any]]:  # noqa: PLR0911, C901
    split = urlsplit(target)
    query = {key: values[0] for key, values in parse_qs(split.query).items()}
    match = re.fullmatch(r"/services/airlock/api/v1/requests(?:/([a-z0-9-]+))?(?:/(\w+))?", split.path)
    if not match:
        return _refuse(404, "unknown-request", "There is no such page.")
    number, action = match.groups()
    if number is None:
        if method == "GET":
            return 200, {"requests": [dict(request) for request in reversed(air.requests.values())]}
        said = json.loads(body)
        if any(request["state"] in {"draft", "returned", "in-review"} for request in air.requests.values()):
            return _refuse(409, "already-open", "You have an open request.", "Add the files to it, or withdraw it.")
        return 201, air.draft(said["title"], said["purpose"])
    request = air.requests.get(number)
    if request is None:
        return _refuse(404, "unknown-request", "There is no such request.", "Look at the list.")
    if method == "GET":
        air.poll(request)
    elif method == "PATCH":
        request.update(json.loads(body))
    elif method == "PUT":
        air.put(request, query, body)
    elif method == "DELETE":
        request["files"] = [file for file in request["files"] if file["path"] != query["path"]]
    elif action == "comments":
        text = json.loads(body)["text"]
        request["comments"] = [*request["comments"], {"author": air.person, "at": NOW, "text": text}]
    elif action == "withdraw":
        request["state"] = "withdrawn"
    elif action in {"check", "submit"}:
        air.start_check(request, deciding=action == "submit")
        return 202, request
    return 200, request


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return

    def _serve(self) -> None:
        air: FakeAirlock = self.server.air  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        air.seen.append((self.command, self.path, dict(self.headers)))
        time.sleep(air.slow)
        if air.broken:
            status, content = air.broken
        else:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status, value = _refuse(403, "not-a-member", "This token proves no project.")
            else:
                status, value = _answer(air, self.command, self.path, body)
            content = json.dumps(value).encode()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")  # type: ignore[attr-defined]
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


@contextlib.contextmanager
def airlock_on_loopback(air: FakeAirlock) -> Iterator[str]:
    """Serve the stand-in; gives the address for ECLUSE_AIRLOCK_URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.air = air  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/services/airlock"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Lab:
    """A running server and the folders it serves."""

    url: str
    home: Path
    project: Path
    data: Path
    outside: Path
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(home: Path, config: Path, airlock: str, prefix: Path | None) -> dict[str, str]:
    code = prefix / "lib" / "python3.11" / "site-packages" if prefix else EXTENSION
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_PATH": str(prefix / "share" / "jupyter") if prefix else "",
        "JUPYTER_RUNTIME_DIR": str(home.parent / "run"),
        "JUPYTER_TOKEN": LAB_TOKEN,
        "ECLUSE_AIRLOCK_URL": airlock,
        "ECLUSE_PROJECT": "bacthub",
        "ECLUSE_PERSON": "researcher-1",
        "JUPYTERHUB_API_TOKEN": TOKEN,
        # An environment with a proxy must not send the token there.
        "http_proxy": "http://127.0.0.1:9/",
    }


@contextlib.contextmanager
def lab_on_loopback(
    folder: Path, airlock: str, *, prefix: Path | None = None, options: tuple[str, ...] = ()
) -> Iterator[Lab]:
    """Start Jupyter Server as a workspace does; `prefix` holds the installed wheel, else the source is used."""
    home, project, data, outside = (folder / name for name in ("home", "project", "data", "project-of-others"))
    for made in (home, project, data, outside, folder / "run"):
        made.mkdir(parents=True)
    config = folder / "etc"
    shutil.copytree(EXTENSION / "etc" / "jupyter", config)
    port = free_port()
    log = folder / "lab.log"
    command = [
        sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", f"--Workspace.project={project}", f"--Workspace.data={data}", *options,
    ]  # fmt: skip
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(home, config, airlock, prefix), stdout=sink, stderr=subprocess.STDOUT
        )
    lab = Lab(f"http://127.0.0.1:{port}/", home, project, data, outside, log)
    try:
        _wait(lab, process)
        yield lab
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # a kernel that died under the server keeps it waiting
            process.kill()
            process.wait(10)


def _wait(lab: Lab, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{lab.url}api", timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Jupyter Server did not start:\n{lab.log.read_text()[-4000:]}")
