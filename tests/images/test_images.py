"""What each image promises, seen from inside (its `verify`) and from outside (its history, settings and files)."""

import io
import json
import re
import ssl
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import certifi
import pytest

from papers import lay_papers

REPO = Path(__file__).parents[2]
USERS = {
    "base": "65534:65534",
    "edge": "10001:10001",
    "proxy": "10001:10001",
    "hub": "10001:10001",
    "gate": "10003:10001",
    "airlock": "10001:10001",
    "checker": "10002:10001",
    "mirror": "10005:10005",
    "pane": "10004:1000",
    "sealed": "1000:1000",
    "workspace": "1000:1000",
}
HARDENED = ("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "--pids-limit", "256", "--tmpfs", "/tmp:size=128m,noexec,nosuid,nodev")  # fmt: skip
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|(?:password|passwd|secret|token|api_?key)['\"]?\s*[=:]\s*['\"]?[A-Za-z0-9_\-/+]{16,}"
    r"|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|://[^/\s:@]+:[^/\s:@]+@",
    re.IGNORECASE,
)
# Names of files that hold settings of a build machine or secrets of a person.
SETTINGS = {
    "pip.conf", ".npmrc", "npmrc", ".netrc", ".pypirc", ".git-credentials", "id_rsa", "id_ed25519", ".bash_history",
    ".dockercfg", "authorized_keys",
}  # fmt: skip

PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64}")
# GnuTLS carries the keys of its own self-tests in the library.
KEYS_IN_LIBRARIES = re.compile(r"/usr/lib/[a-z0-9_]+-linux-gnu/libgnutls\.so\.[0-9.]+")

images = pytest.mark.parametrize("name", USERS)


def docker(*arguments: str) -> bytes:
    done = subprocess.run(["docker", *arguments], capture_output=True, check=False, timeout=240)
    assert done.returncode == 0, (
        f"docker {' '.join(arguments)}: {done.stdout.decode()[-3000:]}{done.stderr.decode()[-3000:]}"
    )
    return done.stdout


def reference(name: str) -> str:
    return f"ecluse/{name}:0.1"


def inspected(name: str) -> dict:
    return json.loads(docker("image", "inspect", reference(name)))[0]


def files_of(name: str) -> Iterator[tuple[tarfile.TarInfo, io.BufferedReader | None]]:
    """Every file of the image, as the engine exports it: what a process inside could not list is here as well."""
    container = docker("create", "--label", "org.ecluse.test=images", reference(name)).decode().strip()
    try:
        with subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as export:
            with tarfile.open(fileobj=export.stdout, mode="r|") as archive:
                for member in archive:
                    yield member, archive.extractfile(member) if member.isreg() else None
            assert export.stdout is not None
            export.stdout.read()
        assert export.returncode == 0
    finally:
        docker("rm", container)


def certificates(text: str) -> set[bytes]:
    found = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.DOTALL)
    return {ssl.PEM_cert_to_DER_cert(pem) for pem in found}


def own_authorities() -> list[bytes]:
    """Certificates this machine trusts beyond the public lists: a company's proxy, a build farm's CA. May be none."""
    packaged = Path("/usr/share/ca-certificates").rglob("*.crt")
    public = {c for path in [Path(certifi.where()), *packaged] for c in certificates(path.read_text())}
    bundles = [Path("/etc/ssl/certs/ca-certificates.crt"), *Path("/usr/local/share/ca-certificates").rglob("*.crt")]
    trusted = {c for path in bundles if path.exists() for c in certificates(path.read_text())}
    return sorted(trusted - public)


def needles(certificate: bytes) -> tuple[bytes, ...]:
    """A certificate as it would lie in a file: bytes of its middle, and a line from the middle of its PEM form."""
    middle = len(certificate) // 2
    pem = ssl.DER_cert_to_PEM_cert(certificate).splitlines()
    return certificate[middle : middle + 48], pem[len(pem) // 2].encode()


@images
def test_image_keeps_its_own_promises(name: str) -> None:
    output = docker(
        "run", "--rm", "--label", "org.ecluse.test=images", *HARDENED, reference(name), "/usr/local/bin/verify"
    ).decode()
    assert re.search(rf"^verify {name}: \d+ promises kept, 0 broken$", output, re.MULTILINE), output


def test_verify_fails_on_a_broken_promise() -> None:
    """A promise that cannot be broken proves nothing: as another user, `verify` has to say so and exit 1."""
    done = subprocess.run(["docker", "run", "--rm", *HARDENED, "--user", "0:0", "-e", "PIP_CERT=/x", reference("base"),
                           "/usr/local/bin/verify"], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1
    assert "✗ runs as 65534:65534: runs as 0:0" in done.stdout
    assert "✗ no secret and no build setting in the environment: PIP_CERT" in done.stdout


@images
def test_user_is_not_root(name: str) -> None:
    assert inspected(name)["Config"]["User"] == USERS[name]


@images
def test_settings_and_history_hold_no_secret_and_no_machine(name: str) -> None:
    seen = inspected(name)
    text = json.dumps({k: seen["Config"].get(k) for k in ("Env", "Labels", "Cmd", "Entrypoint", "Volumes")})
    text += docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", reference(name)).decode()
    assert not SECRET.search(text), SECRET.search(text)
    variables = {line.split("=")[0] for line in seen["Config"]["Env"]}
    assert not {
        v for v in variables if re.search(r"PIP_|NPM_|_proxy$|CERT|CA_BUNDLE|INDEX|TOKEN|SECRET", v, re.IGNORECASE)
    }
    assert str(REPO) not in text


@images
def test_files_hold_no_authority_no_key_and_no_setuid_program(name: str) -> None:
    foreign = [n for c in own_authorities() for n in needles(c)]
    wrong: list[str] = []
    count = 0
    for member, content in files_of(name):
        count += 1
        path = PurePosixPath("/") / member.name
        if member.mode & 0o6000 and str(path) != "/project":
            wrong.append(f"{path}: setuid or setgid")
        if path.name in SETTINGS:
            wrong.append(f"{path}: settings of a machine or a person")
        if content is None:
            continue
        data = content.read()
        if not KEYS_IN_LIBRARIES.fullmatch(str(path)) and re.search(
            rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64}", data
        ):
            wrong.append(f"{path}: private key")
        if any(needle in data for needle in foreign):
            wrong.append(f"{path}: a certificate authority of this machine")
        if str(REPO).encode() in data:
            wrong.append(f"{path}: a path of this machine")
    assert count > 1000
    assert wrong == []


def test_second_build_does_nothing() -> None:
    """Inputs are hashed into a label: after a build everything is current, and that is known in a second."""
    command = [REPO / ".venv/bin/python", "deploy/images.py", "--check"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, f"{done.stdout}Run deploy/images.sh"
    assert [line.split()[2] for line in done.stdout.splitlines()] == ["current"] * len(USERS)


def test_planted_authority_would_be_found() -> None:
    """The needles are where a bundle holds them, as text and as bytes."""
    bundle = Path(certifi.where()).read_text()
    certificate = max(certificates(bundle))
    middle, line = needles(certificate)
    assert line in bundle.encode()
    assert middle in certificate


def test_workspace_volumes_belong_to_the_researcher() -> None:
    """An empty volume takes owner and mode from the image, so that no root process has to set them at start."""
    script = "touch /home/researcher/a /project/b && stat -c '%u:%g %a %n' /home/researcher /project /project/b"
    output = docker(
        "run", "--rm", *HARDENED, "-v", "/home/researcher", "-v", "/project", reference("workspace"), "sh", "-c", script
    )
    assert output.decode().split("\n")[:3] == [
        "1000:1000 700 /home/researcher",
        "1000:1000 2770 /project",
        "1000:1000 644 /project/b",
    ]


def test_workspace_environment_cannot_be_changed_from_inside() -> None:
    environment = "/opt/ecluse/bin /opt/ecluse/lib/python3.11/site-packages /etc/jupyter /usr/local/bin /data"
    script = f"for d in {environment}; do touch $d/x 2>/dev/null && echo wrote $d; done; true"
    # With a writable root: it is the owner that protects these folders, not the mount alone.
    assert docker("run", "--rm", "--network", "none", reference("workspace"), "sh", "-c", script) == b""


def test_workspace_analyses_on_a_read_only_root() -> None:
    script = """
import duckdb, lifelines, matplotlib, pandas as pd, statsmodels.api as sm
from sklearn.linear_model import LogisticRegression
from lifelines.datasets import load_gbsg2
matplotlib.use("agg")
import matplotlib.pyplot as plt
women = load_gbsg2()
women.to_parquet("w.parquet")
print(duckdb.sql("select count(*) from 'w.parquet'").fetchone()[0])
fit = lifelines.KaplanMeierFitter().fit(women.time, women.cens)
fit.plot_survival_function(); plt.savefig("s.png")
LogisticRegression().fit(women[["age", "tsize"]], women.cens)
print(int(sm.OLS(women.cens, sm.add_constant(women[["age"]])).fit().nobs), int(fit.median_survival_time_))
"""
    output = docker(
        "run",
        "--rm",
        *HARDENED,
        "-v",
        "/home/researcher",
        reference("workspace"),
        "python",
        "-W",
        "ignore",
        "-c",
        script,
    )
    assert output.decode().split() == ["686", "686", "1807"]


def test_proxy_does_not_start_without_its_control_network_certificate_or_token(tmp_path: Path) -> None:
    lay_papers(tmp_path, "images")
    there, secrets = ("--add-host", "proxy-api:127.0.0.1"), "/srv/ecluse/secrets/proxy"
    for options, sentence in (
        (("--network", "none"), "no address for proxy-api"),
        (there, f"no {secrets}/inside.key"),
        ((*there, "-v", f"{tmp_path}/secrets/proxy:{secrets}:ro"), f"no token in {secrets}/token"),
    ):
        done = subprocess.run(["docker", "run", "--rm", *options, reference("proxy")], capture_output=True,
                              text=True, check=False, timeout=60)  # fmt: skip
        assert done.returncode == 1
        assert sentence in done.stderr
