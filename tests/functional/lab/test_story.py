"""A researcher asks for an export from JupyterLab: by keyboard, with findings, mended, submitted, followed."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from integration.lab.stand import LAB_TOKEN, ROOT

SHOTS = ROOT / "build" / "shots"
AXE = ROOT / "build" / "lab" / "axe.min.js"


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"lab-{name}.png")


def accessible(page: Page, selector: str) -> None:
    """axe-core finds nothing wrong with our own nodes."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("selector => axe.run(selector)", selector)
    assert found["passes"], "axe looked at nothing"
    assert [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found["violations"]] == []


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Request an export").or_(page.locator("dialog.jp-ecluse-dialog"))


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Exports")


def ask(page: Page) -> None:
    page.locator(".jp-NotebookPanel-toolbar").get_by_role("button", name="Request export…").click()
    expect(dialog(page)).to_be_visible()


def ask_for(page: Page, name: str) -> None:
    page.locator(".jp-DirListing-content").get_by_text(name).click(button="right")
    page.locator(".lm-Menu").get_by_text("Request export…").click()
    expect(dialog(page)).to_be_visible()


def fill_in(page: Page) -> None:
    said = {"Title": "A table", "Purpose": "For the paper", "What it is": "counts", "Who is counted": "686 women"}
    for label, text in said.items():
        dialog(page).get_by_label(label).fill(text)
    dialog(page).get_by_role("button", name="Send and check").click()


def fill_by_keyboard(page: Page) -> None:
    for text in ("Recurrence after surgery", "Table 2 of the paper", "counts by group", "686 women, GBSG2"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")


def mend(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    page.locator(".jp-Notebook .cm-content").first.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("print('recurrences:', '<11')")


def test_a_researcher_exports_a_notebook(page, airlock):
    ask(page)
    shot(page, "form")
    accessible(page, "dialog.jp-ecluse-dialog")
    fill_by_keyboard(page)
    finding = dialog(page).get_by_text("counts fewer than 11 persons")
    expect(finding).to_be_visible()
    expect(dialog(page).get_by_text("To mend it:")).to_be_visible()
    expect(dialog(page).get_by_role("button", name="Submit")).to_have_count(0)
    shot(page, "findings")
    accessible(page, "dialog.jp-ecluse-dialog")

    mend(page)
    expect(panel(page).get_by_text("Next: You – mend what the check found, then submit.")).to_be_visible()
    panel(page).get_by_role("button", name="Mend and submit…").click()
    dialog(page).get_by_role("button", name="Replace survival.ipynb with the mended version").click()
    submit = dialog(page).get_by_role("button", name="Submit", exact=True)
    expect(submit).to_be_visible()
    expect(finding).to_have_count(0)
    shot(page, "mended")
    submit.press("Enter")
    expect(dialog(page).get_by_text("Two reviewers who are not members")).to_be_visible()
    dialog(page).get_by_role("button", name="Done").click()

    expect(panel(page).get_by_text("In review", exact=True)).to_be_visible()
    expect(panel(page).get_by_text("Next: The reviewers – two reviewers decide on the files.")).to_be_visible()
    panel(page).get_by_text("1 file, 0 comments").click()
    panel(page).get_by_label("Say something to the reviewers").fill("The groups were merged.")
    panel(page).get_by_role("button", name="Send comment").click()
    expect(panel(page).get_by_text("1 file, 1 comment")).to_be_visible()
    shot(page, "panel")
    accessible(page, ".jp-ecluse-panel")
    [request] = airlock.requests.values()
    assert (request["state"], request["title"]) == ("in-review", "Recurrence after surgery")
    assert request["files"][0]["population"] == "686 women, GBSG2"
    # what was typed into the cell was saved before it was sent
    assert "<11" in "".join(json.loads(airlock.content["bacthub-1", "survival.ipynb"])["cells"][0]["source"])


def test_several_files_from_the_file_browser(page, airlock):
    listing = page.locator(".jp-DirListing-content")
    listing.get_by_text("figure.csv").click()
    listing.get_by_text("table.csv").click(modifiers=["Control"])
    listing.get_by_text("table.csv").click(button="right")
    menu = page.locator(".lm-Menu")
    expect(menu.get_by_text("Download")).to_have_count(0)
    shot(page, "menu")
    menu.get_by_text("Request export…").click()
    dialog(page).get_by_label("Title").fill("Two tables")
    dialog(page).get_by_label("Purpose").fill("For the annex")
    for name in ("figure.csv", "table.csv"):
        group = dialog(page).get_by_role("group", name=name)
        group.get_by_label("What it is").fill(f"what {name} is")
        group.get_by_label("Who is counted").fill("686 women")
    shot(page, "two-files")
    dialog(page).get_by_role("button", name="Send and check").click()
    expect(dialog(page).get_by_role("region", name="figure.csv")).to_contain_text("passes")
    dialog(page).get_by_role("button", name="Remove figure.csv from the request").click()
    expect(dialog(page).get_by_role("region", name="figure.csv")).to_have_count(0)
    dialog(page).get_by_role("button", name="Not yet").click()
    assert [file["path"] for file in airlock.requests["bacthub-1"]["files"]] == ["table.csv"]
    expect(panel(page).get_by_text("Next: You – submit it.")).to_be_visible()

    # what was said is remembered for the next time
    listing.get_by_text("figure.csv").click()
    ask_for(page, "figure.csv")
    expect(dialog(page).get_by_label("What it is")).to_have_value("what figure.csv is")
    expect(dialog(page)).to_contain_text("added to your open request bacthub-1")


def test_what_only_reviewers_can_judge_may_be_submitted(page, airlock):
    ask_for(page, "means.csv")
    fill_in(page)
    submit = dialog(page).get_by_role("button", name="Submit anyway for review")
    expect(submit).to_be_visible()
    expect(dialog(page).get_by_text("Reviewers look at this")).to_be_visible()
    submit.click()
    expect(dialog(page).get_by_text("is in review")).to_be_visible()
    assert airlock.requests["bacthub-1"]["state"] == "in-review"


def test_an_airlock_that_is_away_is_said_plainly(page, airlock):
    ask_for(page, "small.csv")
    airlock.broken = (502, b"")
    fill_in(page)
    expect(dialog(page).get_by_role("alert")).to_contain_text("The airlock can't be reached.")
    shot(page, "away")
    airlock.broken = None
    dialog(page).get_by_role("button", name="Send and check").click()
    expect(dialog(page).get_by_text("counts fewer than 11 persons")).to_be_visible()


def test_an_author_withdraws(page, airlock):
    draft = airlock.draft("Old table", "For the paper")
    for _ in range(1 + panel(page).is_visible()):
        page.get_by_role("tab", name="Exports").click()
    expect(panel(page).get_by_role("article", name="Old table")).to_be_visible()
    panel(page).get_by_role("button", name="Withdraw").click()
    panel(page).get_by_role("button", name="Yes, withdraw").click()
    expect(panel(page).get_by_text("nothing left the enclave")).to_be_visible()
    assert draft["state"] == "withdrawn"
    link = panel(page).get_by_role("link", name="bacthub-1")
    assert link.get_attribute("href") == "/services/airlock/requests/bacthub-1"
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_data_are_not_shown_and_the_page_says_why(page):
    page.locator(".jp-DirListing-content").get_by_text("table.csv").dblclick()
    expect(page.get_by_text("is not shown: files that end in '.csv'")).to_be_visible()
    shot(page, "refused")
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("tab", name="table.csv").locator(".lm-TabBar-tabCloseIcon").click()


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_form_and_panel_read_well_in_each_theme(page, lab, theme):
    answer = page.request.put(
        f"{lab.url}lab/api/settings/@jupyterlab/apputils-extension:themes",
        data={"raw": json.dumps({"theme": theme})},
        headers={"Authorization": f"token {LAB_TOKEN}"},
    )
    assert answer.ok
    page.goto(f"{lab.url}lab/tree/survival.ipynb?reset")  # without what earlier tests left open
    page.locator(".jp-NotebookPanel-toolbar").wait_for(timeout=180_000)
    # JupyterLab selects what it has opened, some time after: a menu opened before would be about that.
    expect(page.locator(".jp-DirListing-item.jp-mod-selected")).to_contain_text("survival.ipynb")
    expect(page.locator(f"body[data-jp-theme-name='{theme}']")).to_have_count(1)
    ask_for(page, "small.csv")
    fill_in(page)
    expect(dialog(page).get_by_text("counts fewer than 11 persons")).to_be_visible()
    accessible(page, "dialog.jp-ecluse-dialog")
    shot(page, theme.split()[-1].lower())
    page.keyboard.press("Escape")
    panel(page).get_by_text("1 file, 0 comments").click()
    expect(panel(page).get_by_text("counts fewer than 11 persons")).to_be_visible()
    accessible(page, ".jp-ecluse-panel")
