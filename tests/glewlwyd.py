"""A real identity provider for tests: Glewlwyd from Debian, in a container, over TLS of an authority of its own."""

import os
import secrets
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyotp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ecluse.store.accounts import generate_totp
from ecluse.store.certificates import make_authority, make_certificate

IMAGE = os.environ.get("ECLUSE_PROVIDER_IMAGE", "ecluse/provider:0.1")
HOST, PORT = "provider.test", 4593
"""The name is known to the browser of the tests and in the container's networks; the port is published on loopback."""

CLIENT = "ecluse"
PASSWORD = "correct-horse-battery"


def docker(*args: str) -> str:
    done = subprocess.run(["docker", *args], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"docker {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout.strip()


@dataclass
class Session:
    """A session at the provider, over its own API. It is reached by address; the certificate is proven for its name."""

    verify: ssl.SSLContext
    cookie: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, *, check: bool = True) -> httpx.Response:
        url, headers = f"https://127.0.0.1:{PORT}/api{path}", {"Host": f"{HOST}:{PORT}", **self.cookie}
        with httpx.Client(verify=self.verify, timeout=10) as http:
            answer = http.request(method, url, json=body, headers=headers, extensions={"sni_hostname": HOST})
        if check and answer.status_code != 200:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer

    def sign_in(self, username: str, password: str) -> "Session":
        answer = self.call("POST", "/auth", {"username": username, "password": password})
        self.cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
        return self


@dataclass
class Glewlwyd:
    """One provider, with one client: an enclave's hub."""

    folder: Path
    redirect: str
    name: str = field(default_factory=lambda: f"ecluse-test-provider-{secrets.token_hex(3)}")
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    codes: dict[str, pyotp.TOTP] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"https://{HOST}:{PORT}"

    @property
    def issuer(self) -> str:
        return f"{self.address}/api/oidc"

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    def up(self, *networks: str) -> None:
        """Start it, and set up what the tests need: codes as a second factor, the protocol, the client."""
        now, self.folder = datetime.now(UTC), self.folder.resolve()
        (self.folder / "tls").mkdir(parents=True, exist_ok=True)
        authority = make_authority("provider", now)
        pair = make_certificate(authority, HOST, now)
        self.authority.write_bytes(authority.certificate)
        for file, value in {"tls.crt": pair.certificate, "tls.key": pair.key}.items():
            (self.folder / "tls" / file).write_bytes(value)
            os.chown(self.folder / "tls" / file, 10001, 10001)
        docker(
            *("run", "-d", "--name", self.name, "--label", "org.ecluse.test=provider"),
            *("-p", f"127.0.0.1:{PORT}:{PORT}", "-v", f"{self.folder}/tls:/tls:ro"),
            *("-e", f"PROVIDER_URL={self.address}", IMAGE),
        )
        for network in networks:
            docker("network", "connect", "--alias", HOST, network, self.name)
        self.admin = self._first_answer().sign_in("admin", "password")
        self._set_up()

    def _first_answer(self) -> Session:
        session = Session(ssl.create_default_context(cafile=str(self.authority)))
        until = time.monotonic() + 30
        while True:
            try:
                session.call("GET", "/auth", check=False)
            except httpx.HTTPError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return session

    def _set_up(self) -> None:
        users = self.admin.call("GET", "/mod/user/database").json()
        users["parameters"]["data-format"]["groups"] = {"multiple": True, "read": True, "write": True}
        self.admin.call("PUT", "/mod/user/database", users)
        self.admin.call("PUT", "/mod/user/database/reset")
        codes = {
            "issuer": HOST, "secret-minimum-size": 16, "otp-length": 6, "hotp-allow": False, "hotp-window": 0,
            "totp-allow": True, "totp-window": 30, "totp-start-offset": 0,
        }  # fmt: skip
        scheme = {"module": "otp", "name": "otp", "display_name": "One-time code", "expiration": 600, "max_use": 0}
        self.admin.call("POST", "/mod/scheme/", {**scheme, "allow_user_register": True, "parameters": codes})
        plugin = {"module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "parameters": self._protocol()}
        self.admin.call("POST", "/mod/plugin/", plugin)
        client = {
            "client_id": CLIENT, "name": "The enclave", "confidential": True, "password": self.client_secret,
            "enabled": True, "scope": [], "redirect_uri": [self.redirect],
            "authorization_type": ["code", "refresh_token"], "token_endpoint_auth_method": ["client_secret_basic"],
        }  # fmt: skip
        self.admin.call("POST", "/client/", client)
        self.ask_for_codes()

    def _protocol(self) -> dict[str, Any]:
        key = rsa.generate_private_key(65537, 2048)
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        private = key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
        public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
        groups = {"name": "groups", "user-property": "groups", "type": "string", "mandatory": True}
        return {
            "iss": self.issuer, "jwt-type": "rsa", "jwt-key-size": "256", "key": private.decode(),
            "cert": public.decode(), "access-token-duration": 60, "refresh-token-duration": 3600,
            "code-duration": 60, "refresh-token-rolling": True, "refresh-token-one-use": "always",
            "auth-type-code-enabled": True, "auth-type-refresh-enabled": True, "subject-type": "public",
            "auth-type-code-revoke-replayed": True, "jwks-show": True, "allowed-scope": ["openid"],
            "pkce-allowed": True, "pkce-method-plain-allowed": False, "claims": [groups],
        }  # fmt: skip

    def ask_for_codes(self, *, wanted: bool = True) -> None:
        """Whether a sign-in needs a code beside the password."""
        scope = self.admin.call("GET", "/scope/openid").json()
        scope |= {"password_required": True, "scheme": {"2": [{"scheme_name": "otp"}]} if wanted else {}}
        self.admin.call("PUT", "/scope/openid", {**scope, "scheme_required": {"2": 1} if wanted else {}})

    def add(self, person: str, *groups: str) -> None:
        """A person with a password and codes, who lets the enclave know who they are."""
        user = {"username": person, "name": person, "password": PASSWORD, "enabled": True, "groups": list(groups)}
        self.admin.call("POST", "/user/", {**user, "scope": ["openid", "g_profile"]})
        own = Session(self.admin.verify).sign_in(person, PASSWORD)
        secret = generate_totp()
        value = {"type": "TOTP", "secret": secret, "time_step_size": 30}
        own.call(
            "POST",
            "/profile/scheme/register/",
            {"username": person, "scheme_type": "otp", "scheme_name": "otp", "value": value},
        )
        own.call("PUT", f"/auth/grant/{CLIENT}", {"scope": "openid"})
        self.codes[person] = pyotp.TOTP(secret)

    def put_into(self, person: str, *groups: str) -> None:
        """Exactly these groups."""
        user = self.admin.call("GET", f"/user/{person}").json()
        self.admin.call("PUT", f"/user/{person}", {**user, "groups": list(groups)})

    def remove(self, person: str) -> None:
        """Nobody signs in as them any more."""
        self.admin.call("DELETE", f"/user/{person}")

    def down(self) -> None:
        """Remove the container."""
        subprocess.run(["docker", "rm", "-f", "-v", self.name], capture_output=True, check=False)
