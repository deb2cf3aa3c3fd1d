"""Whether a person may work in a project now.

Worked example: `researcher-1` is a member of `bacthub`, which runs from January to December; in June, with training
valid and terms accepted, the answer is `ALLOWED`. In January of the next year it is `Refused(PROJECT_EXPIRED)`, and
the reconciler stops the workspace within seconds.
"""

from datetime import datetime

from .outcome import ALLOWED, Reason, Refused, Verdict, first_refusal
from .people import Person
from .policy import Policies
from .project import Project


def user_can_work(policies: Policies, person: str, project: str, now: datetime) -> Verdict:
    """Allowed if the person may have a workspace of the project at `now`.

    Reading order: the project exists, the person belongs to it, both are in force. A stranger learns of a project
    that they are no member of only what they would learn of one that does not exist.
    """
    who, what = policies.people.get(person), policies.projects.get(project)
    if who is None:
        return Refused(Reason.UNKNOWN_PERSON, f"No person '{person}' is known.", "Ask an administrator.")
    if what is None or person not in what.members:
        return Refused(
            Reason.NOT_A_MEMBER,
            f"'{person}' is not a member of a project '{project}'.",
            "Ask the project's lead to have you added.",
        )
    return first_refusal(person_in_force(who, now), project_in_force(what, now), *_datasets_in_force(policies, what))


def person_in_force(person: Person, now: datetime) -> Verdict:
    """Allowed if the person's terms are accepted and training is valid on the day of `now`."""
    if person.terms_accepted is None or person.terms_accepted > now.date():
        return Refused(
            Reason.TERMS_NOT_ACCEPTED,
            "The terms of use are not accepted.",
            "Read and accept the terms; an administrator records it.",
        )
    if person.trained_until < now.date():
        return Refused(
            Reason.TRAINING_LAPSED,
            f"Training was valid until {person.trained_until}.",
            "Repeat the training; an administrator records the new date.",
        )
    return ALLOWED


def project_in_force(project: Project, now: datetime) -> Verdict:
    """Allowed if the project runs on the day of `now` and is not paused."""
    if project.paused:
        return Refused(Reason.PROJECT_PAUSED, f"Project '{project.id}' is paused.", "Ask the project's lead why.")
    if now.date() < project.starts:
        return Refused(Reason.PROJECT_NOT_STARTED, f"Project '{project.id}' starts on {project.starts}.")
    if now.date() > project.expires:
        return Refused(
            Reason.PROJECT_EXPIRED,
            f"Project '{project.id}' expired on {project.expires}.",
            "Ask for the permit to be extended.",
        )
    return ALLOWED


def _datasets_in_force(policies: Policies, project: Project) -> list[Verdict]:
    found: list[Verdict] = []
    for name, grant in project.permit.items():
        dataset = policies.datasets[name]
        if dataset.paused:
            found.append(
                Refused(
                    Reason.DATASET_PAUSED,
                    f"Dataset '{name}' is paused by its controller.",
                    "Work goes on when the controller resumes it.",
                )
            )
        if dataset.agreement_needed and grant.agreed is None:
            found.append(
                Refused(
                    Reason.AGREEMENT_MISSING,
                    f"The controller of dataset '{name}' has not agreed.",
                    "Record the day of the agreement as `agreed` in the permit.",
                )
            )
    return found
