"""People's own names below the enclave's, in a real browser: a workspace is of another origin than hub and airlock."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from enclave import Enclave
from small_enclave import furnish

REPO = Path(__file__).parents[2]
URL, ADA = "https://ecluse.localhost:8097", "https://ada.ecluse.localhost:8097"
"""Names below `localhost` are this machine, and Chromium knows."""
LAB = 60_000
ASK = """async (what) => {
  const token = document.cookie.match(/_xsrf=([^;]+)/)[1];
  const answer = await fetch(`/user/ada/alpha/ecluse/api/${what}`, { headers: { "X-XSRFToken": token } });
  return [answer.status, await answer.json()];
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[Enclave]:
    made = Enclave("ecluse-names", REPO / "build" / "names-enclave", 8097, URL, "where-set", subdomains=True)
    made.clean()
    try:
        furnish(made.root, {}, {})
        made.prepare()
        made.up()
        yield made
    finally:
        made.clean()


def ask(site: Enclave, url: str) -> httpx.Response:
    """Ask without a browser, which alone knows that such names are this machine."""
    name = urlsplit(url)
    with httpx.Client(base_url="https://127.0.0.1:8097", verify=site.trusted, timeout=20) as client:
        return client.get(name.path, headers={"Host": name.netloc}, extensions={"sni_hostname": name.hostname})


def sign_in(browser: Browser, site: Enclave, person: str) -> Page:
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 860})
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(f"{URL}/hub/login")
    page.get_by_label("Name", exact=True).fill(person)
    page.get_by_label("Password", exact=True).fill(site.passwords()[person])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{URL}/hub/home")
    return page


@pytest.fixture(scope="module")
def lab(site: Enclave, browser: Browser) -> Iterator[Page]:
    """Ada's Lab, started as people start it."""
    page = sign_in(browser, site, "ada")
    page.get_by_role("link", name="Start").first.click()
    page.wait_for_url(f"{ADA}/user/ada/alpha/lab**", timeout=LAB)
    expect(page.get_by_role("region", name="Exports").or_(page.locator(".jp-Launcher-body")).first).to_be_visible(
        timeout=LAB
    )
    yield page
    page.context.close()


def test_lab_computes_and_reaches_the_airlock(lab: Page) -> None:
    lab.locator(".jp-LauncherCard").get_by_text("Python 3", exact=False).first.click()
    expect(lab.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=LAB)
    assert lab.evaluate(ASK, "requests") == [200, {"requests": []}]
    assert lab.evaluate(ASK, "info")[1]["pages"] == f"{URL}/services/airlock/"


@pytest.mark.parametrize("page", ["/hub/home", "/hub/api/user", "/services/airlock/"])
def test_script_in_a_workspace_reads_nothing_of_hub_and_airlock(lab: Page, page: str) -> None:
    code = f"fetch('{URL}{page}', {{credentials: 'include'}}).then(r => 'read ' + r.status, () => 'refused')"
    assert lab.evaluate(code) == "refused"


def test_script_in_a_workspace_sets_no_cookie_that_hub_or_airlock_take(lab: Page) -> None:
    lab.goto(f"{URL}/services/airlock/")
    lab.wait_for_url(f"{URL}/services/airlock/**")
    held = {c["name"]: c for c in lab.context.cookies()}
    for name in ("__Host-jupyterhub-hub-login", "__Host-ecluse-airlock"):
        assert held[name]["domain"] == "ecluse.localhost", held.keys()
    lab.goto(f"{ADA}/user/ada/alpha/lab")
    for name in ("__Host-jupyterhub-hub-login", "__Host-ecluse-airlock"):
        lab.evaluate(f"document.cookie = '{name}=x; Domain=ecluse.localhost; Path=/; Secure'")
    after = {c["name"]: c["value"] for c in lab.context.cookies(URL)}
    assert "x" not in {after["__Host-jupyterhub-hub-login"], after["__Host-ecluse-airlock"]}


def test_workspaces_answer_under_their_persons_name_alone(site: Enclave, lab: Page) -> None:
    for name in (URL, "https://ben.ecluse.localhost:8097"):
        lab.goto(f"{name}/user/ada/alpha/lab")
        lab.wait_for_url(f"{ADA}/user/ada/alpha/lab**")
    answer = ask(site, f"{URL}/user/ada/alpha/api/contents")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{URL}/hub/user/ada/alpha/api/contents")


@pytest.mark.parametrize("page", ["/hub/home", "/hub/login", "/services/airlock/", "/"])
def test_what_is_shared_answers_under_the_enclaves_name_alone(site: Enclave, page: str) -> None:
    answer = ask(site, f"{ADA}{page}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{URL}{page}")


def test_others_do_not_come_in(site: Enclave, lab: Page, browser: Browser) -> None:
    page = sign_in(browser, site, "ben")
    answer = page.goto(f"{ADA}/user/ada/alpha/lab")
    assert answer is not None
    assert answer.status in (403, 404)
    page.context.close()
