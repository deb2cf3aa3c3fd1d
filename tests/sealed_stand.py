"""A sealed session without a hub: the real image inside, as the gate plans it; the pane served from these sources."""

import asyncio
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from ecluse.pane.doors import Doors
from ecluse.pane.web import Pane, application

IMAGE, PANE_IMAGE = "ecluse/sealed:0.1", "ecluse/pane:0.1"
SESSION = Path(__file__).parents[1] / "images/sealed/sealed-session"
PREFIX = "/user/ada/alpha/"
HARDENED = (
    *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true", "--network", "none"),
    *("--tmpfs", "/tmp:rw,exec,nosuid,nodev,mode=1777,size=1g", "--memory", "2g", "--pids-limit", "512"),
    *("--shm-size", "512m", "--user", "1000:1000"),
)


def docker(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert not check or done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return (done.stdout + (done.stderr if arguments[0] == "logs" else "")).strip()


class OpenHub:
    """Signs everybody in as `ada`."""

    def __init__(self) -> None:
        self.tokens = {"token-of-ada"}

    @property
    def login_url(self) -> str:
        return f"{PREFIX}oauth_callback?code=any"

    def generate_pkce_code_challenge(self) -> tuple[str, str, str]:
        return "verifier", "challenge", "S256"

    async def token_for_code(self, code: str, *, code_verifier: str, sync: bool) -> str:
        return "token-of-ada"

    async def user_for_token(self, token: str, use_cache: bool, *, sync: bool) -> Mapping[str, Any] | None:
        return {"name": "ada", "scopes": ["access:servers!server=ada/alpha"]} if token in self.tokens else None


@dataclass
class Stand:
    """A running session. `sockets` is the folder that pane and workspace share."""

    url: str
    sockets: Path
    container: str
    pane: Pane
    hub: OpenHub

    def inside(self, *command: str) -> str:
        """Run a command in the workspace, as its user."""
        return docker("exec", "-e", "DISPLAY=:1", self.container, *command)


def novnc(folder: Path) -> Path:
    """noVNC as the pane's image carries it."""
    container = docker("create", PANE_IMAGE)
    try:
        docker("cp", f"{container}:/opt/novnc", str(folder))
    finally:
        docker("rm", container)
    return folder / "novnc"


@contextmanager
def serving(pane: Pane, assets: Path) -> Iterator[str]:
    """The pane's addresses on a free port of loopback, in a thread of their own."""
    [socket] = bind_sockets(0, "127.0.0.1")
    loop = asyncio.new_event_loop()

    async def start() -> HTTPServer:
        server = HTTPServer(application(pane, assets))
        server.add_socket(socket)
        return server

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)

    async def stop() -> None:
        server.stop()
        await server.close_all_connections()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        with suppress(TimeoutError, asyncio.CancelledError):
            asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def stand(folder: Path, *, paste: bool = False) -> Iterator[Stand]:
    """Everything made; removed at the end."""
    name = f"sealed-{secrets.token_hex(3)}"
    sockets = folder / "sockets"
    sockets.mkdir()
    sockets.chmod(0o777)
    environment = {
        "ECLUSE_PROJECT": "alpha",
        "ECLUSE_PERSON": "ada",
        "ECLUSE_AIRLOCK_URL": "http://127.0.0.1:8082/services/airlock",
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
    }
    hub = OpenHub()
    screen = sockets / "screen.sock"
    pane = Pane(
        doors=Doors(hub, "ada", "alpha"), prefix=PREFIX, socket=screen, person="ada", project="alpha",
        paste=paste, secure=False, clock=lambda: datetime.now(UTC),
    )  # fmt: skip
    docker(
        *("run", "-d", "--name", name, "--label", "org.ecluse.test=sealed", *HARDENED),
        *(part for key, value in environment.items() for part in ("-e", f"{key}={value}")),
        *(
            "-v",
            "/home/researcher",
            "-v",
            "/project",
            "-v",
            f"{sockets}:/run/pane",
            IMAGE,
            "sealed-session",
            "--KernelManager.transport=ipc",
        ),
    )
    try:
        with serving(pane, novnc(folder)) as url:
            until = time.monotonic() + 60
            while not screen.exists():
                assert time.monotonic() < until, docker("logs", name)
                time.sleep(0.1)
            yield Stand(url + PREFIX, sockets, name, pane, hub)
    finally:
        docker("rm", "-f", "-v", name, check=False)
