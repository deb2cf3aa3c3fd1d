from types import SimpleNamespace

import pytest
from jupyter_server.auth import User
from traitlets.utils.importstring import import_item

from ecluse_lab.authorizer import EcluseAuthorizer

ALLOWED = [
    "jupyter_server.services.api.handlers.APIStatusHandler",
    "jupyter_server.services.api.handlers.IdentityHandler",
    "jupyter_server.services.config.handlers.ConfigHandler",
    "jupyter_server.services.contents.handlers.ContentsHandler",
    "jupyter_server.services.contents.handlers.CheckpointsHandler",
    "jupyter_server.services.contents.handlers.TrustNotebooksHandler",
    "jupyter_server.services.events.handlers.SubscribeWebsocket",
    "jupyter_server.services.kernels.handlers.MainKernelHandler",
    "jupyter_server.services.kernels.websocket.KernelWebsocketHandler",
    "jupyter_server.services.kernelspecs.handlers.MainKernelSpecHandler",
    "jupyter_server.services.sessions.handlers.SessionRootHandler",
    "jupyterlab_server.settings_handler.SettingsHandler",
    "jupyterlab_server.workspaces_handler.WorkspacesHandler",
    "jupyterlab_server.translations_handler.TranslationsHandler",
    "ecluse_lab.handlers.FilesHandler",
]
REFUSED = [
    "jupyter_server.files.handlers.FilesHandler",
    "jupyter_server.base.handlers.AuthenticatedFileHandler",
    "jupyter_server.base.handlers.FilesRedirectHandler",
    "jupyter_server.base.handlers.PrometheusMetricsHandler",
    "jupyter_server.nbconvert.handlers.NbconvertFileHandler",
    "jupyter_server.nbconvert.handlers.NbconvertPostHandler",
    "jupyter_server.view.handlers.ViewHandler",
    "jupyterlab.handlers.announcements.NewsHandler",
    "jupyterlab.handlers.announcements.CheckForUpdateHandler",
    "jupyterlab.handlers.extension_manager_handler.ExtensionHandler",
    "somebodys_extension.handlers.Handler",
    "tornado.web.StaticFileHandler",
]
TERMINALS = [
    "jupyter_server_terminals.api_handlers.TerminalRootHandler",
    "jupyter_server_terminals.handlers.TermSocket",
]


def handler(name, path="/x", **settings):
    module, _, last = name.rpartition(".")
    kind = type(last, (), {"__module__": module}) if module.startswith("somebodys") else import_item(name)
    made = kind.__new__(kind)
    made.request = SimpleNamespace(method="GET", path=path)
    made.application = SimpleNamespace(settings=settings)
    return made


async def allows(name, *, authorizer=None, **options):
    return await (authorizer or EcluseAuthorizer()).is_authorized(handler(name, **options), User("a"), "read", "any")


@pytest.mark.parametrize("name", ALLOWED)
async def test_what_work_needs_is_allowed(name):
    assert await allows(name) is True


@pytest.mark.parametrize("name", [*REFUSED, *TERMINALS])
async def test_everything_else_is_refused(name):
    assert await allows(name) is False


@pytest.mark.parametrize("name", TERMINALS)
async def test_terminals_are_allowed_where_the_site_says_so(name):
    assert await allows(name, authorizer=EcluseAuthorizer(terminals=True)) is True


async def test_an_extension_is_allowed_once_it_is_listed():
    listed = EcluseAuthorizer(extra=["somebodys_extension.handlers"])
    assert await allows("somebodys_extension.handlers.Handler", authorizer=listed) is True
    assert await allows("jupyter_server.view.handlers.ViewHandler", authorizer=listed) is False


@pytest.mark.parametrize(
    ("where", "path", "answer"),
    [
        ("/usr/share/jupyter/kernels/k", "/user/a/p/kernelspecs/k/logo-64x64.png", True),
        ("/usr/share/jupyter/kernels/k", "/user/a/p/kernelspecs/k/kernel.json", False),
        ("/usr/share/jupyter/kernels/k", "/kernelspecs/k/data/logo-64x64.png", False),
        ("{home}/.local/share/jupyter/kernels/k", "/kernelspecs/k/logo-64x64.png", False),
        ("{project}/k", "/kernelspecs/k/logo-svg.svg", False),
    ],
)
async def test_logos_come_from_the_image_only(workspace, where, path, answer):
    folder = where.format(home=workspace.home, project=workspace.project)
    specs = SimpleNamespace(get_kernel_spec=lambda name: SimpleNamespace(resource_dir=folder))
    name = "jupyter_server.kernelspecs.handlers.KernelSpecResourceHandler"
    authorizer = EcluseAuthorizer(workspace=workspace)
    assert await allows(name, authorizer=authorizer, path=path, kernel_spec_manager=specs) is answer


async def test_logos_of_unknown_kernels_are_refused(workspace):
    def unknown(name):
        raise KeyError(name)

    name = "jupyter_server.kernelspecs.handlers.KernelSpecResourceHandler"
    specs = SimpleNamespace(get_kernel_spec=unknown)
    path = "/kernelspecs/k/logo-64x64.png"
    assert await allows(name, path=path, kernel_spec_manager=specs) is False
