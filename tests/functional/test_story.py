"""The whole way in real browsers: researcher → findings → mended → two reviewers → download, verified outside."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from client import Workspace
from demo_notebook import NOTEBOOK, notebook
from ecluse.steps.audit import audit_problems, export_events
from ecluse.store.database import open_database

REPO = Path(__file__).parents[2]
SHOTS = REPO / os.environ.get("ECLUSE_SHOTS", "build/shots")
"""`make screenshots` sets this to docs/images: the pictures in the docs are made here."""

LAB = 60_000


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def test_from_sign_in_to_a_verified_release(enclave, visit, person, tmp_path):
    researcher = visit("researcher-1")
    shot(researcher, "home")
    start_workspace(researcher, person)
    run_notebook(researcher)

    ask_for_export(researcher)
    expect(findings(researcher)).to_contain_text("fewer than 11", timeout=LAB)
    expect(findings(researcher).get_by_role("button", name="Submit", exact=True)).to_have_count(0)
    shot(researcher, "lab")

    mend_and_submit(researcher, person)
    request = review_by("reviewer-1", visit, "queue")
    blind(visit("reviewer-2"), request)
    assert review_by("reviewer-2", visit, "request") == request

    bundle = tmp_path / "release.zip"
    download(researcher, request, bundle)
    key = enclave.root / "public" / "release.pub"
    verified = ecluse("release", "verify", bundle, "--key", key)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    spoil(bundle)
    assert ecluse("release", "verify", bundle, "--key", key).returncode == 1

    database = open_database(f"sqlite:///{enclave.root / 'control' / 'ecluse.sqlite'}")
    assert audit_problems(database) == []
    told = "\n".join(export_events(database))
    for action in ("session.sign-in", "workspace.start", "request.create", "request.vote", "request.release"):
        assert action in told, action
    database.close()


def start_workspace(page: Page, person) -> None:
    """Save the notebook's first version beforehand; then start as a person does, from the list of projects."""
    workspace = Workspace(person("researcher-1"), "bacthub")
    workspace.start()
    workspace.save(NOTEBOOK, notebook(mended=False), kind="notebook")
    workspace.stop()
    page.reload()
    page.get_by_role("link", name="Start").first.click()
    page.wait_for_url("**/user/researcher-1/bacthub/lab**", timeout=LAB)
    expect(page.locator(".jp-DirListing-content").get_by_text(NOTEBOOK)).to_be_visible(timeout=LAB)


def run_notebook(page: Page) -> None:
    page.locator(".jp-DirListing-content").get_by_text(NOTEBOOK).dblclick()
    expect(page.locator(".jp-NotebookPanel-toolbar")).to_be_visible(timeout=LAB)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=LAB)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator(".lm-Menu").get_by_text("Run All Cells", exact=True).click()
    expect(page.locator(".jp-Notebook").get_by_text("dispensings", exact=False).last).to_be_visible(timeout=LAB)
    expect(page.locator(".jp-OutputArea-output").last).to_contain_text("persons", timeout=LAB)
    page.keyboard.press("Control+S")


def findings(page: Page) -> Locator:
    return page.locator("dialog.jp-ecluse-dialog")


def ask_for_export(page: Page) -> None:
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Request export…").click()
    dialog = findings(page)
    said = {
        "Title": "Survival by hormone therapy",
        "Purpose": "Table 1 of the first paper",
        "What it is": "survival by group, dispensings by year",
        "Who is counted": "686 women of GBSG2",
    }
    for label, text in said.items():
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name="Send and check").click()


def mend_and_submit(page: Page, person) -> None:
    """Mend as the findings say, from a second session of the same person; the Lab then takes the new version."""
    page.keyboard.press("Escape")
    workspace = Workspace(person("researcher-1"), "bacthub")
    workspace.open()
    workspace.run_notebook(NOTEBOOK, notebook(mended=True))
    page.reload()
    panel = page.get_by_role("region", name="Exports")
    expect(panel.get_by_role("button", name="Mend and submit…")).to_be_visible(timeout=LAB)
    panel.get_by_role("button", name="Mend and submit…").click()
    dialog = findings(page)
    dialog.get_by_role("button", name=f"Replace {NOTEBOOK} with the mended version").click()
    dialog.get_by_role("button", name="Submit", exact=True).or_(
        dialog.get_by_role("button", name="Submit anyway for review")
    ).click(timeout=LAB)
    expect(dialog.get_by_text("Two reviewers who are not members")).to_be_visible(timeout=LAB)
    dialog.get_by_role("button", name="Done").click()
    shot(page, "panel")


def review_by(reviewer: str, visit, picture: str) -> str:
    """Open the queue, read the request, approve it; its id."""
    page = visit(reviewer)
    page.goto(page.url.replace("/hub/home", "/services/airlock/"))
    if picture == "queue":
        shot(page, "queue")
    page.get_by_role("link", name="Survival by hormone therapy").first.click()
    page.wait_for_url("**/requests/*")
    request = page.url.rsplit("/", 1)[-1]
    frame = page.frame_locator("iframe").first
    expect(frame.get_by_text("hormone therapy").first).to_be_visible()
    if picture == "request":
        shot(page, "request")
    page.get_by_label("Approve", exact=False).check()
    page.get_by_role("button", name="Vote").click()
    expect(page.get_by_role("status").first).to_contain_text("Your vote is recorded")
    return request


def blind(page: Page, request: str) -> None:
    """The second reviewer does not see the first one's vote."""
    page.goto(page.url.replace("/hub/home", f"/services/airlock/requests/{request}"))
    expect(page.get_by_role("button", name="Vote")).to_be_visible()
    expect(page.get_by_text("voted to approve")).to_have_count(0)


def download(page: Page, request: str, target: Path) -> None:
    """Outside the workspace, on the airlock's own page."""
    page.goto(page.url.split("/user/")[0] + f"/services/airlock/releases/r-{request}")
    expect(page.get_by_role("heading", name="How to verify it")).to_be_visible()
    shot(page, "release")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").first.click()
    started.value.save_as(target)


def ecluse(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [Path(sys.executable).parent / "ecluse", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def spoil(bundle: Path) -> None:
    """Change a letter of a released file, and leave the zip whole."""
    with zipfile.ZipFile(bundle) as old:
        entries = {n: old.read(n) for n in old.namelist()}
    with zipfile.ZipFile(bundle, "w") as new:
        for name, data in entries.items():
            new.writestr(name, data.replace(b"women", b"woman") if name.startswith("files/") else data)
