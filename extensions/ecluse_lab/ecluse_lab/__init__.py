"""Écluse in JupyterLab: ask for an export of results, follow it, and keep data from being downloaded by the way."""

from typing import Any

__version__ = "0.1.0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "ecluse-lab"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "ecluse_lab"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    from .extension import load

    load(serverapp)
