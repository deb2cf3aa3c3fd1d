"""Settings of the airlock: from the environment, checked at once and strictly. Secrets are files, read in `app`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from ecluse.rules.names import Strict
from ecluse.rules.settings import Subdomains, read

BASE = "/services/airlock"
"""Where the hub's proxy puts the airlock."""

Url = Annotated[str, Field(pattern=r"^https?://[^/\s?#]+$")]


class AirlockSettings(Strict):
    """Everything the airlock is told from outside."""

    name: str = "ecluse"
    url: Url = "http://localhost:8000"
    subdomains: Subdomains = "no"
    root: Path = Path("/srv/ecluse")
    database: str = Field(min_length=1)
    hub_api: Annotated[str, Field(pattern=r"^https://\S+/hub/api$")] = "https://hub:8081/hub/api"

    @field_validator("url", mode="before")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

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
    return read(AirlockSettings, environment)
