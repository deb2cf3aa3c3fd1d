"""Who may do what on a real hub."""

import pytest

from integration.hub.stack import Person, Stack

UNKNOWN = ("nosuch", "beta2", "zeta")


def test_default_and_unknown_servers_do_not_exist(ada: Person) -> None:
    for path in ("/users/ada/server", *(f"/users/ada/servers/{n}" for n in UNKNOWN)):
        for method in ("POST", "DELETE"):
            assert ada.api(method, path).status_code == 404, f"{method} {path}"
    for path in ("/hub/spawn", "/hub/spawn/ada", "/hub/spawn/ada/nosuch", "/hub/spawn/ben/beta", "/user/ben/beta/lab"):
        assert ada.http.get(path).status_code == 404, path


def test_unknown_servers_are_not_recorded(ada: Person) -> None:
    assert ada.api("PUT", "/users/ada/servers/nosuch").status_code in (404, 405)
    assert ada.api("PATCH", "/users/ada/servers/nosuch", json={}).status_code in (404, 405)
    servers = ada.api("GET", "/users/ada").json().get("servers", {})
    assert "nosuch" not in servers


def test_tokens_cant_be_minted(ada: Person) -> None:
    assert ada.api("POST", "/users/ada/tokens", json={"note": "mine"}).status_code == 403
    assert ada.api("GET", "/users/ada/tokens").status_code in (403, 404)
    assert "Not offered here" in ada.http.get("/hub/token").text


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_projects_of_others_are_closed(ben: Person, method: str) -> None:
    for path in ("/users/ada/servers/alpha", "/users/ben/servers/alpha", "/users/ada/servers/beta"):
        assert ben.api(method, path).status_code == 404, path
    assert ben.api("GET", "/users/ada").status_code == 404
    assert ben.api("GET", "/users").status_code == 403


def test_workspace_opens_for_its_person_alone(alpha: Person, ben: Person, admin: Person) -> None:
    assert alpha.http.get("/user/ada/alpha/lab").status_code == 200
    for other in (ben, admin):
        assert other.http.get("/user/ada/alpha/lab").status_code in (403, 404)
        assert other.http.get("/user/ada/alpha/api/contents").status_code in (403, 404)


def test_administrator_has_no_admin_rights(admin: Person) -> None:
    assert admin.api("GET", "/user").json()["admin"] is False
    assert admin.http.get("/hub/admin").status_code in (403, 404)
    assert admin.api("GET", "/users").status_code == 403
    assert admin.api("POST", "/shutdown").status_code == 403
    assert admin.api("GET", "/proxy").status_code == 403


def test_servers_token_reaches_only_its_own_server(stack: Stack, alpha: Person) -> None:
    code = (
        "import json,os,ssl,urllib.request as u;e=os.environ;"
        "c=ssl.create_default_context(cafile=e['JUPYTERHUB_SSL_CLIENT_CA']);"
        "c.load_cert_chain(e['JUPYTERHUB_SSL_CERTFILE'],e['JUPYTERHUB_SSL_KEYFILE']);"
        "r=u.Request(e['JUPYTERHUB_API_URL']+'/user',"
        "headers={'Authorization':'token '+e['JUPYTERHUB_API_TOKEN']});"
        "print(json.dumps(json.load(u.urlopen(r,context=c))))"
    )
    done = stack.inside("ada", "alpha", f'python3 -c "{code}"')
    assert '"name": "ada"' in done.stdout, done.stderr
    assert '"access:servers!server=ada/alpha"' in done.stdout
    assert done.stdout.count("access:servers") == 1
    assert "access:services" not in done.stdout
    assert "tokens" not in done.stdout


def test_wrong_password_and_unknown_person_get_the_same_answer(stack: Stack) -> None:
    answers = []
    for name in ("ben", "nobody"):
        person = Person(stack, name)
        with person.http:
            answer = person.sign_in("wrong-wrong-wrong")
            answers.append((answer.status_code, "The name, the password or the code is not right." in answer.text))
    assert answers == [(403, True), (403, True)]


def test_names_are_locked_after_repeated_failures(stack: Stack) -> None:
    person = Person(stack, "rev")
    with person.http:
        codes = [person.sign_in("wrong-wrong-wrong").status_code for _ in range(6)]
        assert codes == [403] * 5 + [429]
        locked = person.sign_in()  # the right one, while locked
        assert locked.status_code == 429
        assert "Too many wrong passwords" in locked.text
        assert locked.headers["retry-after"].isdigit()
    assert any(e["action"] == "refused.sign-in" and e["detail"]["reason"] == "locked" for e in stack.events())


def test_pages_say_nothing_and_load_nothing(ada: Person) -> None:
    for path in ("/hub/home", "/hub/login", "/hub/nosuch", "/hub/api/nosuch"):
        headers = ada.http.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["cache-control"] == "no-store"
        assert not headers.get("x-jupyterhub-version")
        assert not headers.get("server")
    page = ada.http.get("/hub/nosuch").text
    assert "jupyter" not in page.lower()
    assert "nosuch" not in page
