"""Settings of the airlock: from the environment, checked at once and strictly. Secrets are files, read in `app`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from ecluse.rules.names import Strict

PREFIX = "ECLUSE_"
BASE = "/services/airlock"
"""Where the hub's proxy puts the airlock."""

Url = Annotated[str, Field(pattern=r"^https?://[^/\s?#]+$")]


class SettingsError(Exception):
    """The airlock can't start. One line per setting that is wrong."""


class AirlockSettings(Strict):
    """Everything the airlock is told from outside."""

    name: str = "ecluse"
    url: Url = "http://localhost:8000"
    root: Path = Path("/srv/ecluse")
    database: str = Field(min_length=1)
    hub_api: Annotated[str, Field(pattern=r"^https?://\S+/hub/api$")] = "http://hub:8081/hub/api"

    @property
    def secure(self) -> bool:
        """Whether people come over TLS."""
        return urlsplit(self.url).scheme == "https"

    @property
    def policies(self) -> Path:
        """Folder of the policies."""
        return self.root / "policies"

    @property
    def quarantine(self) -> Path:
        """Folder of the quarantine."""
        return self.root / "quarantine"

    @property
    def spool(self) -> Path:
        """Folder that is shared with the checker."""
        return self.root / "spool"

    @property
    def secrets(self) -> Path:
        """Folder of the airlock's secrets."""
        return self.root / "secrets" / "airlock"


def read_settings(environment: Mapping[str, str]) -> AirlockSettings:
    """The settings from `ECLUSE_*` variables.

    Raises:
        SettingsError: with everything that is wrong.
    """
    values: dict[str, Any] = {
        name: environment[PREFIX + name.upper()]
        for name in AirlockSettings.model_fields
        if PREFIX + name.upper() in environment
    }
    if "url" in values:
        values["url"] = values["url"].rstrip("/")
    values.setdefault("database", f"sqlite:///{values.get('root', '/srv/ecluse')}/control/ecluse.sqlite")
    try:
        return AirlockSettings.model_validate(values)
    except ValidationError as error:
        lines = (
            f"{PREFIX}{'.'.join(str(p) for p in item['loc']).upper()}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError("\n".join(lines)) from None
