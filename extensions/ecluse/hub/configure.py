"""The hub's configuration: one function per topic, each named for what it sets.

`jupyterhub_config.py` calls `configure(c)`. Each `update_<topic>(c, settings)` can be tested on a bare `Config()`.
This is the one module of the hub that opens the store.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from traitlets.config import Config

from ecluse.rules.settings import SettingsError
from ecluse.rules.workspace import SpawnSettings
from ecluse.steps.ports import AuditLog
from ecluse.steps.spawn import Workspaces
from ecluse.store.accounts import AccountFile
from ecluse.store.clock import utc_now
from ecluse.store.database import open_database, upgrade
from ecluse.store.events import DatabaseAuditLog
from ecluse.store.policy_files import PolicyFolder

from .enclave import Enclave, Engine
from .identity import EcluseAuthenticator
from .oidc import OidcAuthenticator
from .pages import content_security_policy, template_vars, templates
from .reconcile import Reconciler
from .roles import airlock_service, stock_roles
from .settings import HubSettings, read_settings
from .spawner import EcluseSpawner
from .watch import Watch

START_SECONDS, ANSWER_SECONDS = 60, 60
POLL_SECONDS = 5
SAME_ORIGIN = "same-origin"


def configure(c: Config, environment: Mapping[str, str] = os.environ) -> None:
    """Set everything.

    Raises:
        SettingsError: a setting or secret is missing or wrong.
        PoliciesInvalidError: the policies are not valid. Without policies nobody may do anything: the hub stays down.
    """
    settings = read_settings(environment)
    enclave = open_enclave(settings)
    update_hub(c, settings)
    update_inside(c, settings)
    update_subdomains(c, settings)
    update_proxy(c, settings)
    update_limits(c, settings)
    update_browser(c, settings)
    update_pages(c, enclave)
    update_services(c, settings)
    update_roles(c)
    update_identity(c, settings, enclave)
    update_spawner(c, settings, enclave)


def open_enclave(settings: HubSettings) -> Enclave:
    """Open the store and the way to the gate."""
    folder = PolicyFolder(settings.policies)
    upgrade(settings.database)
    audit: AuditLog = DatabaseAuditLog(open_database(settings.database), utc_now)
    engine = Engine(settings.gate)
    workspaces = Workspaces(
        policies=folder,
        audit=audit,
        clock=utc_now,
        settings=SpawnSettings(
            name=settings.name,
            host_root=settings.host_root,
            gpus=engine.gpus() if settings.gpus == "auto" else settings.gpus,
            idle_minutes=settings.idle_minutes,
        ),
    )
    return Enclave(
        workspaces=workspaces,
        engine=engine,
        crash_logs=settings.state / "crashes",
        problems=lambda: [str(p) for p in folder.problems],
    )


def update_hub(c: Config, settings: HubSettings) -> None:
    """Where the hub listens and keeps its state; one named server per project; workspaces outlive the hub."""
    c.JupyterHub.hub_bind_url = settings.hub_bind
    c.JupyterHub.hub_connect_url = settings.hub_connect
    c.JupyterHub.public_url = settings.url.rstrip("/") + "/"
    c.JupyterHub.db_url = f"sqlite:///{settings.state}/jupyterhub.sqlite"
    c.JupyterHub.cookie_secret = bytes.fromhex(settings.cookie_secret.get_secret_value())
    c.JupyterHub.pid_file = ""
    c.JupyterHub.upgrade_db = True
    c.JupyterHub.allow_named_servers = True
    c.JupyterHub.default_url = "/hub/home"
    c.JupyterHub.redirect_to_server = False
    c.JupyterHub.implicit_spawn_seconds = 0
    c.JupyterHub.admin_access = False
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cleanup_proxy = False
    c.JupyterHub.init_spawners_timeout = 30
    c.JupyterHub.last_activity_interval = 10  # seconds until a proxy that was started again knows its routes
    c.JupyterHub.extra_log_file = ""


def update_inside(c: Config, settings: HubSettings) -> None:
    """TLS with the proxy, the airlock and the workspaces, each way with certificates that others made."""
    c.JupyterHub.internal_ssl = True
    c.EcluseHub.papers = str(settings.papers)


def update_subdomains(c: Config, settings: HubSettings) -> None:
    """A name of their own for each person's workspaces; what is shared stays on the enclave's.

    A script in a workspace is then of another origin than hub and airlock. It is still of the same site, and could set
    cookies for all of its names: those of the hub carry a prefix that browsers take from the very host alone.
    """
    if settings.subdomains == "no":
        return
    c.JupyterHub.subdomain_host = settings.url.rstrip("/")
    c.JupyterHub.subdomain_hook = person_domain
    c.JupyterHub.cookie_host_prefix_enabled = True
    # Workspaces ask the airlock by the proxy's name on their network, which is no name of the enclave's.
    c.Proxy.extra_routes = {"proxy/services/airlock/": settings.airlock}


def person_domain(name: str, domain: str, kind: str) -> str:
    """The host of a person's workspaces, or of a service. Ids of people are labels of names as they stand."""
    return f"{name}.{domain}" if kind == "user" else domain


def update_proxy(c: Config, settings: HubSettings) -> None:
    """The proxy runs in its own container and outlives the hub."""
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = settings.proxy_api
    c.ConfigurableHTTPProxy.auth_token = settings.proxy_token.get_secret_value()
    c.Proxy.should_start = False


def update_limits(c: Config, settings: HubSettings) -> None:
    """How many start at once, run at once, and that no number of failed starts ends the hub."""
    c.JupyterHub.concurrent_spawn_limit = settings.starts_at_once
    c.JupyterHub.active_server_limit = settings.workspaces
    # A user whose starts fail on purpose must not be able to take the hub down.
    c.Spawner.consecutive_failure_limit = 0


def update_browser(c: Config, settings: HubSettings) -> None:
    """What a browser may do with hub pages: nothing from elsewhere, no framing, nothing kept, nothing told to others.

    Cookies last one session, go to this origin only, and never over plain HTTP where there is TLS.
    """
    c.JupyterHub.cookie_max_age_days = settings.session_hours / 24
    c.JupyterHub.oauth_token_expires_in = int(settings.session_hours * 3600)
    headers = {
        "Content-Security-Policy": content_security_policy(settings.people),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": SAME_ORIGIN,
        "Cross-Origin-Opener-Policy": SAME_ORIGIN,
        "Cross-Origin-Resource-Policy": SAME_ORIGIN,
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cache-Control": "no-store",
        "X-JupyterHub-Version": "",
        "Server": "",
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    cookies = {"samesite": "Lax", "secure": settings.secure}
    c.JupyterHub.tornado_settings = {"headers": headers, "cookie_options": cookies}


def update_pages(c: Config, enclave: Enclave) -> None:
    """Our own pages."""
    c.JupyterHub.template_paths = [str(templates())]
    c.JupyterHub.template_vars = template_vars(enclave.workspaces, enclave.used)
    c.JupyterHub.log_level = "INFO"


def update_services(c: Config, settings: HubSettings) -> None:
    """The airlock, in a container of its own."""
    token = settings.airlock_token.get_secret_value()
    c.JupyterHub.services = [airlock_service(settings.airlock, token, settings.url)]


def update_roles(c: Config) -> None:
    """Stock roles without `self`; every right comes from a person's own role. No sharing, no default server."""
    c.JupyterHub.load_roles = stock_roles()


def update_identity(c: Config, settings: HubSettings, enclave: Enclave) -> None:
    """How people sign in: with local accounts, or at the provider of the policies."""
    if settings.identity == "oidc":
        _update_oidc(c, settings, enclave)
    else:
        _update_local(c, settings)
    c.PolicyRoles.workspaces = lambda: enclave.workspaces
    c.PolicyRoles.beside = _beside(enclave, settings)
    c.Authenticator.manage_roles = True
    c.Authenticator.reset_managed_roles_on_startup = True
    c.Authenticator.any_allow_config = True
    c.Authenticator.allow_all = False
    c.Authenticator.auth_refresh_age = 60
    c.Authenticator.auth_refresh_strict = True
    c.Authenticator.refresh_pre_spawn = True


def _update_local(c: Config, settings: HubSettings) -> None:
    c.JupyterHub.authenticator_class = EcluseAuthenticator
    verify = AccountFile(settings.accounts, second_factor=settings.second_factor == "required").verify
    # A function of its own: traitlets would copy a bound method together with the file that it reads.
    c.EcluseAuthenticator.check_account = lambda *asked: verify(*asked)  # noqa: PLW0108
    c.Authenticator.request_otp = True
    c.Authenticator.otp_prompt = "Code of your authenticator app"


def _update_oidc(c: Config, settings: HubSettings, enclave: Enclave) -> None:
    provider = enclave.workspaces.policies.current().provider
    if provider is None or settings.client_secret is None or settings.crypt_key is None:
        raise SettingsError("ECLUSE_IDENTITY=oidc needs policies/provider.yaml → docs/how-to/sign-in-at-a-provider.md")
    c.JupyterHub.authenticator_class = OidcAuthenticator
    c.OAuthenticator.login_service = provider.title
    c.OAuthenticator.client_id = provider.client_id
    c.OAuthenticator.client_secret = settings.client_secret.get_secret_value()
    c.OAuthenticator.oauth_callback_url = settings.url.rstrip("/") + "/hub/oauth_callback"
    c.OAuthenticator.enable_pkce = True
    c.ProviderClient.door = settings.provider_door
    c.ProviderClient.authority = str(settings.provider_authority) if settings.provider_authority.exists() else ""
    # What the provider is asked with lies in the hub's database, encrypted; the key lies among the secrets.
    c.Authenticator.enable_auth_state = True
    c.CryptKeeper.keys = [bytes.fromhex(settings.crypt_key.get_secret_value())]


def _beside(enclave: Enclave, settings: HubSettings) -> Callable[[Any], Awaitable[None]]:
    async def beside(app: Any) -> None:
        reconciler = Reconciler(app, enclave)
        running: list[Awaitable[None]] = [reconciler.run()]
        if settings.identity == "oidc":
            seconds = settings.session_hours * 3600
            running.append(Watch(app, enclave.workspaces, reconciler.put_out, seconds).run())
        await asyncio.gather(*running)

    return beside


def update_spawner(c: Config, settings: HubSettings, enclave: Enclave) -> None:
    """Workspaces are containers made from a plan; nothing here decides what is in them."""
    c.JupyterHub.spawner_class = EcluseSpawner
    # Functions: traitlets copies other values deeply, and two enclaves would know nothing of each other.
    c.EcluseSpawner.shared = lambda: enclave
    c.DockerSpawner.prefix = settings.name
    c.DockerSpawner.name_template = "{prefix}_{raw_servername}_{raw_username}"
    c.DockerSpawner.remove = True
    c.DockerSpawner.pull_policy = "never"
    c.DockerSpawner.use_internal_ip = True
    c.Spawner.disable_user_config = True
    c.Spawner.default_url = "/lab"
    c.Spawner.start_timeout = START_SECONDS
    c.Spawner.http_timeout = ANSWER_SECONDS
    c.Spawner.poll_interval = POLL_SECONDS
