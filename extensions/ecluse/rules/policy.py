"""The policies: who may do what with which data, as values.

Reading files, with line numbers, is `ecluse.store.policy_files`; whether they make sense together, `problems`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .dataset import Dataset
from .linkage import Linkage
from .names import ImageDigest, Strict, Threshold
from .packages import Package
from .people import Person, Provider
from .project import Project, Tier


class ImageUse(StrEnum):
    """What an image is for: a workspace, one with a browser of its own, or the pane that shows that browser."""

    WORKSPACE = "workspace"
    SEALED = "sealed"
    PANE = "pane"


class Image(Strict):
    """An image that workspaces may start from."""

    reference: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._/:-]*$", max_length=200)]
    digest: ImageDigest | None = Field(default=None, description="content id; a start by any other is refused")
    gpu: bool = False
    use: ImageUse = ImageUse.WORKSPACE
    description: str = ""


class OutputRules(Strict):
    """Rules of output checking and review, `policies/rules.yaml`."""

    minimum_count: Threshold = 11
    reviewers: int = Field(default=2, ge=2, le=5, description="independent reviewers who have to agree")
    open_requests: int = Field(default=1, ge=1, le=20, description="open requests per person and project")
    max_files: int = Field(default=100, ge=1, le=1000)
    max_file_bytes: int = Field(default=16 * 1024 * 1024, ge=1024, le=1024**3)
    sent_per_day_bytes: int = Field(
        default=4 * 1024**3, ge=1024, le=1024**4, description="files that one person may send within 24 hours"
    )
    max_rows: int = Field(default=5000, ge=1, le=10_000_000, description="rows of a released table")
    check_seconds: int = Field(default=120, ge=5, le=3600, description="longest check of one request")
    minimum_dof: int = Field(default=10, ge=1, le=1000, description="residual degrees of freedom of a model")
    attack_auc: float = Field(default=0.6, ge=0.5, le=1, description="how well an attack on a model may do (AUC)")
    attack_tpr: float = Field(default=0.01, ge=0, le=1, description="share of members that an attack may find surely")
    dominance_share: float = Field(default=0.9, gt=0, le=1, description="share of a sum that the top two may hold")


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything in force, after `problems` found none."""

    people: dict[str, Person]
    projects: dict[str, Project]
    datasets: dict[str, Dataset]
    images: dict[str, Image]
    rules: OutputRules
    linkages: dict[str, Linkage] = field(default_factory=dict)
    provider: Provider | None = None
    packages: dict[str, Package] = field(default_factory=dict)

    def minimum_count(self, project: str) -> int:
        """The strictest minimum count over the datasets that a project is granted."""
        found = self.projects.get(project)
        counts = [self.datasets[d].minimum_count or 0 for d in found.permit] if found else []
        return max([self.rules.minimum_count, *counts])

    def compared_with(self, project: str) -> list[str]:
        """Projects against whose releases those of a project are held: itself first, then those that its data name."""
        found = self.projects.get(project)
        shared = {name for name in (found.permit if found else ()) if self.datasets[name].compare_projects}
        return [project, *(p for p in sorted(self.projects) if p != project and shared & set(self.projects[p].permit))]

    def projects_of(self, person: str) -> list[Project]:
        """Projects that name the person as a member, by id."""
        return [p for _, p in sorted(self.projects.items()) if person in p.members]


def image_use(project: Project) -> ImageUse:
    """The use that a project's image has to be for."""
    return ImageUse.SEALED if project.tier is Tier.SEALED else ImageUse.WORKSPACE
