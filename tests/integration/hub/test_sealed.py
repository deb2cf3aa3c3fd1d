"""A sealed project through the real hub, proxy, gate and engine: what people get, what the hub gets, what is inside."""

import json
import re
import time
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from chromium import chromium
from integration.hub.stack import PASSWORD, Person, Stack, docker, project

BASE = "/user/ada/glass/"
IMAGES = """\
images:
  workspace: {reference: "ecluse/workspace:0.1"}
  gpu: {reference: "ecluse/workspace:0.1", gpu: true}
  sealed: {reference: "ecluse/sealed:0.1", use: sealed}
  pane: {reference: "ecluse/pane:0.1", use: pane}
"""


@pytest.fixture(scope="module")
def glass(stack: Stack) -> Iterator[Stack]:
    """The stack with a sealed project of `ada` and `cy`."""
    before = (stack.root / "policies/images.yaml").read_text()
    stack.write("policies/images.yaml", IMAGES)
    text = project("glass", "{ada: lead, cy: researcher}", tier="sealed", workspace="{image: sealed}")
    stack.write("policies/projects/glass.yaml", text)
    stack.write("extracts/glass/v1/claims/ACTS.parquet", "rows of glass")
    (stack.root / "extracts/glass/current").symlink_to("v1")
    time.sleep(3)  # the hub reads the policies every two seconds, and makes the roles anew
    yield stack
    (stack.root / "policies/projects/glass.yaml").unlink()
    stack.write("policies/images.yaml", before)
    time.sleep(3)


@pytest.fixture(scope="module")
def ada(glass: Stack) -> Iterator[Person]:
    """Ada, with her sealed session running, signed in at the pane."""
    person = Person(glass, "ada")
    with person.http:
        assert person.sign_in().status_code == 200
        for other in ("alpha", "beta"):  # of tests before: a sealed project runs alone
            if person.ready(other):
                person.stop(other)
        person.start("glass")
        page = person.http.get(BASE)
        assert page.status_code == 200, page.text
        assert 'id="screen"' in page.text
        yield person
        person.stop("glass")


def cookies(person: Person) -> str:
    return "; ".join(f"{c.name}={c.value}" for c in person.http.cookies.jar if BASE.startswith(c.path))


def address(person: Person) -> str:
    return person.stack.url.replace("http", "ws", 1) + BASE + "screen"


def test_two_containers_and_the_one_with_data_has_no_network(glass: Stack, ada: Person) -> None:
    pane = glass.inspect("ada", "glass")
    [inside] = json.loads(docker("inspect", glass.container("ada", "glass") + "_inside"))
    assert pane is not None
    assert set(pane["NetworkSettings"]["Networks"]) == {f"{glass.name}-project-glass"}
    assert {m["Destination"] for m in pane["Mounts"]} == {"/run/pane", "/run/ecluse"}
    assert set(inside["NetworkSettings"]["Networks"]) == {"none"}
    assert {m["Destination"] for m in inside["Mounts"]} == {"/run/pane", "/data/claims", "/project", "/home/researcher"}
    seen = docker(
        "exec", inside["Name"].lstrip("/"), "sh", "-c", "cat /data/claims/ACTS.parquet; echo; ls /sys/class/net; env"
    )
    assert "rows of glass" in seen
    assert re.findall(r"^(lo|eth\d+)$", seen, re.MULTILINE) == ["lo"]
    assert "JUPYTERHUB" not in seen
    created = [e for e in glass.events() if e["action"] == "workspace.start" and e["project"] == "glass"][-1]
    assert created["detail"]["data"] == ["/data/claims"]


@pytest.mark.parametrize(
    "path",
    [
        "lab", "lab/tree/a.ipynb", "tree", "api/contents", "api/contents/a.csv", "api/kernels",
        "api/kernels/x/channels",
        "api/terminals", "terminals/websocket/1", "nbclassic", "doc", "proxy/8888/", "novnc/../../etc/passwd",
        "static/pane.html", "api/", "ecluse/airlock",
    ],
)  # fmt: skip
def test_no_route_of_a_jupyter_server_leads_anywhere(ada: Person, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        answer = ada.http.request(method, BASE + path)
        assert answer.status_code in (403, 404, 405), (method, path, answer.status_code)


def test_screen_is_shown_to_the_person_and_to_nobody_else(glass: Stack, ada: Person) -> None:
    with connect(address(ada), additional_headers={"Cookie": cookies(ada)}, ssl=glass.trusted) as screen:
        assert screen.recv(30) == b"RFB 003.008\n"
    for headers in ({}, {"Cookie": "ecluse-pane=made-up"}, {"Cookie": cookies(ada), "Origin": "http://elsewhere"}):
        with pytest.raises(InvalidStatus, match="403"):
            connect(address(ada), additional_headers=headers, ssl=glass.trusted)
    cy = Person(glass, "cy")
    with cy.http:
        cy.sign_in()
        assert cy.http.get(BASE).status_code in (403, 404)


def test_browser_is_never_given_a_token_of_the_hub(glass: Stack, ada: Person) -> None:
    for cookie in ada.http.cookies.jar:
        if cookie.path == BASE:
            token = {"Authorization": f"token {cookie.value}"}
            answer = httpx.get(f"{glass.url}/hub/api/user", headers=token, verify=glass.trusted)
            assert answer.status_code == 403


BRIGHT = """() => {
  const canvas = document.querySelector("#screen canvas");
  if (!canvas || !canvas.width) return 0;
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let bright = 0;
  for (let i = 0; i < data.length; i += 4) bright += data[i] > 200 && data[i + 1] > 200 && data[i + 2] > 200;
  return bright / (data.length / 4);
}"""
"""Share of the screen that is bright: the Lab is, an empty X screen is not."""


def test_person_signs_in_and_sees_the_lab(glass: Stack, ada: Person) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 800}, ignore_https_errors=True)
        page.goto(f"{glass.url}/hub/login")
        page.get_by_label("Name", exact=True).fill("ada")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/hub/home")
        page.locator("[data-project=glass]").get_by_role("link", name="Open").click()
        page.wait_for_url(f"**{BASE}")
        until = time.monotonic() + 120
        while page.evaluate(BRIGHT) < 0.6:
            assert time.monotonic() < until, page.locator("#said").text_content()
            page.wait_for_timeout(500)


def test_session_goes_as_a_whole(glass: Stack, ada: Person) -> None:
    ada.stop("glass")
    left = docker("ps", "-a", "--format", "{{.Names}}", "--filter", f"name={glass.container('ada', 'glass')}")
    assert left == ""
    until = time.monotonic() + 15
    while docker("network", "ls", "-q", "--filter", f"name={glass.name}-project-glass"):
        assert time.monotonic() < until
        time.sleep(0.5)
    ada.start("glass")
    assert ada.http.get(BASE).status_code == 200


def test_lost_pane_takes_the_workspace_with_it(glass: Stack, ada: Person) -> None:
    docker("rm", "-f", glass.container("ada", "glass"))
    until = time.monotonic() + 20
    while docker("ps", "-aq", "--filter", f"name={glass.container('ada', 'glass')}"):
        assert time.monotonic() < until
        time.sleep(0.5)
    while ada.ready("glass"):
        assert time.monotonic() < until
        time.sleep(0.5)
    ada.start("glass")
