"""A person at the enclave's address: the same pages and APIs that a browser uses, without the browser.

Used by the demo and by tests. Nothing here has a way in that a person has not.
"""

import json
import re
import ssl
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx
from websockets.exceptions import InvalidMessage, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

Json = dict[str, Any]

WAITS = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further try to open a kernel's channels; the Lab also tries several times."""


class RefusedByServerError(Exception):
    """The enclave answered with an error. `status`, and `reason` where the answer gave one."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        try:
            error = response.json().get("error", {})
        except (json.JSONDecodeError, AttributeError):
            error = {}
        self.reason = error.get("reason", "") if isinstance(error, dict) else ""
        message = error.get("message", "") if isinstance(error, dict) else str(error)
        super().__init__(
            f"{response.request.method} {response.url.path}: {self.status} {self.reason} {message}".strip()
        )


def _checked(response: httpx.Response) -> httpx.Response:
    if response.status_code >= 400:  # noqa: PLR2004 - HTTP's own line between answers and errors
        raise RefusedByServerError(response)
    return response


@dataclass
class Person:
    """Someone signed in at `url` (such as http://localhost:8000) under their person id."""

    url: str
    name: str
    password: str = field(repr=False)
    verify: ssl.SSLContext | bool = True

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, follow_redirects=True, timeout=60, verify=self.verify)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def cookie(self, name: str, path: str) -> str:
        """Value of the cookie whose path fits `path` best."""
        found = [c for c in self.http.cookies.jar if c.name == name and path.startswith(c.path)]
        return max(found, key=lambda c: len(c.path)).value or "" if found else ""

    def sign_in(self, code: str = "") -> None:
        """Fill in the sign-in page. `code` is a one-time code, for accounts that have them."""
        self.http.get("/hub/login")
        answer = self.http.post(
            "/hub/login",
            data={
                "username": self.name,
                "password": self.password,
                "otp": code,
                "_xsrf": self.cookie("_xsrf", "/hub/login"),
            },
            headers={"Referer": urljoin(self.url, "/hub/login")},
        )
        if answer.url.path.endswith("/login"):
            raise RefusedByServerError(httpx.Response(403, request=answer.request))
        _checked(answer)

    def hub(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call the hub's API as its pages do."""
        headers = {"X-XSRFToken": self.cookie("_xsrf", "/hub/"), "Referer": urljoin(self.url, "/hub/home")}
        return self.http.request(method, f"/hub/api{path}", headers=headers, **more)


@dataclass
class Workspace:
    """A person's workspace of one project."""

    person: Person
    project: str

    @property
    def base(self) -> str:
        """Path of the workspace's server."""
        return f"/user/{self.person.name}/{self.project}"

    def start(self, *, seconds: float = 90) -> None:
        """Start it and wait until it answers."""
        self.request_start()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            model = _checked(self.person.hub("GET", f"/users/{self.person.name}")).json()
            server = model.get("servers", {}).get(self.project, {})
            if server.get("ready"):
                self.open()
                return
            time.sleep(0.2)
        raise TimeoutError(f"{self.base} did not start in {seconds:.0f} s")

    def request_start(self) -> None:
        """Ask for a start; a running server is left alone."""
        answer = self.person.hub("POST", f"/users/{self.person.name}/servers/{self.project}")
        if answer.status_code != 400 or "already running" not in answer.text:  # noqa: PLR2004 - HTTP
            _checked(answer)

    def stop(self, *, seconds: float = 30) -> None:
        """Stop it and wait until it is gone."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answer = self.person.hub("DELETE", f"/users/{self.person.name}/servers/{self.project}")
            if answer.status_code in (204, 404):
                return
            _checked(answer)
            time.sleep(0.3)
        raise TimeoutError(f"{self.base} did not stop in {seconds:.0f} s")

    def open(self) -> None:
        """Open the Lab: the hub hands the browser a cookie for this server."""
        _checked(self.person.http.get(f"{self.base}/lab"))

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call the Jupyter server as the Lab does."""
        headers = {
            "X-XSRFToken": self.person.cookie("_xsrf", f"{self.base}/"),
            "Referer": urljoin(self.person.url, f"{self.base}/lab"),
            **more.pop("headers", {}),
        }
        return self.person.http.request(method, f"{self.base}{path}", headers=headers, **more)

    def save(self, path: str, content: Any, *, kind: str = "file") -> None:
        """Save a text file or a notebook through the contents API."""
        model = {"type": kind, "format": "json" if kind == "notebook" else "text", "content": content}
        _checked(self.call("PUT", f"/api/contents/{path}", json=model))

    def run_notebook(self, path: str, notebook: Json, on_cell: Callable[[int, int], None] | None = None) -> Json:
        """Run every code cell in a kernel of the workspace and save the notebook with its outputs there.

        Raises:
            RuntimeError: with the kernel's words, if a cell fails.
        """
        kernel = _checked(self.call("POST", "/api/kernels", json={"name": "python3"})).json()["id"]
        try:
            with self._kernel(kernel) as run:
                code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
                for number, cell in enumerate(code, start=1):
                    cell["outputs"] = list(run("".join(cell["source"])))
                    cell["execution_count"] = number
                    if on_cell:
                        on_cell(number, len(code))
        finally:
            self.call("DELETE", f"/api/kernels/{kernel}")
        self.save(path, notebook, kind="notebook")
        return notebook

    def _kernel(self, kernel: str) -> "_Kernel":
        parts = urlsplit(self.person.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        xsrf = self.person.cookie("_xsrf", f"{self.base}/")
        url = f"{scheme}://{parts.netloc}{self.base}/api/kernels/{kernel}/channels?_xsrf={xsrf}"
        request = self.person.http.build_request("GET", f"{self.base}/api/kernels")
        trusted = self.person.verify if isinstance(self.person.verify, ssl.SSLContext) else None
        return _Kernel(url, request.headers["cookie"], f"{parts.scheme}://{parts.netloc}", trusted)

    def exports(self, method: str, path: str = "", **more: Any) -> Json:
        """Call the export panel's own API in the workspace (the `ecluse_lab` server extension)."""
        answer = _checked(self.call(method, f"/ecluse/api/requests{path}", **more))
        return answer.json() if answer.content else {}

    def attach(self, request: str, path: str, *, what: str, population: str) -> None:
        """Attach a file of the workspace to a draft. The answer is lines of JSON, the last one says how it ended."""
        body = {"path": path, "what": what, "population": population}
        answer = _checked(self.call("POST", f"/ecluse/api/requests/{request}/files", json=body))
        last = json.loads(answer.text.strip().splitlines()[-1])
        if not last.get("done"):
            raise RefusedByServerError(httpx.Response(409, json=last, request=answer.request))

    def wait_for_check(self, request: str, *, seconds: float = 120) -> Json:
        """Poll a request until its check is done."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.exports("GET", f"/{request}")
            if found["check"]["state"] in ("done", "failed") and found["state"] not in ("submitted", "checking"):
                return found
            time.sleep(0.2)
        raise TimeoutError(f"the check of {request} did not finish in {seconds:.0f} s")


class _Kernel:
    """A kernel's channels. Calling it runs code and yields nbformat outputs."""

    def __init__(self, url: str, cookie: str, origin: str, trusted: ssl.SSLContext | None = None) -> None:
        self._connect = partial(
            connect,
            url,
            additional_headers={"Cookie": cookie},
            origin=Origin(origin),
            max_size=2**26,
            open_timeout=60,
            ssl=trusted,
        )

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._socket = stack.enter_context(_opened(self._connect))
            self._close = stack.pop_all().close
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def __call__(self, code: str) -> Iterator[Json]:
        identity = uuid.uuid4().hex
        header = {
            "msg_id": identity,
            "msg_type": "execute_request",
            "username": "",
            "session": identity,
            "version": "5.4",
        }
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        self._socket.send(
            json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content})
        )
        while True:
            message = json.loads(self._socket.recv(timeout=120))
            if message.get("parent_header", {}).get("msg_id") != identity:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return
            if kind == "error":
                plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(content["traceback"]))
                raise RuntimeError(f"a cell failed:\n{plain}")
            output = _output(kind, content)
            if output is not None:
                yield output


def _opened(attempt: Callable[[], ClientConnection]) -> ClientConnection:
    """Open a websocket, again where what stands before the server could not reach it; a refusal is not asked twice."""
    for wait in WAITS:
        try:
            return attempt()
        except InvalidMessage as error:  # the proxy's own answer to a server that it can't reach is no whole one
            print(f"no channel yet: {error.__cause__ or error}; again in {wait} s", file=sys.stderr)
        except InvalidStatus as error:
            if error.response.status_code < 500:  # noqa: PLR2004 - HTTP's own line between refusals and failures
                raise
            print(f"no channel yet: {error}; again in {wait} s", file=sys.stderr)
        time.sleep(wait)
    return attempt()


def _output(kind: str, content: Json) -> Json | None:
    match kind:
        case "stream":
            return {"output_type": "stream", "name": content["name"], "text": content["text"]}
        case "display_data":
            return {"output_type": kind, "data": content["data"], "metadata": content["metadata"]}
        case "execute_result":
            return {
                "output_type": kind,
                "data": content["data"],
                "metadata": content["metadata"],
                "execution_count": content["execution_count"],
            }
        case _:
            return None


@dataclass
class Airlock:
    """The airlock's pages, as a reviewer or an author outside the enclave opens them."""

    person: Person
    base: str = "/services/airlock"

    def get(self, path: str = "/") -> httpx.Response:
        """Open a page; the hub's sign-in is followed on the way."""
        return self.person.http.get(f"{self.base}{path}")

    def submit(self, page: str, action: str, **values: str) -> httpx.Response:
        """Send the form of `page` whose action ends in `action`, with its hidden fields as the page gives them."""
        html = _checked(self.get(page)).text
        found = re.search(rf'<form[^>]*action="([^"]*{re.escape(action)})"[^>]*>(.*?)</form>', html, re.DOTALL)
        if not found:
            raise LookupError(f"{page} has no form that goes to '{action}'")
        hidden = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', found[2]))
        url = urljoin(str(httpx.URL(self.person.url).join(f"{self.base}{page}")), found[1])
        return self.person.http.post(url, data={**hidden, **values}, headers={"Referer": url})
