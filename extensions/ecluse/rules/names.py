"""Names with a checked shape, used instead of bare strings and ints.

Decides what may be called what. Worked example: `bacthub` is a project id; `Bacthub`, `bac--thub`, `-bac` and
`b` * 31 are not, because JupyterHub 6 would not accept them as server names (the project *is* the server's name).
"""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

ProjectId = Annotated[str, StringConstraints(pattern=r"^[a-z](?:-?[a-z0-9])*$", min_length=1, max_length=30)]
"""1 to 30 of a-z, 0-9 and single hyphens, starting with a letter: JupyterHub 6's rule for server names."""

PersonId = Annotated[str, StringConstraints(pattern=r"^[a-z](?:-?[a-z0-9])*$", min_length=1, max_length=40)]
"""Immutable id of a person, the same in hub, airlock and audit. Never an e-mail address."""

DatasetId = Annotated[str, StringConstraints(pattern=r"^[a-z](?:-?[a-z0-9])*$", min_length=1, max_length=40)]
"""Id of a dataset in the catalogue; also the name of its folder under /data."""

ImageId = Annotated[str, StringConstraints(pattern=r"^[a-z](?:-?[a-z0-9])*$", min_length=1, max_length=40)]
"""Key of an allowed image in `images.yaml`."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=63)]
"""A table or column name. Letters, digits and underscore only: it is quoted into SQL."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""Lower-case hex digest of SHA-256."""

ImageDigest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""Content id of a container image."""

Threshold = Annotated[int, Field(ge=3, le=1000)]
"""Minimum count of persons behind a published number."""

Instant = AwareDatetime
"""A moment with its time zone. Naive times are refused: two machines read them differently."""


class Strict(BaseModel):
    """A frozen model that refuses unknown keys, so that a misspelt rule is an error and not a hole."""

    model_config = ConfigDict(extra="forbid", frozen=True)


__all__ = [
    "DatasetId",
    "Identifier",
    "ImageDigest",
    "ImageId",
    "Instant",
    "PersonId",
    "ProjectId",
    "Sha256",
    "Strict",
    "Threshold",
]
