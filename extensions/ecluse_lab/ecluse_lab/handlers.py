"""The calls that the JupyterLab extension makes: `<base>/ecluse/api/…`, each authenticated, authorized and checked.

Everything goes on to the airlock, which decides. This server adds the bytes of the files, read from disk, and the
token, which the browser never sees.
"""

import json
import os
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.iostream import StreamClosedError
from tornado.web import authenticated

from .airlock import Airlock, Upload
from .arguments import LINE, PATH, TEXT, nothing, read, relative_path, request_id
from .errors import RefusedError
from .workspace import Workspace

RESOURCE = "ecluse-exports"
_ID = r"(?P<request>[^/]{1,60})"
_PROGRESS_STEPS = 50


class EcluseHandler(APIHandler):
    """What all calls share: errors in the airlock's shape, and never a traceback."""

    auth_resource = RESOURCE

    def initialize(self, airlock: Airlock, workspace: Workspace) -> None:
        """Take what the extension made."""
        self.airlock = airlock
        self.workspace = workspace

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer a refusal with its reason; anything unforeseen with a plain sentence."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if not isinstance(error, RefusedError):
            message = {403: "You may not do this here.", 404: "There is no such call."}.get(
                status_code, "This did not work."
            )
            error = RefusedError(status_code, "not-possible", message, "Reload the page, then try again.")
        self.set_status(error.status)
        self.finish(json.dumps(error.as_json()))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A refusal is an answer, not a failure: it leaves one line."""
        if isinstance(value, RefusedError):
            self.log.info("Refused: %s %s", value.status, value.reason)
        else:
            super().log_exception(typ, value, tb)

    def answer(self, value: dict[str, Any], status: int = 200) -> None:
        """Finish with JSON that no cache keeps."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(value))

    def no_query(self, *allowed: str) -> None:
        """Refuse unknown query arguments; Lab adds a time stamp of its own (`?1763950000000`)."""
        unknown = [name for name in self.request.query_arguments if name not in allowed and not name.isdigit()]
        if unknown:
            raise RefusedError(400, "bad-argument", "Unknown argument in the address.")


class InfoHandler(EcluseHandler):
    """What the panel has to know at its start."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """The project, the address of the airlock's pages for people, and whether exports are possible."""
        self.no_query()
        base = url_path_join(os.environ.get("JUPYTERHUB_BASE_URL", "/"), "services/airlock/")
        self.answer(
            {
                "project": os.environ.get("ECLUSE_PROJECT", ""),
                "person": os.environ.get("ECLUSE_PERSON") or os.environ.get("JUPYTERHUB_USER", ""),
                "pages": os.environ.get("JUPYTERHUB_HOST", "") + base,
                "configured": self.airlock.configured(),
                "file_bytes": self.workspace.file_bytes,
            }
        )


class RequestsHandler(EcluseHandler):
    """The project's requests."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """List them, newest first."""
        self.no_query()
        self.answer(await self.airlock.call("GET", "requests"))

    @authenticated
    @authorized
    async def post(self) -> None:
        """Make a draft."""
        self.no_query()
        body = read(self.request.body, {"title": LINE, "purpose": TEXT})
        self.answer(await self.airlock.call("POST", "requests", body=dict(body)), status=201)


class RequestHandler(EcluseHandler):
    """One request."""

    @authenticated
    @authorized
    async def get(self, request: str) -> None:
        """Read it, with reports."""
        self.no_query()
        self.answer(await self.airlock.call("GET", "requests", request_id(request)))

    @authenticated
    @authorized
    async def patch(self, request: str) -> None:
        """Change title or purpose of a draft."""
        self.no_query()
        body = read(self.request.body, {}, {"title": LINE, "purpose": TEXT})
        self.answer(await self.airlock.call("PATCH", "requests", request_id(request), body=dict(body)))


class FilesHandler(EcluseHandler):
    """The files of a draft."""

    @authenticated
    @authorized
    async def post(self, request: str) -> None:
        """Send a file of the workspace; answers lines of JSON: `{"sent", "size"}` …, last `{"done"}` or `{"error"}`."""
        self.no_query()
        number = request_id(request)
        said = read(self.request.body, {"path": PATH, "what": TEXT, "population": TEXT})
        path = relative_path(said["path"])
        file, size = self.workspace.open(path, limit=self.workspace.file_bytes)
        with file:
            self.set_header("Cache-Control", "no-store")
            self.set_header("X-Accel-Buffering", "no")
            upload = Upload(file, size, self._reporter(size))
            query = {"path": path, "what": said["what"], "population": said["population"]}
            try:
                await self._line({"sent": 0, "size": size})
                await self.airlock.upload(("requests", number, "files"), query, upload)
                last: dict[str, Any] = {"done": True, "size": size}
            except RefusedError as refused:
                last = refused.as_json()
        await self._line(last)
        await self.finish()

    def _reporter(self, size: int) -> Any:
        step = max(size // _PROGRESS_STEPS, 1)
        told = 0

        async def report(sent: int) -> None:
            nonlocal told
            if sent - told >= step:
                told = sent
                await self._line({"sent": sent, "size": size})

        return report

    async def _line(self, value: dict[str, Any]) -> None:
        self.set_header("Content-Type", "application/x-ndjson")
        self.write(json.dumps(value) + "\n")
        try:
            await self.flush()
        except StreamClosedError:
            # The browser went away: stop sending, so that nobody wonders later where the file came from.
            raise RefusedError(400, "not-possible", "The page was closed while the file was sent.") from None

    @authenticated
    @authorized
    async def delete(self, request: str) -> None:
        """Take a file out of a draft."""
        self.no_query("path")
        paths = self.get_query_arguments("path", strip=False)
        if len(paths) != 1:
            raise RefusedError(400, "bad-argument", "Exactly one 'path' has to be given.")
        path = relative_path(paths[0])
        self.answer(await self.airlock.call("DELETE", "requests", request_id(request), "files", query={"path": path}))


class ActionHandler(EcluseHandler):
    """What an author does with a request."""

    @authenticated
    @authorized
    async def post(self, request: str, action: str) -> None:
        """Ask for advice, submit, or withdraw."""
        self.no_query()
        nothing(self.request.body)
        self.answer(await self.airlock.call("POST", "requests", request_id(request), action), status=202)


class CommentsHandler(EcluseHandler):
    """What author and reviewers say to each other."""

    @authenticated
    @authorized
    async def post(self, request: str) -> None:
        """Say something to the reviewers."""
        self.no_query()
        body = read(self.request.body, {"text": TEXT})
        self.answer(
            await self.airlock.call("POST", "requests", request_id(request), "comments", body=dict(body)), status=201
        )


def handlers(base_url: str, airlock: Airlock, workspace: Workspace) -> list[tuple[str, type[EcluseHandler], Any]]:
    """The routes below `<base>/ecluse/api/`."""
    shared = {"airlock": airlock, "workspace": workspace}
    routes: list[tuple[str, type[EcluseHandler]]] = [
        ("info", InfoHandler),
        ("requests", RequestsHandler),
        (f"requests/{_ID}", RequestHandler),
        (f"requests/{_ID}/files", FilesHandler),
        (f"requests/{_ID}/comments", CommentsHandler),
        (rf"requests/{_ID}/(?P<action>check|submit|withdraw)", ActionHandler),
    ]
    return [(url_path_join(base_url, "ecluse/api", route), handler, shared) for route, handler in routes]
