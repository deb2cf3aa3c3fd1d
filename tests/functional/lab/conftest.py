"""A real JupyterLab with the built extension on loopback, an airlock that keeps the contract, and Chromium."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from integration.lab.stand import EXTENSION, LAB_TOKEN, ROOT, FakeAirlock, Lab, airlock_on_loopback, lab_on_loopback

PATIENCE = 60_000
"""Milliseconds: a busy machine is no failure."""


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The wheel, built as the image builds it, unpacked with its data files."""
    out = ROOT / "build" / "lab"
    subprocess.run([EXTENSION / "build.sh", out], check=True, env={**os.environ, "PYTHON": sys.executable})
    prefix = out / "prefix"
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--reinstall", "--prefix", prefix]
    subprocess.run([*install, "--python", sys.executable, *out.glob("*.whl")], check=True)
    return prefix


@pytest.fixture(scope="module")
def airlock() -> FakeAirlock:
    return FakeAirlock(polls=1)


@pytest.fixture(scope="module")
def lab(airlock: FakeAirlock, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab") / "stand"
    with airlock_on_loopback(airlock) as url, lab_on_loopback(folder, url, prefix=wheel) as running:
        write_files(running)
        yield running


def write_files(lab: Lab) -> None:
    """Put a notebook with a small count and three tables into the home."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cell = nbformat.v4.new_code_cell("print('recurrences:', 4)", id="cell-1")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), lab.home / "survival.ipynb")
    (lab.home / "table.csv").write_text("group,n\nA,120\nB,130\n")
    (lab.home / "figure.csv").write_text("day,survivors\n0,686\n100,640\n")
    (lab.home / "small.csv").write_text("group,n\nA,120\nB,4\n")
    (lab.home / "means.csv").write_text("group,mean\nA,120\n")


@pytest.fixture(scope="module")
def one_page(browser: Browser, lab: Lab) -> Iterator[Page]:
    """JupyterLab with the notebook open; nothing may be loaded from elsewhere, and no script may fail."""
    expect.set_options(timeout=PATIENCE)
    context = browser.new_context(viewport={"width": 1360, "height": 880}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    problems: list[str] = []
    made = context.new_page()
    made.on("pageerror", lambda error: problems.append(f"error in the page: {error}"))
    made.on("request", lambda r: None if r.url.startswith((lab.url, "data:", "blob:")) else problems.append(r.url))
    made.goto(f"{lab.url}lab/tree/survival.ipynb?token={LAB_TOKEN}")
    made.locator(".jp-NotebookPanel-toolbar").wait_for(timeout=180_000)
    yield made
    context.close()
    assert problems == []


@pytest.fixture
def page(one_page: Page, airlock: FakeAirlock) -> Page:
    """The page, with an airlock that is empty and well."""
    airlock.requests.clear()
    airlock.broken = None
    if one_page.locator("dialog.jp-ecluse-dialog").count():
        one_page.keyboard.press("Escape")
    return one_page
