"""What a service is told from outside, in `ECLUSE_*` variables: checked at once and strictly."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from .names import Strict

PREFIX = "ECLUSE_"
ROOT = "/srv/ecluse"
Settings = TypeVar("Settings", bound=Strict)


class SettingsError(Exception):
    """The service can't start. One line per setting that is wrong, with the way to mend it where there is one."""


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
