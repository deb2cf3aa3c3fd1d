"""Which handlers of the server may answer: an allow-list by module, so that an unknown one is refused.

Worked example: `GET /files/x.csv`, `/nbconvert/html/x.ipynb` and `/view/x.html` are refused with 403, whatever the
file; `GET /api/contents/x.py` is allowed here and judged by the contents manager. An extension that somebody adds to
the image is refused until its module is listed in `extra`.
"""

import re
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth import Authorizer
from traitlets import Bool, Instance, List, Unicode, default

from .workspace import Workspace

ALLOWED = (
    "ecluse_lab.handlers",
    "jupyter_server.services.api.handlers",
    "jupyter_server.services.config.handlers",
    "jupyter_server.services.contents.handlers",
    "jupyter_server.services.events.handlers",
    "jupyter_server.services.kernels.handlers",
    "jupyter_server.services.kernels.websocket",
    "jupyter_server.services.kernelspecs.handlers",
    "jupyter_server.services.nbconvert.handlers",  # the list of formats; converting is refused
    "jupyter_server.services.security.handlers",
    "jupyter_server.services.sessions.handlers",
    "jupyter_server.services.shutdown",
    "jupyterlab.handlers.build_handler",
    "jupyterlab.handlers.error_handler",
    "jupyterlab.handlers.plugin_manager_handler",
    "jupyterlab_server.handlers",
    "jupyterlab_server.licenses_handler",
    "jupyterlab_server.settings_handler",
    "jupyterlab_server.themes_handler",
    "jupyterlab_server.translations_handler",
    "jupyterlab_server.workspaces_handler",
)
TERMINALS = ("jupyter_server_terminals.api_handlers", "jupyter_server_terminals.handlers")
_KERNEL_LOGOS = "jupyter_server.kernelspecs.handlers"
_LOGO = re.compile(r".*/kernelspecs/(?P<kernel>[^/]+)/(?:logo-(?:32x32|64x64)\.png|logo-svg\.svg)")


class EcluseAuthorizer(Authorizer):
    """Allows what a researcher's work needs; refuses every other handler, and says so in the log."""

    terminals = Bool(False, help="Whether terminals may be used.").tag(config=True)
    extra = List(Unicode(), default_value=[], help="Further modules whose handlers may answer.").tag(config=True)
    workspace = Instance(Workspace)

    @default("workspace")
    def _default_workspace(self) -> Workspace:
        return Workspace(parent=self)

    async def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Whether this handler may answer this request. The user was authenticated before."""
        module = type(handler).__module__
        if module in ALLOWED or module in self.extra or (self.terminals and module in TERMINALS):
            return True
        if module == _KERNEL_LOGOS and await self._is_logo_of_the_image(handler):
            return True
        self.log.warning(
            "Refused for %s: %s %s on %s (%s)", user.username, handler.request.method, action, resource, module
        )
        return False

    async def _is_logo_of_the_image(self, handler: Any) -> bool:
        # A kernel that the researcher installs in the home could carry data under a logo's name.
        match = _LOGO.fullmatch(handler.request.path)
        if not match:
            return False
        try:
            spec = await ensure_async(handler.kernel_spec_manager.get_kernel_spec(match["kernel"]))
        except KeyError:
            return False
        return not self.workspace.surrounds(spec.resource_dir)
