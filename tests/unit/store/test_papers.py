"""Who has which certificate inside, whom each takes for whom, and when they are made anew."""

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecluse.rules.papers import CERTIFICATE, KEY, TRUSTED
from ecluse.store import papers
from ecluse.store.certificates import Pair
from ecluse.store.papers import AUTHORITY, AUTHORITY_KEY, BEARERS, Bearer, sign_workspace, write_papers
from ecluse.tls import answering, asking

NOW = datetime.now(UTC)
HOST = "4f1d2c3b4a59.ecluse-project-alpha"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root with papers, owned by whoever runs the test."""
    mine = {n: Bearer(os.getuid(), b.names, b.trusts_workspaces, b.knows_workspaces) for n, b in BEARERS.items()}
    monkeypatch.setattr(papers, "BEARERS", mine)
    monkeypatch.setattr(papers, "GATE", os.getuid())
    monkeypatch.setattr(papers, "ROOT", os.getuid())
    for folder in ("public", "secrets/gate", *(f"secrets/{b}" for b in BEARERS)):
        (tmp_path / folder).mkdir(parents=True)
    assert set(write_papers(tmp_path, "ecluse", NOW)) == {*BEARERS, "gate"}
    return tmp_path


def workspace(root: Path, host: str = HOST, folder: str = "papers") -> Path:
    """The folder of a workspace's papers, as the gate writes it."""
    gate, made = root / "secrets/gate", root / folder
    authority = Pair((gate / AUTHORITY).read_bytes(), (gate / AUTHORITY_KEY).read_bytes())
    pair = sign_workspace(authority, host, NOW, timedelta(hours=13))
    made.mkdir()
    (made / CERTIFICATE).write_bytes(pair.certificate)
    (made / KEY).write_bytes(pair.key)
    (made / TRUSTED).write_bytes((gate / TRUSTED).read_bytes())
    return made


def meet(caller: ssl.SSLContext, server: ssl.SSLContext, name: str) -> str:
    """A handshake in memory: `met`, or why one of both turned the other down."""
    to_server, to_caller = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = caller.wrap_bio(to_caller, to_server, server_hostname=name)
    other = server.wrap_bio(to_server, to_caller, server_side=True)
    met: set[ssl.SSLObject] = set()
    for _ in range(10):
        for side in (one, other):
            try:
                side.do_handshake()
                met.add(side)
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as error:
                return error.reason or type(error).__name__
    return "met" if met == {one, other} else "no end"


def test_services_meet_by_their_names(root: Path) -> None:
    secrets = root / "secrets"
    for caller, server, name in (
        ("edge", "proxy", "proxy"), ("hub", "proxy", "proxy-api"), ("proxy", "hub", "hub"), ("airlock", "hub", "hub"),
        ("proxy", "airlock", "airlock"), ("hub", "airlock", "airlock"), ("hub", "hub", "localhost"),
    ):  # fmt: skip
        assert meet(asking(secrets / caller), answering(secrets / server, anyone=False), name) == "met"
        assert meet(asking(secrets / caller), answering(secrets / server, anyone=False), "other") != "met"


def test_who_has_no_certificate_of_the_enclave_is_not_answered(root: Path) -> None:
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    stranger.load_verify_locations(root / "public/services.pem")
    hub = root / "secrets/hub"
    assert meet(stranger, answering(hub, anyone=False), "hub") == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
    assert meet(stranger, answering(root / "secrets/mirror", anyone=True), "mirror") == "met"
    knows_nobody = ssl.create_default_context()
    assert meet(knows_nobody, answering(hub, anyone=False), "hub") == "CERTIFICATE_VERIFY_FAILED"


def test_workspace_meets_hub_and_mirror_and_poses_as_neither(root: Path) -> None:
    ada, secrets = workspace(root), root / "secrets"
    assert meet(asking(ada), answering(secrets / "hub", anyone=False), "hub") == "met"
    assert meet(asking(ada), answering(secrets / "mirror", anyone=True), "mirror") == "met"
    assert meet(asking(ada), answering(secrets / "airlock", anyone=False), "airlock") != "met"
    # Even with a certificate of the right name: workspaces and services don't believe the workspaces' authority.
    posing = workspace(root, "hub", "posing")
    for caller in (ada, secrets / "proxy", secrets / "airlock", secrets / "edge"):
        assert meet(asking(caller), answering(posing, anyone=True), "hub") == "CERTIFICATE_VERIFY_FAILED"


def test_workspace_is_taken_for_itself_and_answers_to_services_alone(root: Path) -> None:
    ada, ben, hub = workspace(root), workspace(root, "5a6b7c8d9e0f.ecluse-project-alpha", "ben"), root / "secrets/hub"
    assert meet(asking(hub), answering(ada, anyone=False), HOST) == "met"
    assert meet(asking(hub), answering(ben, anyone=False), HOST) == "CERTIFICATE_VERIFY_FAILED"
    assert meet(asking(ben), answering(ada, anyone=False), HOST) != "met"


def test_keys_are_for_their_owner_alone(root: Path) -> None:
    for file in (root / "secrets").rglob("*"):
        assert file.is_dir() or file.stat().st_mode & 0o777 == 0o400, file
    assert (root / "public/services.pem").stat().st_mode & 0o777 == 0o444


def test_papers_stay_until_a_third_of_their_life_is_left(root: Path) -> None:
    before = {f: f.read_bytes() for f in (root / "secrets").rglob("*") if f.is_file()}
    assert write_papers(root, "ecluse", NOW + timedelta(days=260)) == ()
    assert {f: f.read_bytes() for f in before} == before
    assert set(write_papers(root, "ecluse", NOW + timedelta(days=270))) == set(BEARERS)
    authority = root / "secrets/gate" / AUTHORITY
    assert authority.read_bytes() == before[authority]


@pytest.mark.parametrize("name", [KEY, CERTIFICATE, TRUSTED])
def test_what_is_missing_or_of_another_is_made_again(root: Path, name: str) -> None:
    (root / "secrets/hub" / name).unlink()
    assert write_papers(root, "ecluse", NOW) == ("hub",)
    (root / "secrets/hub" / name).unlink()
    (root / "secrets/hub" / name).write_bytes((root / "secrets/airlock" / name).read_bytes())
    assert write_papers(root, "ecluse", NOW) == ("hub",)
    assert write_papers(root, "ecluse", NOW) == ()
