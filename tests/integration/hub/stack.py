"""A hub of our own on the real engine: proxy, hub and workspaces in containers, named and labelled for one test run.

Nothing of it is shared with an enclave that runs on the same engine: names, networks, subnets and volumes differ.
"""

import json
import os
import re
import secrets
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ecluse.store.accounts import set_password
from ecluse.store.database import upgrade
from papers import lay_papers, trusting

REPOSITORY = Path(__file__).parents[3]
HUB_IMAGE = os.environ.get("ECLUSE_HUB_IMAGE", "ecluse/hub:0.1")
GATE_IMAGE = os.environ.get("ECLUSE_GATE_IMAGE", "ecluse/gate:0.1")
PROXY_IMAGE = os.environ.get("ECLUSE_PROXY_IMAGE", "ecluse/proxy:0.1")
WORKSPACE_IMAGE = os.environ.get("ECLUSE_WORKSPACE_IMAGE", "ecluse/workspace:0.1")
PASSWORD = "correct-horse-battery"


def docker(*args: str, check: bool = True) -> str:
    """Run docker; its standard output."""
    done = subprocess.run(["docker", *args], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"docker {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout.strip()


def images_present() -> bool:
    """Whether the images are built."""
    return all(docker("images", "-q", image) for image in (HUB_IMAGE, GATE_IMAGE, PROXY_IMAGE, WORKSPACE_IMAGE))


ROLES = {
    **dict.fromkeys(("ada", "ben", "cy", "lea"), "researcher"),
    "mem": "researcher, reviewer",
    "rev": "reviewer",
    **dict.fromkeys(("con", "cor"), "controller"),
    "man": "data-manager",
    "admin": "administrator",
    "aud": "auditor",
}
"""What each person of this hub is."""

PERSON = "  {0}: {{name: {1}, roles: [{2}], trained_until: 2099-12-31, terms_accepted: 2026-01-01}}\n"
NAMES = {"ada": "Ada Lovelace"}
PEOPLE = "people:\n" + "".join(PERSON.format(p, NAMES.get(p, p.title()), roles) for p, roles in ROLES.items())
MEMBERS = "{ada: lead, lea: lead, cy: researcher, mem: researcher}"
"""Of project alpha."""

DATASET = """\
id: {id}
title: {title}
kind: claims
agreement_needed: false
producer: Test
tables:
  ACTS:
    columns:
      CODE: {{type: string}}
"""

PROJECT = """\
id: {id}
title: "{title}"
purpose: "{purpose}"
legal_basis: none
starts: 2026-01-01
expires: 2099-12-31
tier: {tier}
members: {members}
permit:
  {dataset}:
    tables:
      ACTS: {{columns: [CODE]}}
workspace: {workspace}
"""


def project(
    name: str,
    members: str,
    *,
    dataset: str = "claims",
    tier: str = "standard",
    workspace: str = "{memory_mib: 1024, cpus: 1.5, pids: 256}",
    title: str = "",
    purpose: str = "To test.",
) -> str:
    """Text of a project's file."""
    return PROJECT.format(
        id=name, title=title or name, members=members, dataset=dataset, tier=tier, workspace=workspace, purpose=purpose
    )


_places = iter(
    secrets.SystemRandom().sample([(second, place) for second in range(220, 250) for place in range(8)], 240)
)
"""Second byte and eighth of each stack's pool, in an order of this run's own."""


@dataclass
class Stack:
    """One running hub."""

    folder: Path
    name: str = field(default_factory=lambda: "t" + secrets.token_hex(3))
    url: str = ""
    session: str = ""
    config: Path = REPOSITORY / "jupyterhub_config.py"
    """What the hub is configured by; the escape suite has a hub without some of the controls."""
    gate_mounts: dict[str, str] = field(
        default_factory=lambda: {
            "policies": "ro",
            "control": "rw",
            "gate": "rw",
            "secrets/gate": "ro",
            "papers": "rw",
        },
        repr=False,
    )

    def __post_init__(self) -> None:
        self.root = self.folder / "root"
        # A pool of its own, apart from those of an enclave and of other stacks on the same engine.
        self._second, self._place = next(_places)
        self.pool = f"10.{self._second}.{16 * self._place}.0/20"

    def beside(self, number: int) -> str:
        """A subnet for one of at most 16 networks of the stack that aren't a project's, outside every pool."""
        return f"10.{self._second}.{128 + 16 * self._place + number}.0/24"

    def prepare(self) -> None:
        """Write policies, extracts, secrets and accounts, owned by those who read them."""
        self.write("policies/people.yaml", PEOPLE)
        images = (f'{{reference: "{WORKSPACE_IMAGE}"}}', f'{{reference: "{WORKSPACE_IMAGE}", gpu: true}}')
        self.write("policies/images.yaml", f"images:\n  workspace: {images[0]}\n  gpu: {images[1]}\n")
        self.write("policies/rules.yaml", "minimum_count: 11\n")
        self.write("policies/datasets/claims.yaml", DATASET.format(id="claims", title="Claims"))
        self.write("policies/datasets/stays.yaml", DATASET.format(id="stays", title="Hospital stays"))
        self.write("policies/projects/alpha.yaml", project("alpha", MEMBERS))
        self.write("policies/projects/beta.yaml", project("beta", "{ben: lead, ada: researcher}", dataset="stays"))
        gpu = "{image: gpu, gpus: 1}"
        self.write("policies/projects/gamma.yaml", project("gamma", "{ada: lead}", workspace=gpu))
        self.write("policies/projects/delta.yaml", project("delta", "{ada: lead}", dataset="stays"))
        for name, dataset in {"alpha": "claims", "beta": "stays", "gamma": "claims"}.items():
            self.write(f"extracts/{name}/v1/{dataset}/ACTS.parquet", f"rows of {name}")
            (self.root / f"extracts/{name}/current").symlink_to("v1")
        for secret in ("airlock_token", "proxy_token", "cookie_secret"):
            self.write(f"secrets/hub/{secret}", secrets.token_hex(32)).chmod(0o400)
        self.write("secrets/proxy/token", (self.root / "secrets/hub/proxy_token").read_text()).chmod(0o400)
        for person in ROLES:
            set_password(self.root / "accounts/accounts.yaml", person, PASSWORD)
        for folder in ("hub", "control", "gate"):
            (self.root / folder).mkdir()
        database = self.root / "control/ecluse.sqlite"
        upgrade(f"sqlite:///{database}")
        subprocess.run(["chown", "-R", "10001:10001", str(self.root)], check=True)
        # The gate is another user of the same group.
        os.chown(self.root / "gate", 10003, 10001)
        for path, mode in {"gate": 0o750, "control": 0o770, "control/ecluse.sqlite": 0o660}.items():
            (self.root / path).chmod(mode)
        lay_papers(self.root, self.name)

    @property
    def trusted(self) -> ssl.SSLContext:
        """What a test proves the proxy's certificate with: there is no edge before it here."""
        return trusting(self.root)

    def write(self, path: str, text: str) -> Path:
        """Write a file below the root, in one step: the hub reads the folder every two seconds."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".{secrets.token_hex(4)}"
        temporary.write_text(text)
        os.chown(temporary, 10001, 10001)
        temporary.replace(file)
        return file

    def up(self) -> None:
        """Start proxy and hub; wait until people can sign in."""
        self.prepare()
        mine = ("--label", f"org.ecluse.enclave={self.name}", "--label", "org.ecluse.test=hub")
        docker("network", "create", *mine, f"{self.name}-edge")
        docker("network", "create", *mine, "--internal", "--subnet", self.beside(0), f"{self.name}-control")
        self._start_proxy()
        self.start_gate()
        self.start_hub()

    def _start_proxy(self) -> None:
        docker(
            *("create", "--name", f"{self.name}-proxy"),
            *("--label", f"org.ecluse.enclave={self.name}", "--label", "org.ecluse.service=proxy"),
            *("--network", f"{self.name}-edge", "-p", "127.0.0.1::8000", "--sysctl", "net.ipv4.ip_forward=0"),
            *("-v", f"{self.root}/secrets/proxy:/srv/ecluse/secrets/proxy:ro", PROXY_IMAGE),
        )
        aliases = ("--alias", "proxy", "--alias", "proxy-api")
        docker("network", "connect", *aliases, f"{self.name}-control", f"{self.name}-proxy")
        docker("start", f"{self.name}-proxy")
        self.url = "https://" + docker("port", f"{self.name}-proxy", "8000").splitlines()[0]

    def _mounts(self, mounts: dict[str, str]) -> list[str]:
        pairs = (("-v", f"{self.root}/{path}:/srv/ecluse/{path}:{mode}") for path, mode in mounts.items())
        return [part for pair in pairs for part in pair]

    def start_gate(self) -> None:
        """Start the gate, as the enclave does: it alone holds the engine's socket, and has no network."""
        docker(
            *("run", "-d", "--name", f"{self.name}-gate", "--user", "10003:10001", "--network", "none"),
            *("--group-add", str(Path("/var/run/docker.sock").stat().st_gid), "--group-add", "1000"),
            *("--label", f"org.ecluse.enclave={self.name}", "--label", "org.ecluse.service=gate"),
            *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true", "--tmpfs", "/tmp"),
            *self._mounts(self.gate_mounts),
            *("-v", "/var/run/docker.sock:/var/run/docker.sock"),
            *("-v", f"{REPOSITORY}/extensions:/opt/source:ro", "-e", "PYTHONPATH=/opt/source"),
            *("-e", f"ECLUSE_NAME={self.name}", "-e", f"ECLUSE_HOST_ROOT={self.root}"),
            *(
                "-e",
                "ECLUSE_MEASURE_SECONDS=3",
                "-e",
                f"ECLUSE_SUBNETS={self.pool}",
                "-e",
                "PYTHONDONTWRITEBYTECODE=1",
                "--workdir",
                "/tmp",
                GATE_IMAGE,
            ),
        )

    def start_hub(self) -> None:
        """Start a hub container, and wait for its sign-in page. Of the engine it sees the gate and nothing else."""
        mounts = {
            "policies": "ro",
            "gate": "ro",
            "accounts": "ro",
            "secrets/hub": "ro",
            "hub": "rw",
            "control": "rw",
        }
        docker(
            *("run", "-d", "--name", f"{self.name}-hub", "--user", "10001:10001"),
            *("--label", f"org.ecluse.enclave={self.name}", "--label", "org.ecluse.service=hub"),
            *("--network", f"{self.name}-control", "--network-alias", "hub", "--sysctl", "net.ipv4.ip_forward=0"),
            *self._mounts(mounts),
            *("-v", f"{REPOSITORY}/extensions:/opt/source:ro", "-e", "PYTHONPATH=/opt/source"),
            *("-v", f"{self.config}:/opt/jupyterhub_config.py:ro"),
            *("-e", f"ECLUSE_NAME={self.name}", "-e", f"ECLUSE_URL={self.url}"),
            *("-e", f"ECLUSE_HOST_ROOT={self.root}", "-e", "HOME=/tmp", "-e", "ECLUSE_SECOND_FACTOR=where-set"),
            *("-e", "PYTHONDONTWRITEBYTECODE=1", "--workdir", "/tmp", "--entrypoint", "", HUB_IMAGE),
            *("python", "-m", "ecluse.hub.app", "-f", "/opt/jupyterhub_config.py"),
        )
        self.wait_for_hub()

    def wait_for_hub(self) -> None:
        """Until the sign-in page answers."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                if 'name="password"' in httpx.get(f"{self.url}/hub/login", timeout=5, verify=self.trusted).text:
                    return
            except httpx.HTTPError:
                pass
            if docker("inspect", "-f", "{{.State.Running}}", f"{self.name}-hub") != "true":
                break
            time.sleep(0.3)
        raise RuntimeError("the hub did not start:\n" + self.hub_log())

    def hub_log(self, lines: int = 60) -> str:
        """The hub's last lines."""
        done = subprocess.run(
            ["docker", "logs", "--tail", str(lines), f"{self.name}-hub"], capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    def container(self, person: str, of: str) -> str:
        """Name of a workspace's container."""
        return f"{self.name}_{of}_{person}"

    def inspect(self, person: str, of: str) -> dict[str, Any] | None:
        """What the engine says of a workspace, or None."""
        text = docker("inspect", self.container(person, of), check=False)
        found = json.loads(text or "[]")
        return found[0] if found else None

    def inside(self, person: str, of: str, command: str) -> subprocess.CompletedProcess[str]:
        """Run a shell command in a workspace, as its user."""
        return subprocess.run(
            ["docker", "exec", self.container(person, of), "sh", "-c", command],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def events(self) -> list[dict[str, Any]]:
        """The audit events so far."""
        from ecluse.store.database import open_database

        database = open_database(f"sqlite:///{self.root}/control/ecluse.sqlite")
        try:
            with database.look() as look:
                return [dict(e) for e in look.events.records()]
        finally:
            database.close()

    def down(self) -> None:
        """Remove everything that was made, and nothing else."""
        label = f"label=org.ecluse.enclave={self.name}"
        containers = docker("ps", "-aq", "--filter", label).split()
        if containers:
            docker("rm", "-f", "-v", *containers)
        for network in docker("network", "ls", "-q", "--filter", label).split():
            docker("network", "rm", network)
        volumes = docker("volume", "ls", "-q", "--filter", f"name=^{self.name}_").split()
        if volumes:
            docker("volume", "rm", *volumes)


@dataclass
class Person:
    """Somebody's browser."""

    stack: Stack
    name: str

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.stack.url, follow_redirects=True, timeout=60, verify=self.stack.trusted)

    def sign_in(self, password: str = PASSWORD) -> httpx.Response:
        """Fill in the sign-in page."""
        page = self.http.get("/hub/login")
        xsrf = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        assert xsrf, page.text
        data = {"username": self.name, "password": password, "_xsrf": xsrf[1]}
        return self.http.post("/hub/login", data=data)

    def xsrf(self) -> str:
        """The token of the hub's pages."""
        found = re.search(r'data-xsrf="([^"]*)"', self.http.get("/hub/home").text)
        assert found
        return found[1]

    def api(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call the hub's API as a page does."""
        return self.http.request(method, f"/hub/api{path}", headers={"X-XSRFToken": self.xsrf()}, **more)

    def start(self, of: str, *, seconds: float = 120) -> float:
        """Start a workspace and wait for it; seconds taken."""
        began = time.monotonic()
        answer = self.api("POST", f"/users/{self.name}/servers/{of}")
        assert answer.status_code in (201, 202), f"{answer.status_code} {answer.text}\n{self.stack.hub_log()}"
        while not self.ready(of):
            assert time.monotonic() - began < seconds, self.stack.hub_log()
            time.sleep(0.1)
        return time.monotonic() - began

    def open(self, of: str) -> None:
        """Open the Lab, which signs in to the workspace."""
        assert self.http.get(f"/user/{self.name}/{of}/lab").status_code == 200

    def ready(self, of: str) -> bool:
        """Whether the workspace runs, as the hub says."""
        answer = self.api("GET", f"/users/{self.name}")
        return bool(answer.json().get("servers", {}).get(of, {}).get("ready")) if answer.status_code == 200 else False

    def stop(self, of: str) -> None:
        """Stop a workspace and wait for it."""
        answer = self.api("DELETE", f"/users/{self.name}/servers/{of}")
        assert answer.status_code in (202, 204), answer.text
        until = time.monotonic() + 20
        while self.stack.inspect(self.name, of):
            assert time.monotonic() < until
            time.sleep(0.2)
