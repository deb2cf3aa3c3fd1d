"""The pages as a reviewer and an author use them, in a real browser."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, Route, expect

from airlock_house import House
from ecluse.rules.finding import Severity
from ecluse.steps.acting import Who

from .conftest import Visit
from .samples import FILES, FINDINGS, LONG, finding, notebook


def tab_to(page: Page, name: str, limit: int = 40) -> None:
    """Press Tab until the element of that accessible name has the focus."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const e = document.activeElement; return (e.labels?.[0]?.innerText || e.innerText || '').trim() }"
        )
        if focused.startswith(name):
            return
    raise AssertionError(f"no way to {name!r} by Tab")


def vote_by_keyboard(page: Page, title: str, comment: str) -> None:
    tab_to(page, title)
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/*")
    tab_to(page, "Skip to the decision")
    page.keyboard.press("Enter")
    tab_to(page, "Approve")
    page.keyboard.press("Space")
    tab_to(page, "Comment for the other reviewers")
    page.keyboard.type(comment)
    tab_to(page, "Vote")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your vote is recorded")


def test_from_queue_to_release_by_keyboard_alone(house: House, visit: Visit, tmp_path: Path) -> None:
    house.findings = FINDINGS
    request_id = house.in_review(FILES, title="Survie selon l'hormonothérapie")

    rev = visit("rev")
    expect(rev.get_by_role("heading", name="Waiting for your vote 1")).to_be_visible()
    vote_by_keyboard(rev, "Survie selon l'hormonothérapie", "Vérifié, rien à redire")
    expect(rev.get_by_text("Your vote is in.", exact=False).first).to_be_visible()

    ria = visit("ria")
    ria.goto(f"{ria.url}requests/{request_id}")
    expect(ria.get_by_text("Vérifié, rien à redire")).to_have_count(0)
    expect(ria.get_by_text("voted to approve")).to_have_count(0)
    ria.go_back()
    vote_by_keyboard(ria, "Survie selon l'hormonothérapie", "D'accord")
    expect(ria.get_by_text("Vérifié, rien à redire")).to_be_visible()

    ada = visit("ada")
    tab_to(ada, "Survie selon l'hormonothérapie")
    ada.keyboard.press("Enter")
    expect(ada.locator("[aria-current=step]")).to_have_text("Released")
    tab_to(ada, f"r-{request_id}")
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", name="How to verify it")).to_be_visible()
    tab_to(ada, f"Download r-{request_id}.zip")
    with ada.expect_download() as download:
        ada.keyboard.press("Enter")
    download.value.save_as(tmp_path / "bundle.zip")
    with ZipFile(tmp_path / "bundle.zip") as bundle:
        assert {"manifest.json", "manifest.sig", "files/table2.csv"} <= set(bundle.namelist())


def test_a_finding_leads_to_its_place_in_the_frame(house: House, visit: Visit) -> None:
    house.findings = {"long.csv": [finding("small-count", "A count near the minimum.", row=20_123, column=0)]}
    request_id = house.in_review({"long.csv": LONG.encode()})
    page = visit("rev", f"/requests/{request_id}")
    expect(page.get_by_role("navigation", name="Pages of long.csv").get_by_role("link")).to_have_count(3)
    page.get_by_role("link", name="row 'Île-de-France', column 'n'").click()
    frame = page.frame_locator("iframe[title='long.csv, as it would leave']")
    expect(frame.get_by_role("note", name="Finding 1")).to_be_in_viewport()
    expect(frame.get_by_text("page 3 of 3")).to_be_attached()


def test_the_header_of_a_long_table_stays_in_sight(house: House, visit: Visit) -> None:
    house.findings = {"table2.csv": [finding("small-count", "A count near the minimum.", row=38, column=1)]}
    request_id = house.in_review(FILES)
    page = visit("rev", f"/requests/{request_id}")
    page.get_by_role("link", name="row 'Île-de-France', column 'n'").click()
    frame = page.frame_locator("iframe[title='table2.csv, as it would leave']")
    expect(frame.get_by_role("note", name="Finding 1")).to_be_in_viewport()
    expect(frame.get_by_role("row", name="39 Région 38")).to_be_in_viewport()
    expect(frame.get_by_role("columnheader", name="moyenne")).to_be_in_viewport()


@pytest.mark.parametrize("script", [True, False])
def test_a_hostile_notebook_neither_acts_nor_reaches_the_page(house: House, visit: Visit, script: bool) -> None:
    request_id = house.in_review({"n.ipynb": notebook()}, title="Hostile")
    page = visit("rev", f"/requests/{request_id}", java_script_enabled=script)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("cell", name="Île-de-France")).to_be_visible()
    frame.get_by_role("cell", name="Île-de-France").click()
    assert "Hostile" in page.title()
    assert page.url.endswith(f"/requests/{request_id}")
    assert frame.locator("script, iframe, form, button, img, a").count() == 0


def test_the_frame_holds_even_if_something_came_through(house: House, visit: Visit) -> None:
    """The frame's own walls, with the bytes that sanitising would have taken out."""
    request_id = house.in_review({"n.ipynb": notebook()}, title="Hostile")
    page = visit("rev")

    def poisoned(route: Route) -> None:
        real = route.fetch()
        evil = (
            "<script>top.document.title='owned'; top.location='/owned'</script><style>body{color:red}</style>"
            "<img src='/services/airlock/static/ecluse.svg' onerror=\"parent.document.title='owned'\">"
            "<a id=out target=_top href='/services/airlock/'>out</a><form id=f action='/services/airlock/logout' "
            "method=post><input type=submit id=send></form>"
        )
        route.fulfill(status=200, headers=real.headers, body=evil)

    page.route("**/preview?*", poisoned)
    page.goto(f"{page.url}requests/{request_id}")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#out")).to_be_visible()
    assert frame.locator("#out").evaluate("e => getComputedStyle(e.parentElement).color") != "rgb(255, 0, 0)"
    frame.locator("#out").click()
    frame.locator("#send").click()
    page.wait_for_timeout(300)
    assert "Hostile" in page.title()
    assert page.url.endswith(f"/requests/{request_id}")


def test_the_check_comes_in_by_itself_and_leaves_what_is_typed(house: House, visit: Visit) -> None:
    request_id = house.submitted(FILES)
    page = visit("ada", f"/requests/{request_id}")
    check = page.get_by_role("region", name="Check")
    expect(check).to_have_attribute("aria-live", "polite")
    expect(check).to_contain_text("The check is running")
    page.get_by_label("To the reviewers").fill("half a sentence")
    house.findings = FINDINGS
    house.check()
    expect(check).to_contain_text("The check has remarks for the reviewers")
    expect(page.locator("[aria-current=step]")).to_have_text("In review")
    expect(page.locator("iframe")).to_have_count(3)
    expect(page.get_by_label("To the reviewers")).to_have_value("half a sentence")


def test_a_refused_file_tells_the_author_what_to_mend(house: House, visit: Visit) -> None:
    house.findings = {"table2.csv": [finding("small-count", "A count of 4.", Severity.REFUSE, row=2, column=1)]}
    request_id = house.in_review(FILES)
    page = visit("ada", f"/requests/{request_id}")
    expect(page.locator("[aria-current=step]")).to_have_text("Returned")
    expect(page.get_by_text("Nothing of this file can leave as it is")).to_be_visible()
    expect(page.get_by_text("Merge it with another region.")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(2)


def test_everything_works_without_script(house: House, visit: Visit) -> None:
    request_id = house.in_review(FILES)
    page = visit("rev", f"/requests/{request_id}", java_script_enabled=False)
    page.get_by_text("Return it to the author instead").click()
    page.get_by_label("What the author should mend").fill("Arrondir à 5 près")
    page.get_by_role("button", name="Return to the author").click()
    expect(page.get_by_role("status")).to_contain_text("back with its author")
    ada = visit("ada", f"/requests/{request_id}", java_script_enabled=False)
    expect(ada.get_by_text("Arrondir à 5 près")).to_be_visible()


def returned(house: House) -> str:
    house.findings = {"table2.csv": [finding("small-count", "A count of 4.", Severity.REFUSE, row=2, column=1)]}
    return house.in_review(FILES)


def reviewed(house: House) -> str:
    house.findings = FINDINGS
    return house.in_review(FILES, title="Survie, œstrogènes")


def voted(house: House) -> str:
    request_id = reviewed(house)
    house.vote("rev", request_id, comment="Rien à redire")
    return request_id


PAGES: dict[str, tuple[Callable[[House], str], str, str]] = {
    "queue of a reviewer": (reviewed, "rev", "/"),
    "queue after the vote": (voted, "rev", "/"),
    "empty queue": (lambda _: "", "rob", "/"),
    "author without requests": (lambda _: "", "ada", "/"),
    "own requests": (returned, "ada", "/"),
    "request to judge": (reviewed, "rev", "/requests/{}"),
    "request voted on": (voted, "rev", "/requests/{}"),
    "request to mend": (returned, "ada", "/requests/{}"),
    "request being checked": (lambda h: h.submitted(FILES), "ada", "/requests/{}"),
    "request released": (lambda h: h.released(FILES), "ada", "/requests/{}"),
    "release": (lambda h: h.released(FILES), "ada", "/releases/r-{}"),
    "nothing there": (lambda _: "alpha-99", "rev", "/requests/{}"),
}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_light_and_dark(
    name: str, house: House, visit: Visit, violations: Callable[[Page], list[str]]
) -> None:
    make, person, path = PAGES[name]
    page = visit(person, path.format(make(house)))
    for details in page.locator("details").all():
        details.evaluate("e => e.open = true")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme


def test_axe_finds_nothing_in_previews(house: House, visit: Visit, violations: Callable[[Page], list[str]]) -> None:
    from ecluse.airlock.preview import preview

    request_id = reviewed(house)
    page = visit("rev")
    for file in house.desk.view(Who("rev"), request_id).files:
        assert file.report is not None
        html = preview(FILES[file.path], file.report.kind, file.path, file.report.findings)
        page.goto("about:blank")
        page.set_content(html)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], (file.path, scheme)


def test_axe_would_see_a_fault(house: House, visit: Visit, violations: Callable[[Page], list[str]]) -> None:
    page = visit("rev")
    page.evaluate("document.querySelector('h1').style.color = '#ccc'; document.documentElement.removeAttribute('lang')")
    found = " ".join(violations(page))
    assert "color-contrast" in found
    assert "html-has-lang" in found


def test_the_printed_commands_verify_a_release(house: House, visit: Visit, tmp_path: Path) -> None:
    """What the page tells outsiders to type works, and fails on a changed manifest."""
    request_id = house.released(FILES)
    page = visit("ada", f"/releases/r-{request_id}")
    typed = page.locator("pre").nth(2).inner_text()
    assert "openssl pkeyutl" in typed
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download r-{request_id}.zip").click()
    with ZipFile(download.value.path()) as bundle:
        bundle.extractall(tmp_path / f"r-{request_id}")
    (tmp_path / "release.pub").write_bytes((house.root / "public" / "release.pub").read_bytes())
    # `unzip` is not on every machine: the archive is unpacked above, all other lines run as printed.
    script = typed.replace(f"unzip r-{request_id}.zip -d r-{request_id} && ", "")
    run = subprocess.run(["bash", "-ec", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30)
    assert "Signature Verified Successfully" in run.stdout, run.stderr
    for file in house.desk.release(Who("ada"), f"r-{request_id}").manifest.files:
        assert file.sha256 in run.stdout
    manifest = tmp_path / f"r-{request_id}" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"ada"', b'"ben"'))
    again = subprocess.run(
        ["bash", "-ec", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30
    )
    assert again.returncode != 0
