"""Settings of the hub: from the environment and from secret files, checked at once and strictly."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from ecluse.rules.names import Strict
from ecluse.rules.settings import (
    PREFIX,
    ROOT,
    SettingsError,
    Subdomains,
    check_subdomains,
    people_origin,
    told,
    wrong,
)
from ecluse.rules.workspace import Name

MIN_SECRET = 16
SECRETS = ("airlock_token", "proxy_token", "cookie_secret")
OIDC_SECRETS = ("client_secret", "crypt_key")
"""Needed with an identity provider only: what it knows us by, and what people's tokens are encrypted with."""

Url = Annotated[str, Field(pattern=r"^https?://[^/\s]+")]
Inside = Annotated[str, Field(pattern=r"^https://[^/\s]+$")]
"""Between services nothing is plain HTTP, whatever people come over."""


class HubSettings(Strict):
    """Everything the hub is told from outside."""

    name: Name = "ecluse"
    url: Url = "http://localhost:8000"
    subdomains: Subdomains = "no"
    root: Path = Path("/srv/ecluse")
    host_root: Annotated[str, Field(pattern=r"^/[^\s:]*$")]
    database: str
    gpus: int | Literal["auto"] = "auto"
    identity: Literal["local", "oidc"] = Field(
        default="local", description="`oidc`: the provider of policies/provider.yaml, and no local accounts"
    )
    provider_door: str = Field(
        default="", pattern=r"^[a-z0-9.-]*$", description="name of the relay that leads to the provider"
    )
    second_factor: Literal["required", "where-set"] = Field(
        default="required", description="whether a local account without one-time codes is refused"
    )
    idle_minutes: int = Field(default=60, ge=5)
    session_hours: float = Field(default=12, gt=0, le=72, description="how long a sign-in lasts")
    starts_at_once: int = Field(default=8, ge=1, le=100)
    workspaces: int = Field(default=60, ge=1, le=2000, description="how many run at once")
    hub_bind: str = "https://0.0.0.0:8081"
    hub_connect: Inside = "https://hub:8081"
    proxy_api: Inside = "https://proxy-api:8001"
    airlock: Inside = "https://airlock:8082"
    airlock_token: SecretStr
    proxy_token: SecretStr
    cookie_secret: SecretStr
    client_secret: SecretStr | None = None
    crypt_key: SecretStr | None = None

    @field_validator(*SECRETS, *OIDC_SECRETS)
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"a secret has at least {MIN_SECRET} characters")
        return value

    @model_validator(mode="after")
    def _names_below(self) -> Self:
        if self.subdomains == "yes":
            check_subdomains(self.url)
        return self

    @field_validator("crypt_key")
    @classmethod
    def _a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[0-9a-f]{64}", value.get_secret_value()):
            raise ValueError("a key is 32 bytes, written as 64 hexadecimal digits: openssl rand -hex 32")
        return value

    @property
    def policies(self) -> Path:
        """Folder of the policies."""
        return self.root / "policies"

    @property
    def accounts(self) -> Path:
        """File of local accounts."""
        return self.root / "accounts" / "accounts.yaml"

    @property
    def provider_authority(self) -> Path:
        """Certificates that prove the identity provider, where a public authority did not sign its own."""
        return self.root / "secrets" / "hub" / "provider-ca.pem"

    @property
    def papers(self) -> Path:
        """Folder of the hub's own key and certificate."""
        return self.root / "secrets" / "hub"

    @property
    def state(self) -> Path:
        """Folder of the hub's own files."""
        return self.root / "hub"

    @property
    def gate(self) -> Path:
        """Socket of the gate to the engine."""
        return self.root / "gate" / "engine.sock"

    @property
    def people(self) -> str:
        """Origin of everybody's own names, with `*` for the name; empty where there are none."""
        return people_origin(self.url) if self.subdomains == "yes" else ""

    @property
    def secure(self) -> bool:
        """Whether people come over TLS."""
        return urlsplit(self.url).scheme == "https"


def read_settings(environment: Mapping[str, str]) -> HubSettings:
    """The settings from `ECLUSE_*` variables and from `<root>/secrets/hub/*`.

    Raises:
        SettingsError: with everything that is wrong.
    """
    secrets = SECRETS + (OIDC_SECRETS if environment.get(PREFIX + "IDENTITY") == "oidc" else ())
    values = told(environment, set(HubSettings.model_fields) - {*SECRETS, *OIDC_SECRETS})
    root = Path(values.get("root", ROOT))
    # Every process of the container, and `docker inspect`, can read the environment.
    problems = [
        f"{PREFIX}{name.upper()}: a secret in the environment → put it into secrets/hub/{name}"
        for name in (*SECRETS, *OIDC_SECRETS)
        if PREFIX + name.upper() in environment
    ]
    for name in secrets:
        try:
            values[name] = _secret(root / "secrets" / "hub" / name)
        except OSError as error:
            fix = "write what the provider gave you" if name == "client_secret" else "run the set-up again"
            problems.append(f"secrets/hub/{name}: {error.strerror or error} → {fix}")
    try:
        settings = HubSettings.model_validate(values)
    except ValidationError as error:
        problems += [line for name, line in wrong(error).items() if name in values or name not in secrets]
        raise SettingsError("\n".join(problems)) from None
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _secret(file: Path) -> str:
    mode = file.stat().st_mode
    if mode & 0o077:
        raise PermissionError(1, f"mode {mode & 0o777:04o} lets others read it; chmod 0400")
    return file.read_text(encoding="utf-8").strip()
