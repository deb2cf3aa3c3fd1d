"""What is shipped: imports, configuration, the pinned front end."""

import ast
import json
import re
import sys
from pathlib import Path

import jupyterlab
import pytest

EXTENSION = Path(__file__).resolve().parents[3] / "extensions" / "ecluse_lab"
MAY_IMPORT = {"ecluse_lab", "anyio", "jupyter_core", "jupyter_server", "nbformat", "tornado", "traitlets"}
LAB = Path(sys.prefix) / "share" / "jupyter" / "lab" / "static"


@pytest.mark.parametrize("module", sorted(path.name for path in (EXTENSION / "ecluse_lab").glob("*.py")))
def test_the_extension_imports_nothing_of_ecluse(module):
    roots = set()
    for node in ast.walk(ast.parse((EXTENSION / "ecluse_lab" / module).read_text())):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            roots.add((node.module or "").split(".")[0])
    assert roots - set(sys.stdlib_module_names) <= MAY_IMPORT


def test_every_plugin_that_is_switched_off_exists():
    """A misspelt name would switch off nothing, silently."""
    config = json.loads((EXTENSION / "etc/jupyter/labconfig/page_config.json").read_text())
    shipped = "".join(path.read_text(errors="replace") for path in LAB.glob("*.js"))
    for key in ("disabledExtensions", "lockedExtensions"):
        for name in config[key]:
            assert re.search(re.escape(name) + r"\b", shipped), name


def test_locked_plugins_are_also_off():
    config = json.loads((EXTENSION / "etc/jupyter/labconfig/page_config.json").read_text())
    assert set(config["lockedExtensions"]) <= set(config["disabledExtensions"])


def test_downloads_of_lab_are_off():
    config = json.loads((EXTENSION / "etc/jupyter/labconfig/page_config.json").read_text())
    static = "".join(path.read_text(errors="replace") for path in LAB.glob("*.js"))
    downloads = set(re.findall(r"@jupyterlab/[a-z]+-extension:download\b", static))
    assert downloads == {"@jupyterlab/docmanager-extension:download", "@jupyterlab/filebrowser-extension:download"}
    assert downloads <= set(config["disabledExtensions"])


def test_the_front_end_is_pinned_and_names_no_registry():
    package = json.loads((EXTENSION / "package.json").read_text())
    for name, version in (package["dependencies"] | package["devDependencies"]).items():
        # Lab's own parts are shared with the running Lab, whose 4.6.x has to satisfy them; the lock pins the build.
        caret = r"\^?" if name.startswith("@jupyterlab/") else ""
        assert re.fullmatch(caret + r"\d+\.\d+\.\d+", version), name
    lock = (EXTENSION / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def test_the_front_end_fits_the_lab_of_the_image():
    package = json.loads((EXTENSION / "package.json").read_text())
    asked = package["dependencies"]["@jupyterlab/application"].removeprefix("^")
    assert asked.split(".")[:2] == jupyterlab.__version__.split(".")[:2]


def test_versions_agree():
    package = json.loads((EXTENSION / "package.json").read_text())
    project = (EXTENSION / "pyproject.toml").read_text()
    module = (EXTENSION / "ecluse_lab" / "__init__.py").read_text()
    assert f'version = "{package["version"]}"' in project
    assert f'__version__ = "{package["version"]}"' in module


def test_commands_of_the_menus_exist():
    schema = json.loads((EXTENSION / "schema" / "plugin.json").read_text())
    source = (EXTENSION / "src" / "index.ts").read_text()
    commands = set(re.findall(r'"command": "([^"]+)"', json.dumps(schema)))
    assert commands == {"ecluse:request-export", "ecluse:show-exports"}
    assert all(f"'{command}'" in source for command in commands)
