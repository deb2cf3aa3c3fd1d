"""Prepares the data root of an enclave: folders, policies, secrets, certificates, accounts, data. It is idempotent."""

import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import docker
import yaml

from ecluse.data import synthesise
from ecluse.data.consolidate import consolidate, report_of
from ecluse.data.crosswalk import LINKS
from ecluse.data.linkage import link_sources
from ecluse.rules.settings import check_subdomains
from ecluse.rules.users import UnknownUsersError
from ecluse.steps.extract import extract_and_index
from ecluse.store.accounts import generate_password, generate_totp, set_password, totp_address
from ecluse.store.certificates import Pair, check_certificate, make_authority, make_certificate
from ecluse.store.database import upgrade
from ecluse.store.keys import make_release_key
from ecluse.store.owners import CONTROL, Owners, move_owners, prepared_for
from ecluse.store.papers import write_papers
from ecluse.store.platform import FOLDERS, EngineAwayError, engine_users
from ecluse.store.policy_files import read_policies

REPO = Path(__file__).parents[1]


@dataclass(frozen=True)
class DataRoot:
    """The data root of one enclave of this machine, and what decides what is written there."""

    name: str = "ecluse"
    root: Path = REPO / "build" / "enclave"
    port: int = 8000
    address: str = ""
    second_factor: str = ""
    upstream: str = ""
    identity: str = "local"
    subdomains: bool = False

    @property
    def url(self) -> str:
        """Address of the edge: as given, else plain HTTP on this machine alone, for demos."""
        return self.address.rstrip("/") or f"http://localhost:{self.port}"

    @property
    def factor(self) -> str:
        """Whether local accounts need codes: yes, unless this is a demo on this machine alone, or it was said."""
        demo = "required" if self.address else "where-set"
        return self.second_factor or os.environ.get("ECLUSE_SECOND_FACTOR", demo)

    @cached_property
    def owners(self) -> Owners:
        """Gives files to the services, by the engine's map of users.

        Raises:
            SystemExit: the map can't be told.
        """
        try:
            return Owners(engine_users())
        except (EngineAwayError, UnknownUsersError) as error:
            raise SystemExit(str(error)) from None

    def prepare(self, progress: Callable[[str], None] = lambda _: None) -> None:
        """Write what is missing: folders, policies, secrets, accounts, database, demo data and extracts.

        A data root that was prepared for an engine with another map of users is moved to this one's.
        """
        old, new = prepared_for(self.root), self.owners.map
        if old is not None and old != new:
            progress(f"{move_owners(self.root, old, new)} files from {old} to {new}")
        for folder, (uid, gid, mode) in FOLDERS.items():
            path = self.root / folder
            path.mkdir(parents=True, exist_ok=True)
            self.owners.give(path, uid, gid)
            path.chmod(mode)
        self._policies()
        self._secrets()
        self._provider_secrets()
        self._certificates()
        write_papers(self.root, self.name, datetime.now(UTC), self.owners)
        upgrade(f"sqlite:///{self.root / 'control' / 'ecluse.sqlite'}")
        for file in (self.root / "control").iterdir():
            self.owners.give(file, CONTROL, CONTROL)
            file.chmod(0o660)  # the gate writes its events too; SQLite gives its other files the same mode
        self._accounts()
        self._data(progress)

    def _policies(self) -> None:
        """The repository's policies, as a start; an image's digest is pinned to what was built here."""
        target = self.root / "policies"
        if not (target / "rules.yaml").exists():
            shutil.copytree(REPO / "policies", target, dirs_exist_ok=True)
        engine = docker.from_env()
        file = target / "images.yaml"
        images = yaml.safe_load(file.read_text())
        for image in images["images"].values():
            found = engine.images.list(name=image["reference"])
            if found:
                image["digest"] = found[0].id
        text = yaml.safe_dump(images, sort_keys=False)
        if file.read_text() != text:
            file.write_text(text)
        read_policies(target)

    def _secrets(self) -> None:
        pairs = {
            "proxy token": ["secrets/hub/proxy_token", "secrets/proxy/token"],
            "airlock token": ["secrets/hub/airlock_token", "secrets/airlock/hub_token"],
            "hub cookie": ["secrets/hub/cookie_secret"],
        }
        for paths in pairs.values():
            if not all((self.root / p).exists() for p in paths):
                value = secrets.token_hex(32)
                for path in paths:
                    self.owners.write(self.root / path, value.encode(), CONTROL)
        release = self.root / "secrets/airlock/release.key"
        if not release.exists():
            private, public = make_release_key()
            self.owners.write(release, private, CONTROL)
            (self.root / "public/release.pub").write_bytes(public)
        pseudonyms = self.root / "keys/pseudonyms.key"
        if not pseudonyms.exists():
            self.owners.write(pseudonyms, secrets.token_bytes(32), 0)

    def _provider_secrets(self) -> None:
        """With an identity provider: a key for what the hub keeps of it; the client's secret comes from there."""
        if self.identity != "oidc":
            return
        if read_policies(self.root / "policies").provider is None:
            raise SystemExit(f"{self.root}/policies/provider.yaml is missing: docs/how-to/sign-in-at-a-provider.md")
        secret, key = (self.root / "secrets/hub" / name for name in ("client_secret", "crypt_key"))
        if not secret.exists():
            raise SystemExit(f"{secret} is missing: write the secret there that the provider gave for this client")
        if not key.exists():
            self.owners.write(key, secrets.token_hex(32).encode(), CONTROL)
        for file in (secret, secret.with_name("provider-ca.pem")):
            if file.exists():
                self.owners.give(file, CONTROL, CONTROL)
                file.chmod(0o400)

    def _certificates(self) -> None:
        """Over TLS: the certificate that was put into secrets/edge, else one of a trial authority of our own.

        Raises:
            CertificateError: browsers would refuse it.
        """
        if not self.url.startswith("https"):
            return
        host, now = str(urlsplit(self.url).hostname), datetime.now(UTC)
        if self.subdomains:
            check_subdomains(self.url)
        names = [host, f"*.{host}"] if self.subdomains else [host]
        files = [self.root / "secrets/edge" / name for name in ("tls.crt", "tls.key")]
        authority = [self.root / "public/ca.pem", self.root / "secrets/ca.key"]
        if not all(f.exists() for f in files):
            if not all(f.exists() for f in authority):
                made = make_authority(self.name, now)
                authority[0].write_bytes(made.certificate)
                self.owners.write(authority[1], made.key, 0)
            pair = make_certificate(Pair(*(f.read_bytes() for f in authority)), host, now, *names[1:])
            for file, value in zip(files, (pair.certificate, pair.key), strict=True):
                self.owners.write(file, value, CONTROL)
        for name in names:
            check_certificate(Pair(*(f.read_bytes() for f in files)), name, now)
        for file in files:
            self.owners.give(file, CONTROL, CONTROL)
            file.chmod(0o400)

    def passwords(self) -> dict[str, str]:
        """Demo passwords by person. They lie outside the repository, readable by root alone."""
        return dict(yaml.safe_load((self.root / "demo-passwords.yaml").read_text()))

    def _accounts(self) -> None:
        if self.identity != "local":
            return
        file, accounts = self.root / "demo-passwords.yaml", self.root / "accounts" / "accounts.yaml"
        if file.exists() and accounts.exists():
            return
        people = read_policies(self.root / "policies").people
        made = {person: generate_password() for person in people}
        self.owners.write(file, yaml.safe_dump(made).encode(), 0)
        codes = {person: generate_totp() for person in people} if self.factor == "required" else {}
        if codes:
            shown = {person: totp_address(secret, person, self.name) for person, secret in codes.items()}
            self.owners.write(self.root / "demo-codes.yaml", yaml.safe_dump(shown).encode(), 0)
        for person, password in made.items():
            set_password(accounts, person, password, codes.get(person))
        self.owners.give(accounts, CONTROL, CONTROL)

    def _data(self, progress: Callable[[str], None]) -> None:
        sources, policies = self.root / "sources", read_policies(self.root / "policies")
        if not any(sources.iterdir()):
            synthesise(sources, policies.datasets, progress=progress)
        for dataset in policies.datasets.values():
            if dataset.persons and dataset.persons.match and not report_of(dataset, sources).exists():
                consolidate(dataset, sources, progress=progress)
        for linkage in policies.linkages.values():
            if not (sources / LINKS / f"{linkage.id}.parquet").exists():
                link_sources(linkage, policies.datasets, sources, progress=progress)
        for project in policies.projects:
            progress(f"extract for {project}")
            extract_and_index(
                policies,
                project,
                sources=sources,
                out=self.root / "extracts",
                keys=self.root / "keys",
                index=self.root / "index",
                now=datetime.now(UTC),
                progress=progress,
            )
        for path in (self.root / "index").rglob("*"):
            self.owners.give(path, 0, CONTROL)
            path.chmod(0o750 if path.is_dir() else 0o640)
