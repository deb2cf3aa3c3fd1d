"""Settings of the gate, from the environment; checked at once and strictly."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ecluse.rules.names import Strict
from ecluse.rules.settings import read
from ecluse.rules.workspace import Name

SMALLEST, LARGEST = 16, 29


class GateSettings(Strict):
    """Everything the gate is told from outside. What the plan depends on is the same as the hub's."""

    name: Name = "ecluse"
    root: Path = Path("/srv/ecluse")
    host_root: Annotated[str, Field(pattern=r"^/[^\s:]*$")]
    database: str
    subnets: IPv4Network = IPv4Network("10.213.0.0/16")
    subnet_bits: int = Field(default=27, ge=SMALLEST, le=LARGEST)
    gpus: int | Literal["auto"] = "auto"
    idle_minutes: int = Field(default=60, ge=5)
    readers: int = Field(default=1000, ge=1, description="group of workspaces, as this machine numbers it")
    measure_seconds: float = Field(default=20, ge=1, description="between two looks at what workspaces keep")
    engine: Annotated[str, Field(pattern=r"^unix:///")] = "unix:///var/run/docker.sock"

    @model_validator(mode="after")
    def _subnets_fit(self) -> Self:
        if self.subnet_bits < self.subnets.prefixlen:
            raise ValueError(f"ECLUSE_SUBNET_BITS={self.subnet_bits} does not fit into the pool {self.subnets}")
        return self

    @property
    def policies(self) -> Path:
        """Folder of the policies."""
        return self.root / "policies"

    @property
    def places(self) -> Path:
        """Who is where, for the mirror of packages."""
        return self.root / "places" / "addresses.json"

    @property
    def papers(self) -> Path:
        """Keys and certificates of workspaces."""
        return self.root / "papers"

    @property
    def secrets(self) -> Path:
        """The authority that signs for workspaces."""
        return self.root / "secrets" / "gate"

    @property
    def socket(self) -> Path:
        """The gate's own socket, which the hub sees."""
        return self.root / "gate" / "engine.sock"


def read_settings(environment: Mapping[str, str]) -> GateSettings:
    """The settings from `ECLUSE_*` variables.

    Raises:
        SettingsError: with everything that is wrong.
    """
    return read(GateSettings, environment)
