"""How workspaces live and end: restarts, revocation, crashes."""

import json
import time
from collections.abc import Callable
from html import unescape

from integration.hub.stack import MEMBERS, WORKSPACE_IMAGE, Person, Stack, docker, project


def wait_until(check: Callable[[], object], seconds: float = 15) -> float:
    """Seconds until `check` is true."""
    began = time.monotonic()
    while not check():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - began


def members(stack: Stack, of: str) -> set[str]:
    """Names of the containers on a project's network, without the enclave's prefix."""
    network = json.loads(docker("network", "inspect", f"{stack.name}-project-{of}"))[0]
    return {c["Name"].removeprefix(f"{stack.name}-") for c in network["Containers"].values()}


def test_hub_restart_leaves_workspaces_running(stack: Stack, alpha: Person) -> None:
    before = stack.inspect("ada", "alpha")
    assert before
    # A new container, not just a new process: it is on no project network when it comes up.
    alpha.open("alpha")
    docker("rm", "-f", f"{stack.name}-hub")
    assert (stack.inspect("ada", "alpha") or {})["State"]["Running"]
    stack.start_hub()
    wait_until(lambda: alpha.ready("alpha"))
    after = stack.inspect("ada", "alpha")
    assert after
    assert after["Id"] == before["Id"]
    assert alpha.http.get("/user/ada/alpha/api/contents").status_code == 200


def test_replaced_proxy_is_let_in_again(stack: Stack, alpha: Person) -> None:
    alpha.open("alpha")
    docker("network", "disconnect", "-f", f"{stack.name}-project-alpha", f"{stack.name}-proxy")
    wait_until(lambda: "proxy" in members(stack, "alpha"), 45)
    assert alpha.http.get("/user/ada/alpha/api/contents").status_code == 200


def test_member_who_is_taken_out_is_out_in_seconds(stack: Stack, cy: Person) -> None:
    cy.start("alpha")
    try:
        stack.write("policies/projects/alpha.yaml", project("alpha", "{ada: lead}"))
        took = wait_until(lambda: stack.inspect("cy", "alpha") is None, 10)
        assert took < 10
        assert cy.http.get("/user/cy/alpha/api/contents").status_code in (403, 404)
        assert cy.api("POST", "/users/cy/servers/alpha").status_code in (403, 404)
        stops = [e for e in stack.events() if e["action"] == "workspace.stop" and e["subject"] == "cy/alpha"]
        assert stops[-1]["detail"]["reason"] == "not-a-member"
        assert stops[-1]["actor"] == "ecluse:hub"
    finally:
        stack.write("policies/projects/alpha.yaml", project("alpha", MEMBERS))
    # Back in the project, signed in all the while: the right is back without another sign-in.
    wait_until(lambda: cy.api("DELETE", "/users/cy/servers/alpha").status_code not in (403, 404), 10)
    assert cy.start("alpha") < 60
    cy.stop("alpha")


def test_paused_project_stops_and_says_why(stack: Stack, ben: Person) -> None:
    ben.start("beta")
    text = (stack.root / "policies/projects/beta.yaml").read_text()
    try:
        stack.write("policies/projects/beta.yaml", text + "paused: true\n")
        wait_until(lambda: stack.inspect("ben", "beta") is None, 10)
        wait_until(lambda: ben.api("POST", "/users/ben/servers/beta").status_code == 403)
        refused = ben.api("POST", "/users/ben/servers/beta")
        assert "Project 'beta' is paused." in refused.json()["message"]
        assert "Project 'beta' is paused." in unescape(ben.http.get("/hub/home").text)
    finally:
        stack.write("policies/projects/beta.yaml", text)
    wait_until(lambda: "is paused" not in ben.http.get("/hub/home").text, 10)


def test_network_goes_with_the_last_workspace(stack: Stack, ben: Person) -> None:
    ben.start("beta")
    assert docker("network", "ls", "-q", "--filter", f"name={stack.name}-project-beta")
    ben.stop("beta")
    wait_until(lambda: not docker("network", "ls", "-q", "--filter", f"name={stack.name}-project-beta"))


def test_bad_policies_change_nothing_and_are_recorded(stack: Stack, alpha: Person) -> None:
    file = "policies/projects/alpha.yaml"
    text = (stack.root / file).read_text()
    try:
        stack.write(file, text + "membrs: {}\n")
        wait_until(lambda: any(e["action"] == "policies.invalid" for e in stack.events()))
        time.sleep(3)
        assert (stack.inspect("ada", "alpha") or {})["State"]["Running"]
    finally:
        stack.write(file, text)


def test_person_taken_out_is_signed_out(stack: Stack, cy: Person) -> None:
    people, members = "policies/people.yaml", "policies/projects/alpha.yaml"
    text, project_text = (stack.root / people).read_text(), (stack.root / members).read_text()
    try:
        stack.write(members, project("alpha", "{ada: lead}"))
        stack.write(people, "\n".join(line for line in text.splitlines() if not line.startswith("  cy:")) + "\n")
        wait_until(lambda: "login" in str(cy.http.get("/hub/home").url), 10)
        assert cy.sign_in().status_code == 403
    finally:
        stack.write(people, text)
        stack.write(members, project_text)
    time.sleep(3)
    assert cy.sign_in().status_code == 200


def test_log_of_a_crash_is_kept(stack: Stack, cy: Person) -> None:
    cy.start("alpha")
    docker("kill", "--signal", "KILL", stack.container("cy", "alpha"))
    wait_until(lambda: stack.inspect("cy", "alpha") is None, 20)
    logs = list((stack.root / "hub/crashes").glob("*_alpha_cy.log"))
    assert logs
    assert "Jupyter" in logs[-1].read_text()
    stops = [e for e in stack.events() if e["action"] == "workspace.stop" and e["subject"] == "cy/alpha"]
    assert stops[-1]["detail"]["reason"] == "ended"


def test_audit_holds_every_step(stack: Stack, alpha: Person) -> None:
    actions = {e["action"] for e in stack.events()}
    assert {"session.sign-in", "workspace.start"} <= actions
    starts = [e for e in stack.events() if e["action"] == "workspace.start" and e["subject"] == "ada/alpha"]
    assert starts[-1]["detail"]["data"] == ["/data/claims"]
    assert starts[-1]["detail"]["image"].startswith(("sha256:", "ecluse/"))


def test_workspace_that_the_hub_does_not_know_ends(stack: Stack, alpha: Person) -> None:
    labels = [
        f"--label=org.ecluse.{k}={v}" for k, v in {"enclave": stack.name, "project": "alpha", "person": "x"}.items()
    ]
    made = docker("run", "-d", "--network", "none", "--entrypoint", "", *labels, WORKSPACE_IMAGE, "sleep", "300")
    wait_until(lambda: not docker("ps", "-aq", "--filter", f"id={made}"), 60)
    assert (stack.inspect("ada", "alpha") or {})["State"]["Running"]
