"""The spawn plan, field by field and refusal by refusal."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.policy import Image, ImageUse, Policies
from ecluse.rules.problems import problems
from ecluse.rules.project import Tier
from ecluse.rules.workspace import (
    Mount,
    MountKind,
    SpawnPlan,
    SpawnSettings,
    plan_workspace,
    project_network,
    project_of_network,
)
from policies import FILES, policies

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SETTINGS = SpawnSettings(host_root="/srv/root/")
DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def good(tmp_path: Path) -> Policies:
    return policies(tmp_path)


def change(found: Policies, project: str = "alpha", **changes: Any) -> Policies:
    changed = found.projects[project].model_copy(update=changes)
    return Policies(found.people, {**found.projects, project: changed}, found.datasets, found.images, found.rules)


def plan(found: Policies, person: str = "ada", project: str = "alpha", **more: Any) -> SpawnPlan:
    settings = more.pop("settings", SETTINGS)
    made = plan_workspace(found, person, project, NOW, settings, **more)
    assert isinstance(made, SpawnPlan), made
    return made


def refusal(found: Policies, person: str = "ada", project: str = "alpha", **more: Any) -> Refused:
    settings = more.pop("settings", SETTINGS)
    made = plan_workspace(found, person, project, more.pop("now", NOW), settings, **more)
    assert isinstance(made, Refused), made
    return made


def test_mounts_are_granted_data_project_and_home_and_nothing_else(good: Policies) -> None:
    bind, volume = MountKind.BIND, MountKind.VOLUME
    assert plan(good).mounts == (
        Mount(kind=bind, source="/srv/root/extracts/alpha/current/claims", target="/data/claims", read_only=True),
        Mount(kind=volume, source="ecluse_project_alpha", target="/project", read_only=False),
        Mount(kind=volume, source="ecluse_home_alpha_ada", target="/home/researcher", read_only=False),
        Mount(kind=bind, source="/srv/root/papers/ecluse_alpha_ada", target="/run/ecluse", read_only=True),
    )


def test_every_granted_dataset_is_mounted(tmp_path: Path) -> None:
    text = FILES["datasets/claims.yaml"]
    more = {"datasets/stays.yaml": text.replace("id: claims", "id: stays")}
    grant = FILES["projects/alpha.yaml"] + "  stays:\n    agreed: 2025-12-01\n    tables: {ACTS: {columns: [CODE]}}\n"
    found = policies(tmp_path, **more, **{"projects/alpha.yaml": grant})
    targets = [m.target for m in plan(found).mounts if m.target.startswith("/data/")]
    assert targets == ["/data/claims", "/data/stays"]
    assert [m.target for m in plan(found, "ben", "beta").mounts if m.target.startswith("/data/")] == ["/data/claims"]


def test_members_share_the_project_and_not_the_home(good: Policies) -> None:
    ada, mem = plan(good), plan(good, "mem")
    assert ada.mounts[1] == mem.mounts[1]
    assert ada.mounts[2].source != mem.mounts[2].source
    assert ada.container != mem.container
    assert ada.network == mem.network == "ecluse-project-alpha"


def test_no_two_pairs_share_a_name(tmp_path: Path) -> None:
    people = FILES["people.yaml"] + "  b-c: {name: B, trained_until: 2027-12-31, terms_accepted: 2026-01-01}\n"
    people += "  c: {name: C, trained_until: 2027-12-31, terms_accepted: 2026-01-01}\n"
    one = FILES["projects/beta.yaml"].replace("id: beta", "id: a").replace("{ben: lead}", "{b-c: lead}")
    two = FILES["projects/beta.yaml"].replace("id: beta", "id: a-b").replace("{ben: lead}", "{c: lead}")
    found = policies(tmp_path, **{"people.yaml": people, "projects/a.yaml": one, "projects/a-b.yaml": two})
    first, second = plan(found, "b-c", "a"), plan(found, "c", "a-b")
    assert first.container != second.container
    assert {m.source for m in first.mounts}.isdisjoint(m.source for m in second.mounts)


def test_limits_are_those_of_the_permit(good: Policies) -> None:
    limits = plan(good).limits
    assert (limits.cpus, limits.memory, limits.pids, limits.hours) == (1.0, 2048 * 1024**2, 512, 12)
    assert limits.tmp == 1024**3
    assert limits.shared_memory == 512 * 1024**2


def test_small_workspaces_get_a_small_tmp(good: Policies) -> None:
    spec = good.projects["alpha"].workspace.model_copy(update={"memory_mib": 256})
    limits = plan(change(good, workspace=spec)).limits
    assert limits.tmp == 128 * 1024**2
    assert limits.shared_memory == 64 * 1024**2


def test_container_has_no_privileges(good: Policies) -> None:
    made = plan(good)
    assert made.user == "1000:1000"
    assert made.dropped == ("ALL",)
    assert made.read_only_root
    assert made.no_new_privileges
    assert made.dns == ("192.0.2.1",)


def test_pinned_image_is_started_by_its_content(good: Policies) -> None:
    assert plan(good).image == "ecluse/workspace:0.1"
    image = good.images["workspace"].model_copy(update={"digest": DIGEST})
    found = Policies(good.people, good.projects, good.datasets, {**good.images, "workspace": image}, good.rules)
    assert plan(found).image == DIGEST


def test_environment_and_labels_name_project_and_person(good: Policies) -> None:
    made = plan(good)
    assert made.environment["ECLUSE_PROJECT"] == "alpha"
    assert made.environment["ECLUSE_PERSON"] == "ada"
    assert made.environment["ECLUSE_AIRLOCK_URL"] == "https://proxy:8000/services/airlock"
    assert made.labels == {
        "org.ecluse.enclave": "ecluse",
        "org.ecluse.project": "alpha",
        "org.ecluse.person": "ada",
    }


def test_kernels_use_ipc_and_busy_ones_are_spared(good: Policies) -> None:
    arguments = plan(good, settings=SpawnSettings(host_root="/r", idle_minutes=10)).arguments
    assert "--KernelManager.transport=ipc" in arguments
    assert "--MappingKernelManager.cull_busy=False" in arguments
    assert "--MappingKernelManager.cull_idle_timeout=600" in arguments


def test_name_of_the_enclave_prefixes_everything(good: Policies) -> None:
    made = plan(good, settings=SpawnSettings(name="two", host_root="/r"))
    assert made.container == "two_alpha_ada"
    assert made.network == "two-project-alpha"
    assert {m.source for m in made.mounts if m.kind is MountKind.VOLUME} == {"two_project_alpha", "two_home_alpha_ada"}


def test_permits_rules_come_first(good: Policies) -> None:
    assert refusal(good, "ben").reason is Reason.NOT_A_MEMBER
    assert refusal(good, "nobody").reason is Reason.UNKNOWN_PERSON
    assert refusal(good, project="nothing").reason is Reason.NOT_A_MEMBER
    assert refusal(good, now=datetime(2027, 1, 1, tzinfo=UTC)).reason is Reason.PROJECT_EXPIRED
    assert refusal(change(good, paused=True)).reason is Reason.PROJECT_PAUSED
    assert refusal(change(good, starts=date(2026, 12, 1))).reason is Reason.PROJECT_NOT_STARTED


def test_image_has_to_be_on_the_list(good: Policies) -> None:
    spec = good.projects["alpha"].workspace.model_copy(update={"image": "other"})
    refused = refusal(change(good, workspace=spec))
    assert refused.reason is Reason.IMAGE_NOT_ALLOWED
    assert "'other'" in refused.message


@pytest.mark.parametrize(
    ("wanted", "has", "sentence"),
    [(1, 0, "asks for 1 GPU, but this machine has none"), (3, 2, "asks for 3 GPUs, but this machine has 2")],
)
def test_gpu_that_is_not_there_is_refused(good: Policies, wanted: int, has: int, sentence: str) -> None:
    spec = good.projects["alpha"].workspace.model_copy(update={"image": "gpu", "gpus": wanted})
    refused = refusal(change(good, workspace=spec), settings=SpawnSettings(host_root="/r", gpus=has))
    assert refused.reason is Reason.NO_GPU
    assert sentence in refused.message
    assert refused.fix


def test_gpu_that_is_there_is_planned(good: Policies) -> None:
    spec = good.projects["alpha"].workspace.model_copy(update={"image": "gpu", "gpus": 2})
    assert plan(change(good, workspace=spec), settings=SpawnSettings(host_root="/r", gpus=2)).gpus == 2
    assert plan(good, settings=SpawnSettings(host_root="/r", gpus=2)).gpus == 0


def test_gpu_needs_an_image_for_it(good: Policies) -> None:
    spec = good.projects["alpha"].workspace.model_copy(update={"gpus": 1})
    refused = refusal(change(good, workspace=spec), settings=SpawnSettings(host_root="/r", gpus=1))
    assert refused.reason is Reason.IMAGE_NOT_ALLOWED


def test_sealed_project_never_starts_as_a_plain_one(good: Policies) -> None:
    assert refusal(change(good, tier=Tier.SEALED)).reason is Reason.TIER_NOT_AVAILABLE


SEALED = {
    "sealed": Image(reference="ecluse/sealed:0.1", use=ImageUse.SEALED),
    "pane": Image(reference="ecluse/pane:0.1", digest=DIGEST, use=ImageUse.PANE),
}


def sealed(found: Policies, **workspace: Any) -> Policies:
    """The policies with sealed sessions, and `alpha` as a sealed project."""
    spec = found.projects["alpha"].workspace.model_copy(update={"image": "sealed", **workspace})
    changed = change(found, tier=Tier.SEALED, workspace=spec)
    return Policies(changed.people, changed.projects, changed.datasets, {**changed.images, **SEALED}, changed.rules)


def test_pane_has_a_network_and_no_data(good: Policies) -> None:
    pane = plan(sealed(good))
    assert (pane.image, pane.network, pane.user) == (DIGEST, "ecluse-project-alpha", "10004:1000")
    assert pane.container == "ecluse_alpha_ada"
    assert [(m.source, m.target) for m in pane.mounts] == [
        ("ecluse_pane_alpha_ada", "/run/pane"),
        ("/srv/root/papers/ecluse_alpha_ada", "/run/ecluse"),
    ]
    assert pane.environment["JUPYTERHUB_SSL_KEYFILE"] == "/run/ecluse/inside.key"
    assert pane.limits.memory == 512 * 1024**2
    assert pane.arguments == ()
    assert pane.environment["ECLUSE_PASTE"] == "0"


def test_pip_asks_the_mirror_and_takes_wheels_alone(good: Policies) -> None:
    found = plan(good)
    assert isinstance(found, SpawnPlan)
    assert {k: v for k, v in found.environment.items() if k.startswith("PIP_")} == {
        "PIP_INDEX_URL": "https://mirror:8083/simple/",
        "PIP_CERT": "/run/ecluse/trusted.pem",
        "PIP_DEFAULT_TIMEOUT": "300",
        "PIP_ONLY_BINARY": ":all:",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }


def test_what_is_inside_has_the_data_and_no_network(good: Policies) -> None:
    pane, plain = plan(sealed(good)), plan(good)
    inside = pane.inside
    assert inside is not None
    assert (inside.image, inside.network, inside.user) == ("ecluse/sealed:0.1", "none", "1000:1000")
    assert inside.container == "ecluse_alpha_ada_inside"
    *data_and_volumes, papers = plain.mounts
    assert pane.mounts == (inside.mounts[-1], papers)
    assert inside.mounts == (*data_and_volumes, pane.mounts[0])
    assert not [n for n in inside.environment if n.startswith("JUPYTERHUB_SSL") or n == "PIP_CERT"]
    assert inside.limits == plain.limits
    assert inside.labels == {**plain.labels, "org.ecluse.inside": "true"}
    assert inside.environment["ECLUSE_AIRLOCK_URL"].startswith("http://127.0.0.1:")
    assert inside.environment["PIP_NO_INDEX"] == "1"
    assert inside.inside is None


def test_terminals_are_for_the_policy_to_allow(good: Policies) -> None:
    spec = good.projects["alpha"].workspace.model_copy(update={"terminals": True})
    assert plan(good).environment["ECLUSE_TERMINALS"] == "0"
    assert plan(change(good, workspace=spec)).environment["ECLUSE_TERMINALS"] == "1"
    inside = plan(sealed(good, terminals=True)).inside
    assert inside is not None
    assert inside.environment["ECLUSE_TERMINALS"] == "1"


def test_pasting_is_for_the_policy_to_allow(good: Policies) -> None:
    assert plan(sealed(good, paste=True)).environment["ECLUSE_PASTE"] == "1"


def test_gpu_is_inside_and_not_at_the_pane(good: Policies) -> None:
    found = sealed(good, gpus=1)
    found.images["sealed"] = found.images["sealed"].model_copy(update={"gpu": True})
    pane = plan(found, settings=SpawnSettings(host_root="/r", gpus=1))
    assert pane.gpus == 0
    assert pane.inside is not None
    assert pane.inside.gpus == 1


@pytest.mark.parametrize(
    ("tier", "image"), [(Tier.SEALED, "workspace"), (Tier.STANDARD, "sealed"), (Tier.SENSITIVE, "pane")]
)
def test_image_is_for_the_tier(good: Policies, tier: Tier, image: str) -> None:
    found = sealed(good, image=image)
    found.projects["alpha"] = found.projects["alpha"].model_copy(update={"tier": tier})
    assert refusal(found).reason is Reason.IMAGE_NOT_ALLOWED
    assert [p.key for p in problems(found)] == [("workspace", "image")]
    assert list(problems(sealed(good))) == []


def test_sealed_projects_run_alone(good: Policies) -> None:
    assert refusal(sealed(good), running=["beta"]).reason is Reason.OTHER_PROJECT_RUNNING


def test_sensitive_projects_run_alone(good: Policies) -> None:
    sensitive = change(good, tier=Tier.SENSITIVE)
    refused = refusal(sensitive, running=["beta"])
    assert refused.reason is Reason.OTHER_PROJECT_RUNNING
    assert "'beta'" in refused.message
    plan(sensitive, running=["alpha"])
    plan(sensitive, running=[])


def test_nothing_starts_beside_a_sensitive_project(good: Policies) -> None:
    found = change(good, "beta", tier=Tier.SENSITIVE)
    assert refusal(found, running=["beta"]).reason is Reason.OTHER_PROJECT_RUNNING
    # A project that is gone from the policies but still runs could have been sensitive.
    assert "'gone'" in refusal(good, running=["gone"]).message
    plan(good, running=["beta"])


def test_networks_are_known_by_their_name() -> None:
    assert project_of_network("ecluse", project_network("ecluse", "alpha")) == "alpha"
    assert project_of_network("ecluse", "bridge") is None
    assert project_of_network("ecluse", "other-project-alpha") is None


@pytest.mark.parametrize("root", ["relative", ""])
def test_data_root_is_absolute(root: str) -> None:
    with pytest.raises(ValidationError):
        SpawnSettings(host_root=root)


def test_plan_is_a_value_that_can_be_compared(good: Policies) -> None:
    # The gate to the engine computes the plan again and compares.
    assert plan(good) == plan(good)
    assert SpawnPlan.model_validate_json(plan(good).model_dump_json()) == plan(good)
