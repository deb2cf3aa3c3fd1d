"""Settings of mirror and fetcher, from the environment; checked at once and strictly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ecluse.rules.names import Strict
from ecluse.rules.settings import read

Url = Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$", max_length=500)]


class MirrorSettings(Strict):
    """What both services are told from outside. Only the fetcher is given an upstream."""

    root: Path = Path("/srv/ecluse")
    port: int = Field(default=8083, ge=1, le=65535)
    packages_upstream: Url | None = Field(
        default=None, description="a simple index (PEP 503 or 691); its password is a file, never part of the address"
    )
    packages_proxy: Url | None = Field(default=None, description="HTTP proxy on the way to the upstream")
    packages_minutes: int = Field(default=30, ge=1, le=1440, description="how often indexes are fetched anew")
    packages_patience: float = Field(default=240, gt=0, le=3600, description="seconds that a caller waits for a file")

    @property
    def policies(self) -> Path:
        """Folder of the policies; only its part `packages` is there."""
        return self.root / "policies"

    @property
    def places(self) -> Path:
        """Who is where, as the gate tells."""
        return self.root / "places" / "addresses.json"

    @property
    def cache(self) -> Path:
        """What the fetcher has fetched."""
        return self.root / "packages"

    @property
    def wanted(self) -> Path:
        """Hashes that callers wait for."""
        return self.root / "asked" / "wanted"

    @property
    def requests(self) -> Path:
        """Requests for packages that are not allowed."""
        return self.root / "asked" / "requests"

    @property
    def papers(self) -> Path:
        """Folder of the mirror's own key and certificate."""
        return self.root / "secrets" / "mirror"

    @property
    def secrets(self) -> Path:
        """The fetcher's: `login` (`name:password`) and `ca.pem`, each if the upstream needs it."""
        return self.root / "secrets" / "fetcher"


def read_settings(environment: Mapping[str, str]) -> MirrorSettings:
    """The settings from `ECLUSE_*` variables.

    Raises:
        SettingsError: with everything that is wrong.
    """
    return read(MirrorSettings, environment)
