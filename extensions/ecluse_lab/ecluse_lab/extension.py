"""Joins the parts when Jupyter Server starts."""

from typing import Any

from .airlock import Airlock
from .authorizer import EcluseAuthorizer
from .contents import EcluseContentsManager
from .handlers import handlers
from .workspace import Workspace


def load(serverapp: Any) -> None:
    """Add the calls of `handlers`, make the links of the workspace, and say if downloads are not held back."""
    workspace = Workspace(parent=serverapp)
    workspace.make_links()
    airlock = Airlock(parent=serverapp)
    web_app = serverapp.web_app
    web_app.add_handlers(".*$", handlers(web_app.settings["base_url"], airlock, workspace))
    if not airlock.configured():
        serverapp.log.warning("ecluse_lab: no ECLUSE_AIRLOCK_URL or no JUPYTERHUB_API_TOKEN; exports are not possible")
    if not isinstance(serverapp.authorizer, EcluseAuthorizer):
        serverapp.log.error("ecluse_lab: another authorizer is configured; /files, /view and /nbconvert may answer")
    if not isinstance(serverapp.contents_manager, EcluseContentsManager):
        serverapp.log.error("ecluse_lab: another contents manager is configured; data can be downloaded")
