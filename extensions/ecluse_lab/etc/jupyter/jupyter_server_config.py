"""Jupyter Server and JupyterLab in a workspace: what is on, what is off. Goes to /etc/jupyter in the image."""

import os
import site
from pathlib import Path

from jupyter_core.paths import jupyter_path

c = get_config()  # noqa: F821 - Jupyter gives it to its configuration files

terminals = os.environ.get("ECLUSE_TERMINALS", "0") == "1"
home = Path.home()

# Downloads: /files, /view and /nbconvert are refused, /api/contents parses before it serves.
c.ServerApp.authorizer_class = "ecluse_lab.authorizer.EcluseAuthorizer"
c.ServerApp.contents_manager_class = "ecluse_lab.contents.EcluseContentsManager"
c.ServerApp.allow_unauthenticated_access = False
c.EcluseAuthorizer.terminals = terminals
c.ServerApp.terminals_enabled = terminals

# Lab's root is the home; `project` and `data` are links in it.
c.Workspace.home = str(home)
c.ServerApp.root_dir = str(home)
c.FileContentsManager.delete_to_trash = False

# Extensions of the server: the language servers and the old notebook's settings are not needed.
c.ServerApp.jpserver_extensions = {
    "jupyter_lsp": False,
    "notebook_shim": False,
    "jupyter_server_proxy": False,
    "jupyter_server_terminals": terminals,
}

# Kernels talk over Unix sockets, so that nothing in the project's network can reach them.
c.KernelManager.transport = "ipc"

# Where `pip install` puts packages. A kernel sees the folder only if it was there when it started.
Path(site.getusersitepackages()).mkdir(parents=True, exist_ok=True)

# No extension is installed, fetched or announced from inside; those in the home are not loaded.
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.collaborative = False
c.LabApp.custom_css = False
c.LabApp.labextensions_path = [
    folder for folder in jupyter_path("labextensions") if not Path(folder).is_relative_to(home)
]
