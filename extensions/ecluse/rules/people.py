"""People, their roles, and how an identity provider knows them: the models of `people.yaml` and `provider.yaml`.

Worked example: `researcher-1` has `identity: {issuer: https://idp.example/realms/site, subject: 7c9e…}`; whoever that
provider signs in as that subject is `researcher-1`. Names and addresses of people change and are given to others: an
issuer never does that with a subject (OpenID Connect Core, section 2), so nothing else is looked at.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from .names import Strict

Line = Annotated[str, Field(min_length=1, max_length=200)]

Issuer = Annotated[str, StringConstraints(pattern=r"^https://[^/\s?#@]+(/[^\s?#]*)?$", max_length=255)]
"""Address of a provider, letter by letter as its tokens have it. Always https: its keys are fetched from there."""

Subject = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$", max_length=255)]
"""The provider's own id of a person: up to 255 characters of ASCII (OpenID Connect Core, section 2)."""

Word = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$", max_length=200)]


class Role(StrEnum):
    """What a person may be on the platform. Membership of a project is not a role: it stands in the project."""

    RESEARCHER = "researcher"
    REVIEWER = "reviewer"
    CONTROLLER = "controller"
    DATA_MANAGER = "data-manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Identity(Strict):
    """Whom an identity provider knows a person as."""

    issuer: Issuer
    subject: Subject


class Person(Strict):
    """One person. The id never changes and is never given to another."""

    name: Line
    roles: frozenset[Role] = frozenset()
    trained_until: date = Field(description="last day on which the person's training is valid")
    terms_accepted: date | None = Field(default=None, description="day on which the current terms were accepted")
    identity: Identity | None = Field(default=None, description="how `provider.yaml` knows the person")


class SecondFactor(Strict):
    """What proves a second factor. One accepted value of either claim is enough; others prove nothing."""

    acr: frozenset[Word] = Field(
        default=frozenset(), description="values of `acr` that are only given with a second factor; also asked for"
    )
    amr: frozenset[Word] = Field(
        default=frozenset(), description="values of `amr` that are a second factor: `otp`, `hwk`, `mfa`, … (RFC 8176)"
    )

    @model_validator(mode="after")
    def _something(self) -> "SecondFactor":
        if not (self.acr or self.amr):
            raise ValueError("neither `acr` nor `amr` is accepted, so nobody could sign in; name one value at least")
        return self


class Groups(Strict):
    """Groups of the provider that confirm roles. A role that no group confirms is not there."""

    claim: Word = Field(default="groups", description="claim of the ID token or of userinfo that lists the groups")
    roles: dict[Word, frozenset[Role]] = Field(min_length=1, description="group → roles that it confirms")


class Provider(Strict):
    """The identity provider of a site, `policies/provider.yaml`. Without the file there are local accounts alone."""

    issuer: Issuer
    client_id: Word
    title: Line = Field(default="your institution", description="name of the provider on the sign-in page")
    scopes: tuple[Word, ...] = Field(default=("openid",), description="scopes asked for; `openid` is one of them")
    second_factor: SecondFactor
    groups: Groups | None = Field(default=None, description="absent: roles come from the policies alone")
    ask_seconds: int = Field(
        default=3, ge=1, le=60, description="how often the provider is asked after everybody who is signed in"
    )
    outage_minutes: int = Field(
        default=15, ge=1, le=1440, description="how long a provider may be silent before people are out"
    )

    @model_validator(mode="after")
    def _openid(self) -> "Provider":
        if "openid" not in self.scopes:
            raise ValueError("without the scope `openid` the provider gives no ID token; add it")
        return self
