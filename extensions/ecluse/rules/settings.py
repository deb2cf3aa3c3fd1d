"""What a service is told from outside, in `ECLUSE_*` variables: checked at once and strictly."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from .names import Strict

PREFIX = "ECLUSE_"
ROOT = "/srv/ecluse"
Settings = TypeVar("Settings", bound=Strict)
Subdomains = Annotated[
    Literal["yes", "no"],
    Field(description="whether each person's workspaces have a name of their own below the host's"),
]


class SettingsError(Exception):
    """The service can't start. One line per setting that is wrong, with the way to mend it where there is one."""


def check_subdomains(url: str) -> None:
    """Whether names below the host of the enclave's address can be people's.

    Raises:
        ValueError: it is plain HTTP, an address, or a name without a dot, for which browsers keep no cookies.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        if parts.scheme == "https" and "." in host:
            return
    raise ValueError(f"subdomains need an https address with a name of two parts at least, not {url}")


def people_origin(url: str) -> str:
    """Origin of people's own names below the enclave's address: `https://*.enclave.example:8443`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://*.{parts.netloc}"


def told(environment: Mapping[str, str], names: set[str]) -> dict[str, Any]:
    """Values by the names of settings; what is empty counts as not set. Numbers of GPUs come as numbers."""
    values: dict[str, Any] = {n: environment[PREFIX + n.upper()] for n in names if environment.get(PREFIX + n.upper())}
    if "database" in names:
        values.setdefault("database", f"sqlite:///{values.get('root', ROOT)}/control/ecluse.sqlite")
    if (gpus := str(values.get("gpus", ""))).isdecimal():
        values["gpus"] = int(gpus)
    return values


def wrong(error: ValidationError) -> dict[str, str]:
    """What is wrong with each setting, by its name, in one line that never shows the value."""
    lines = {}
    for item in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in item["loc"])
        lines[name] = f"{PREFIX}{name.upper()}: {item['msg']}"
    return lines


def read(settings: type[Settings], environment: Mapping[str, str]) -> Settings:
    """The settings of a service whose secrets are none of them.

    Raises:
        SettingsError: with everything that is wrong.
    """
    try:
        return settings.model_validate(told(environment, set(settings.model_fields)))
    except ValidationError as error:
        raise SettingsError("\n".join(wrong(error).values())) from None
