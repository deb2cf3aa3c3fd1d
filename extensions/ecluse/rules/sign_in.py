"""Who a provider's token speaks of, and whether it is enough to come in.

Takes the claims of an ID token whose signature, issuer, audience, expiry and nonce hold. Worked example: the claims
say subject `7c9e` and `amr: [pwd, otp]`; the policies have `7c9e` as `researcher-1`, accept `otp`, and want each role
confirmed by a group; `researcher-1` is a researcher, the groups hold `ecluse-researchers`: the answer is
`researcher-1`. With `amr: [pwd]` it is `Refused(NO_SECOND_FACTOR)`, with a subject that nobody has
`Refused(UNKNOWN_IDENTITY)`.
Nobody is made from a token.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .outcome import ALLOWED, Reason, Refused, Verdict
from .people import Provider, Role
from .policy import Policies


@dataclass(frozen=True, slots=True)
class Claims:
    """What the provider said of a person. `groups`: None if the claim was not there."""

    issuer: str
    subject: str
    acr: str = ""
    amr: frozenset[str] = frozenset()
    groups: frozenset[str] | None = None


NO_PROVIDER = Refused(
    Reason.UNAVAILABLE, "No identity provider is set up.", "An administrator writes policies/provider.yaml."
)


def person_signing_in(policies: Policies, claims: Claims) -> str | Refused:
    """The id of the person that the claims prove, or why they prove none."""
    person = person_of(policies, claims)
    if isinstance(person, Refused):
        return person
    verdict = claims_suffice(policies, person, claims)
    return verdict if isinstance(verdict, Refused) else person


def person_of(policies: Policies, claims: Claims) -> str | Refused:
    """The one person of that issuer and subject."""
    for name, person in policies.people.items():
        known = person.identity
        if known is not None and (known.issuer, known.subject) == (claims.issuer, claims.subject):
            return name
    return Refused(
        Reason.UNKNOWN_IDENTITY,
        f"You signed in at {claims.issuer} as '{claims.subject}', whom nobody here is known as.",
        "Send this sentence to an administrator of the enclave, who can add you.",
    )


def claims_suffice(policies: Policies, person: str, claims: Claims) -> Verdict:
    """Allowed if the claims are those of the person, prove a second factor and confirm every role.

    Asked at the door and again each time the provider was asked, so that an edit of the policies, or a group taken
    away, ends what runs.
    """
    provider = policies.provider
    if provider is None or provider.issuer != claims.issuer:
        return NO_PROVIDER
    if person_of(policies, claims) != person:
        return Refused(
            Reason.UNKNOWN_IDENTITY,
            "You are no longer known as whom you signed in as.",
            "Ask an administrator of the enclave.",
        )
    if not has_second_factor(provider, claims):
        return Refused(
            Reason.NO_SECOND_FACTOR,
            f"{provider.issuer} did not say that a second factor was asked for.",
            "Set up a second factor there, sign out there, and sign in again.",
        )
    missing = unconfirmed_roles(provider, policies.people[person].roles, claims.groups)
    if missing:
        return Refused(
            Reason.ROLE_NOT_CONFIRMED,
            f"No group at {provider.issuer} confirms your role: {', '.join(missing)}.",
            "Ask an administrator: either the group is missing there, or the role is too much here.",
        )
    return ALLOWED


def has_second_factor(provider: Provider, claims: Claims) -> bool:
    """Whether one accepted value is among the claims."""
    return claims.acr in provider.second_factor.acr or bool(claims.amr & provider.second_factor.amr)


def unconfirmed_roles(provider: Provider, roles: frozenset[Role], groups: frozenset[str] | None) -> list[Role]:
    """Roles of the policies that no group confirms. A person comes in with all roles or not at all."""
    if provider.groups is None:
        return []
    confirmed = {role for group in groups or () for role in provider.groups.roles.get(group, ())}
    return sorted(roles - confirmed)


def silent_too_long(provider: Provider, heard: datetime, now: datetime) -> Verdict:
    """Refused once the provider has not answered for as long as the policies allow."""
    if now - heard < timedelta(minutes=provider.outage_minutes):
        return ALLOWED
    return Refused(
        Reason.PROVIDER_SILENT,
        f"{provider.issuer} has not answered for {provider.outage_minutes} minutes.",
        "Sign in again when it does.",
    )


SIGNED_OUT = Refused(
    Reason.SIGNED_OUT,
    "The identity provider no longer vouches for you.",
    "Sign in again; if the provider refuses, ask those who run it.",
)
"""The provider refuses the person's tokens: removed, disabled, signed out there, or its session is over."""
