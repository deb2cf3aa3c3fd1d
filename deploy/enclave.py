"""Sets up, starts and stops an enclave on this machine: data root, secrets, accounts, data, services.

    python deploy/enclave.py prepare|up|down|clean [--name N] [--root DIR] [--port P] [--url https://HOST[:PORT]]
        [--identity local|oidc] [--subdomains]

Several enclaves can run side by side under different names; tests use that. Everything is idempotent. What `prepare`
writes is in `data_root.py`.
"""

import argparse
import os
import shutil
import ssl
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import docker
import httpx

from data_root import DataRoot
from ecluse.store.owners import CONTROL, GATE, READERS, prepared_for
from ecluse.store.papers import write_papers
from ecluse.store.policy_files import read_policies

REPO = Path(__file__).parents[1]
LABEL = "org.ecluse.enclave"


@dataclass(frozen=True)
class Enclave(DataRoot):
    """One enclave of this machine."""

    @property
    def trusted(self) -> ssl.SSLContext | bool:
        """What a client on this machine proves the edge's certificate with."""
        own = self.root / "public" / "ca.pem"
        return ssl.create_default_context(cafile=str(own)) if self.url.startswith("https") and own.exists() else True

    def compose(self, *arguments: str) -> None:
        """Run compose on this enclave's services. Debian's docker-compose serves where the plugin is missing."""
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
        command = ["docker", "compose"] if plugin else ["docker-compose"]
        socket, users = Path("/var/run/docker.sock").stat().st_gid, self.owners.map
        environment = {
            **os.environ,
            "ECLUSE_NAME": self.name,
            "ECLUSE_PORT": str(self.port),
            "ECLUSE_URL": self.url,
            "ECLUSE_HOST_ROOT": str(self.root.resolve()),
            "DOCKER_GID": str(socket),
            "ECLUSE_GATE_USERNS": "host" if users.on else "",
            "ECLUSE_GATE_USER": f"{users.user(GATE)}:{users.group(CONTROL)}",
            "ECLUSE_READERS": str(users.group(READERS)),
            "ECLUSE_SECOND_FACTOR": self.factor,
            "ECLUSE_IDENTITY": self.identity,
            "ECLUSE_SUBDOMAINS": "yes" if self.subdomains else "no",
        }
        profiles = []
        if upstream := self.upstream or os.environ.get("ECLUSE_PACKAGES_UPSTREAM", ""):
            environment["ECLUSE_PACKAGES_UPSTREAM"] = upstream
            profiles.append("packages")
        if self.identity == "oidc" and "up" in arguments:
            environment["ECLUSE_PROVIDER"] = self._provider_address()
            profiles.append("oidc")
        if profiles:
            environment["COMPOSE_PROFILES"] = ",".join(profiles)
        done = subprocess.run(
            [*command, "-p", self.name, "-f", str(REPO / "deploy" / "compose.yaml"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")

    def _provider_address(self) -> str:
        """The door's one host and port, out of the policies: there is no second place to write it."""
        provider = read_policies(self.root / "policies").provider
        if provider is None:
            raise RuntimeError("policies/provider.yaml is missing: docs/how-to/sign-in-at-a-provider.md")
        issuer = urlsplit(provider.issuer)
        return f"{issuer.hostname}:{issuer.port or 443}"

    def up(self, *, seconds: float = 120) -> None:
        """Start the services and wait until the edge, the hub and the airlock answer.

        Certificates that are due are made anew; who ran with the old ones is started again.

        Raises:
            SystemExit: the data root is for an engine that numbers users otherwise: nobody could read their files.
        """
        old, new = prepared_for(self.root), self.owners.map
        if old != new:
            raise SystemExit(
                f"{self.root} was prepared for {old or 'nothing yet'}, and this engine has {new}: run "
                "'deploy/enclave.py prepare' again, which gives the files to their new owners and loses nothing. "
                "What to do about homes: docs/how-to/map-users.md"
            )
        renewed = write_papers(self.root, self.name, datetime.now(UTC), self.owners)
        self.compose("up", "-d")
        if renewed:
            self.compose("restart", *renewed)
        until = time.monotonic() + seconds
        while True:
            try:
                if all(self._answers(page) for page in ("/hub/health", "/services/airlock/health")):
                    return
            except httpx.HTTPError:
                pass
            if time.monotonic() > until:
                raise TimeoutError(f"{self.url} did not answer in {seconds:.0f} s; see: docker logs {self.name}-hub")
            time.sleep(0.3)

    def _answers(self, page: str) -> bool:
        """Whether a page is served; a name below `localhost` is this machine (RFC 6761), which few resolvers know."""
        url = urlsplit(self.url)
        host, local = str(url.hostname), str(url.hostname).endswith(".localhost")
        address = f"{url.scheme}://127.0.0.1:{url.port or 443}" if local else self.url
        asked = {"headers": {"Host": url.netloc}, "extensions": {"sni_hostname": host}} if local else {}
        with httpx.Client(base_url=address, timeout=5, verify=self.trusted) as client:
            return client.get(page, **asked).is_success  # type: ignore[arg-type]

    def down(self) -> None:
        """Stop everything of this enclave: workspaces, services, networks. Data, homes and images stay."""
        engine = docker.from_env()
        mine: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={self.name}"}
        for container in engine.containers.list(all=True, filters=mine):
            container.remove(force=True)
        if (REPO / "deploy" / "compose.yaml").exists():
            self.compose("down", "--remove-orphans")
        for network in engine.networks.list(filters=mine):
            network.remove()

    def clean(self) -> None:
        """Stop everything and remove data, homes and project folders of this enclave."""
        self.down()
        for volume in docker.from_env().volumes.list(filters={"label": f"{LABEL}={self.name}"}):
            volume.remove()
        if self.root.exists():
            shutil.rmtree(self.root)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["prepare", "up", "down", "clean"])
    parser.add_argument("--name", default=os.environ.get("ECLUSE_NAME", "ecluse"))
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("ECLUSE_ROOT", REPO / "build" / "enclave")))
    parser.add_argument("--port", type=int, default=int(os.environ.get("ECLUSE_PORT", "8000")))
    parser.add_argument("--url", default=os.environ.get("ECLUSE_URL", ""), help="address that people use, https")
    identity = os.environ.get("ECLUSE_IDENTITY", "local")
    parser.add_argument("--identity", choices=["local", "oidc"], default=identity, help="how people sign in")
    below = os.environ.get("ECLUSE_SUBDOMAINS") == "yes"
    parser.add_argument("--subdomains", action="store_true", default=below, help="a name of their own for each person")
    options = parser.parse_args()
    enclave = Enclave(
        options.name,
        options.root,
        options.port,
        options.url,
        identity=options.identity,
        subdomains=options.subdomains,
    )
    match options.action:
        case "prepare":
            enclave.prepare(print)
        case "up":
            enclave.up()
        case "down":
            enclave.down()
        case "clean":
            enclave.clean()
    print(f"{options.action}: done")


if __name__ == "__main__":
    main()
