"""The contents API with a door: content leaves only after it was read, parsed and judged (see `kinds`).

Every route that reads a file through Jupyter Server (`/api/contents`, and `/files`, `/nbconvert`, `/view` if they were
reachable) ends in `_read_file` or `_read_notebook`; both are replaced here. Listing, saving, renaming and copying stay.
"""

import base64
from contextvars import ContextVar
from pathlib import PurePath
from typing import Any

from anyio.to_thread import run_sync
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError
from traitlets import Instance, Int, List, Unicode, default

from .errors import RefusedError
from .kinds import SOURCES, Shown, ending, read_notebook, why_not_by_name, why_not_text
from .workspace import Workspace

_copying: ContextVar[bool] = ContextVar("_copying", default=False)
"""Set while the server copies a file from disk to disk: nothing of it reaches the browser."""


class EcluseContentsManager(AsyncLargeFileManager):
    """Jupyter's own file manager, but data are not handed out."""

    sources = List(Unicode(), default_value=sorted(SOURCES), help="Endings of texts that are shown.").tag(config=True)
    viewable = List(
        Unicode(), default_value=[], help="Endings of other files that are shown, such as png: one click saves them."
    ).tag(config=True)
    text_bytes = Int(512 * 1024, help="Largest text that is shown.").tag(config=True)
    notebook_bytes = Int(32 * 1024 * 1024, help="Largest notebook that is shown.").tag(config=True)
    workspace = Instance(Workspace)

    @default("workspace")
    def _default_workspace(self) -> Workspace:
        return Workspace(parent=self)

    @default("files_handler_class")
    def _files_handler_class_default(self) -> None:
        return None

    def shown(self) -> Shown:
        """The configured limits as a value."""
        return Shown(
            sources=frozenset(self.sources),
            viewable=frozenset(self.viewable),
            text_bytes=self.text_bytes,
            notebook_bytes=self.notebook_bytes,
        )

    async def copy(self, from_path: str, to_path: str | None = None) -> Any:
        """Copy from disk to disk; the base class reads and saves through the API's own functions."""
        token = _copying.set(True)
        try:
            return await super().copy(from_path, to_path)  # type: ignore[no-untyped-call]  # untyped there
        finally:
            _copying.reset(token)

    async def _read_file(  # type: ignore[override]  # asynchronous there too, against its own mixin
        self,
        os_path: str,
        format: str | None,  # noqa: A002 - its name there
        raw: bool = False,
    ) -> Any:
        if _copying.get() or format == "byte":  # 'byte' is hashed, never answered
            return await super()._read_file(os_path, format, raw=raw)
        name = PurePath(os_path).name
        shown = self.shown()
        data = await run_sync(self._bytes_to_show, os_path, name, shown)
        if ending(name) in shown.viewable and format != "text":
            content, kind = base64.encodebytes(data).decode("ascii"), "base64"
        elif format == "base64":
            raise _not_shown(name, "only texts and notebooks are shown")
        else:
            content, kind = data.decode("utf-8"), "text"
        return (content, kind, data) if raw else (content, kind)

    def _bytes_to_show(self, os_path: str, name: str, shown: Shown) -> bytes:
        kind = ending(name)
        notebook = kind == "ipynb"
        viewable = kind in shown.viewable
        why = "" if notebook or viewable else why_not_by_name(name, shown)
        if why:
            raise _not_shown(name, why)
        data = self._bytes(os_path, shown.text_bytes if not (notebook or viewable) else shown.notebook_bytes)
        if notebook:
            _notebook(name, data, shown)
        elif not viewable and (why := why_not_text(data, shown)):
            raise _not_shown(name, why)
        return data

    def _bytes(self, os_path: str, limit: int) -> bytes:
        try:
            file, size = self.workspace.open(os_path, limit=limit)
        except RefusedError as refused:
            raise HTTPError(refused.status, f"{refused.message} {refused.fix}".strip()) from refused
        with file:
            return file.read(size)

    async def _read_notebook(
        self,
        os_path: str,
        as_version: int = 4,  # noqa: ARG002 - the base class only ever asks for 4, which `read_notebook` gives
        capture_validation_error: Any = None,  # noqa: ARG002 - an invalid notebook is refused, not reported
        raw: bool = False,
    ) -> Any:
        # Also while copying: the base class quotes the file in its error when it is no notebook.
        name = PurePath(os_path).name
        shown = self.shown()

        def read() -> tuple[Any, bytes]:
            if ending(name) != "ipynb":  # type=notebook on another file made the server quote the file in its error
                raise _not_shown(name, "it is not a notebook")
            data = self._bytes(os_path, shown.notebook_bytes)
            return _notebook(name, data, shown), data

        notebook, data = await run_sync(read)
        return (notebook, data) if raw else notebook


def _notebook(name: str, data: bytes, shown: Shown) -> Any:
    try:
        return read_notebook(data, shown)
    except ValueError as error:
        raise _not_shown(name, str(error)) from None


def _not_shown(name: str, why: str) -> HTTPError:
    return HTTPError(
        403,
        f"'{name}' is not shown: {why}. Files stay in the enclave: read it in a notebook, and ask for an export of "
        "results that have to leave.",
    )
