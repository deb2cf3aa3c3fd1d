"""Settings are strict; each topic sets what it says on a bare Config."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from ecluse.hub import configure as topics
from ecluse.hub.enclave import Enclave, Engine
from ecluse.hub.oidc import OidcAuthenticator
from ecluse.hub.pages import SCRIPTS, STYLES, asset, cards, content_security_policy, template_vars, templates
from ecluse.hub.settings import HubSettings, read_settings
from ecluse.rules.settings import SettingsError
from policies import policies
from unit.hub.fakes import workspaces

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "secrets" / "hub"
    folder.mkdir(parents=True)
    for name in ("airlock_token", "proxy_token", "cookie_secret"):
        (folder / name).write_text("ab" * 32 + "\n")
        (folder / name).chmod(0o400)
    return {"ECLUSE_ROOT": str(tmp_path), "ECLUSE_HOST_ROOT": "/srv/enclave", "PATH": "/bin"}


@pytest.fixture
def settings(environment: dict[str, str]) -> HubSettings:
    return read_settings(environment)


def test_settings_come_from_environment_and_files(environment: dict[str, str], tmp_path: Path) -> None:
    found = read_settings({**environment, "ECLUSE_NAME": "two", "ECLUSE_URL": "https://e.example", "ECLUSE_GPUS": "2"})
    assert (found.name, found.secure, found.gpus) == ("two", True, 2)
    assert found.database == f"sqlite:///{tmp_path}/control/ecluse.sqlite"
    assert found.airlock_token.get_secret_value() == "ab" * 32
    assert "abab" not in repr(found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ECLUSE_HOST_ROOT": "relative"}, "ECLUSE_HOST_ROOT"),
        ({"ECLUSE_NAME": "Bad Name"}, "ECLUSE_NAME"),
        ({"ECLUSE_GPUS": "some"}, "ECLUSE_GPUS"),
        ({"ECLUSE_URL": "ftp://x"}, "ECLUSE_URL"),
        ({"ECLUSE_IDENTITY": "none"}, "ECLUSE_IDENTITY"),
        ({"ECLUSE_SUBDOMAINS": "on"}, "ECLUSE_SUBDOMAINS"),
        ({"ECLUSE_SUBDOMAINS": "yes"}, "subdomains need an https address"),
        ({"ECLUSE_PROXY_TOKEN": "abababababababab"}, "a secret in the environment"),
    ],
)
def test_wrong_settings_stop_the_hub(environment: dict[str, str], change: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        read_settings({**environment, **change})


def test_each_person_has_a_name_where_wanted(environment: dict[str, str], settings: HubSettings) -> None:
    c = Config()
    topics.update_subdomains(c, settings)
    assert "subdomain_host" not in c.JupyterHub
    url = "https://enclave.example:8443"
    settings = read_settings({**environment, "ECLUSE_URL": url, "ECLUSE_SUBDOMAINS": "yes"})
    topics.update_subdomains(c, settings)
    topics.update_browser(c, settings)
    assert c.JupyterHub.cookie_host_prefix_enabled
    assert c.JupyterHub.subdomain_hook("ada", "enclave.example", kind="user") == "ada.enclave.example"
    assert c.JupyterHub.subdomain_hook("airlock", "enclave.example", kind="service") == "enclave.example"
    policy = c.JupyterHub.tornado_settings["headers"]["Content-Security-Policy"]
    assert "form-action 'self' https://*.enclave.example:8443;" in policy


def test_missing_open_or_short_secrets_stop_the_hub(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "secrets/hub/proxy_token"
    file.chmod(0o444)
    with pytest.raises(SettingsError, match="chmod 0400"):
        read_settings(environment)
    file.unlink()
    with pytest.raises(SettingsError, match="secrets/hub/proxy_token"):
        read_settings(environment)
    file.write_text("short")
    file.chmod(0o400)
    with pytest.raises(SettingsError, match="at least 16") as caught:
        read_settings(environment)
    assert "short" not in str(caught.value)


def test_a_provider_needs_its_secrets_and_its_policy(environment: dict[str, str], tmp_path: Path) -> None:
    wanted = {**environment, "ECLUSE_IDENTITY": "oidc"}
    with pytest.raises(SettingsError, match=r"secrets/hub/client_secret.*provider gave"):
        read_settings(wanted)
    for name, text in {"client_secret": "c" * 32, "crypt_key": "not hexadecimal digits"}.items():
        (tmp_path / "secrets/hub" / name).write_text(text)
        (tmp_path / "secrets/hub" / name).chmod(0o400)
    with pytest.raises(SettingsError, match="64 hexadecimal digits"):
        read_settings(wanted)
    (tmp_path / "secrets/hub/crypt_key").unlink()
    (tmp_path / "secrets/hub/crypt_key").write_text("ab" * 32)
    (tmp_path / "secrets/hub/crypt_key").chmod(0o400)
    settings = read_settings(wanted)
    with pytest.raises(SettingsError, match=re.escape("needs policies/provider.yaml")):
        topics.update_identity(Config(), settings, enclave(tmp_path / "without"))
    provider = "issuer: https://idp.example\nclient_id: e\ntitle: The hospital\nsecond_factor: {amr: [otp]}\n"
    c = Config()
    topics.update_identity(c, settings, enclave(tmp_path / "with", **{"provider.yaml": provider}))
    assert c.JupyterHub.authenticator_class is OidcAuthenticator
    assert c.OAuthenticator.login_service == "The hospital"
    assert c.OAuthenticator.oauth_callback_url == "http://localhost:8000/hub/oauth_callback"
    assert c.Authenticator.enable_auth_state is True
    assert c.CryptKeeper["keys"] == [bytes.fromhex("ab" * 32)]


def enclave(folder: Path, **changes: str) -> Enclave:
    return Enclave(workspaces(policies(folder, **changes)), Engine(folder / "none"), folder / "crashes", list)


def test_all_wrong_settings_are_told_at_once(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**environment, "ECLUSE_NAME": "Bad Name", "ECLUSE_URL": "x"})
    assert len(str(caught.value).splitlines()) == 2


def test_workspaces_outlive_the_hub_and_there_is_no_default_server(settings: HubSettings) -> None:
    c = Config()
    topics.update_hub(c, settings)
    assert c.JupyterHub.cleanup_servers is False
    assert c.JupyterHub.allow_named_servers is True
    assert c.JupyterHub.admin_access is False
    assert c.JupyterHub.hub_connect_url == "https://hub:8081"
    assert c.JupyterHub.cookie_secret == bytes.fromhex("ab" * 32)


def test_nothing_inside_is_plain_http(settings: HubSettings, environment: dict[str, str]) -> None:
    c = Config()
    topics.update_inside(c, settings)
    assert c.JupyterHub.internal_ssl is True
    assert c.EcluseHub.papers == str(settings.root / "secrets/hub")
    for name in ("HUB_CONNECT", "PROXY_API", "AIRLOCK"):
        with pytest.raises(SettingsError, match=f"ECLUSE_{name}"):
            read_settings({**environment, f"ECLUSE_{name}": "http://hub:8081"})


def test_proxy_runs_elsewhere(settings: HubSettings) -> None:
    c = Config()
    topics.update_proxy(c, settings)
    assert c.ConfigurableHTTPProxy.should_start is False
    assert c.ConfigurableHTTPProxy.api_url == "https://proxy-api:8001"
    assert c.ConfigurableHTTPProxy.auth_token == "ab" * 32


def test_failing_starts_never_end_the_hub(settings: HubSettings) -> None:
    c = Config()
    topics.update_limits(c, settings)
    assert c.Spawner.consecutive_failure_limit == 0
    assert c.JupyterHub.concurrent_spawn_limit == settings.starts_at_once
    assert c.JupyterHub.active_server_limit == settings.workspaces


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_browser_is_held_to_this_origin(settings: HubSettings, scheme: str) -> None:
    c = Config()
    topics.update_browser(c, settings.model_copy(update={"url": f"{scheme}://e.example"}))
    made: dict[str, Any] = c.JupyterHub.tornado_settings
    assert made["cookie_options"] == {"samesite": "Lax", "secure": scheme == "https"}
    assert ("Strict-Transport-Security" in made["headers"]) is (scheme == "https")
    assert made["headers"]["X-Content-Type-Options"] == "nosniff"
    assert made["headers"]["Cache-Control"] == "no-store"
    assert c.JupyterHub.cookie_max_age_days == 0.5


def test_roles_and_services_are_ours_alone(settings: HubSettings) -> None:
    c = Config()
    topics.update_roles(c)
    topics.update_services(c, settings)
    assert [r["name"] for r in c.JupyterHub.load_roles] == ["user", "airlock"]
    assert [s["name"] for s in c.JupyterHub.services] == ["airlock"]


def test_policy_allows_exactly_our_own_scripts_and_style() -> None:
    policy = content_security_policy()
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    for name in (*STYLES, *SCRIPTS):
        digest = base64.b64encode(hashlib.sha256(asset(name).encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_templates_load_nothing_from_elsewhere() -> None:
    pages = list(templates().glob("*.html"))
    assert len(pages) >= 10
    for page in pages:
        text = page.read_text()
        assert not re.search(r"""(src|href)=["'](https?:)?//""", text), page.name
        assert " style=" not in text, page.name
        assert not re.search(r"\son[a-z]+=", text), page.name
        assert "static_url" not in text, page.name


def test_home_shows_each_project_and_what_stands_in_the_way(tmp_path: Path) -> None:
    found = policies(tmp_path)
    (card,) = cards(found, "ada", NOW)
    assert (card.project.id, card.datasets, card.why_not) == ("alpha", ("Claims",), "")
    assert card.days_left == 213
    people = {**found.people, "ada": found.people["ada"].model_copy(update={"trained_until": date(2026, 1, 1)})}
    (card,) = cards(replace(found, people=people), "ada", NOW)
    assert card.why_not == "Training was valid until 2026-01-01."
    assert card.fix
    assert cards(found, "rev", NOW) == []
    (card,) = cards(found, "ada", NOW, {"ecluse_project_alpha": 17 * 1024**3}, "ecluse")
    assert card.notes == ("/project holds 17.0 of 20 GiB: delete what is not needed.",)


def test_template_values_are_for_the_person_signed_in(tmp_path: Path) -> None:
    values = template_vars(workspaces(policies(tmp_path)), {})

    class User:
        kind, name = "user", "ada"

    class Service:
        kind, name = "service", "ada"

    assert [c.project.id for c in values["projects"](User())] == ["alpha"]
    assert values["person_name"](User()) == "Ada"
    for nobody in (None, Service()):
        assert values["projects"](nobody) == []
        assert values["person_name"](nobody) == ""
