from pathlib import Path

import pytest

from ecluse_lab.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for name in ("home", "project", "data", "project-of-others"):
        (tmp_path / name).mkdir()
    made = Workspace(home=f"{tmp_path}/home", project=f"{tmp_path}/project", data=f"{tmp_path}/data")
    made.make_links()
    return made
