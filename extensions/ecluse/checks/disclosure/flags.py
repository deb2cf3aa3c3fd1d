"""Columns of 0 and 1 that say yes or no of codes, variables and models, and tables of a team: they count nobody.

Nor do those who did a study: `Role, People` with `Biostatisticians, 2` is a team, `Occupation, Cases` with
`Nurses, 2` is none.

Worked example: `code, label, included` with `I63.0, Cerebral infarction, 1` says that the code belongs to the list;
`Model 1: age 1, sex 1, bmi 0` says what a model is adjusted for; `deaths` 0 and 1 beside towns are deaths.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .people import PERSON, STAFF
from .words import is_margin, plain

_SAID_OF_A_CODE = re.compile(
    r"(?:is[_ ])?(?:included?|inclus(?:e|es)?|excluded?|exclus(?:e|es)?|used|utilise[es]*|retenue?s?|kept|conserve[es]*"
    r"|primary|principal|active|actif|selected|chronic|sensitive)(?: ?[(\[].*[)\]])?"
)
_LISTED = re.compile(
    r"(?:.* )?(?:codes?|cim(?: ?10)?|icd(?: ?\d+)?|atc|ccam|cip\d*|ucd|snomed.*|loinc|ghm|concept(?: id)?"
    r"|variables?|features?|champs?|fields?|colonnes?|columns?|covariates?|covariables?)(?: .*)?"
)
"""Headings of codes and of variables; a column of centres or of classes holds groups of persons."""
_MADE = re.compile(
    r"(?:outputs?|models?|modeles?|specifications?|specs?|scenarios?|analys[ei]s|analysis|scripts?|versions?"
    r"|experiments?|configs?|figures?|tables?)[ _.-]?(?:\d{1,3}[a-z]?|[a-z]|[ivx]{1,4})"
)
"""Names of what a study makes: `output_0`, `Model 2b`, `Analyse III`."""

_ROLE = re.compile(
    r"(?:(?:team )?roles?|functions?|fonctions?|postes?|profil(?:e|es|s)?|team(?: members?)?|equipe"
    r"|staff(?: roles?)?|members?|metiers?|job titles?|personnel)"
)
_HEADS = re.compile(
    r"(?:n|nb|no\.?|nombre|number|people|persons?|personnes|members?|membres|count|effectifs?|headcount|fte|etp|total|)"
)
_RESEARCHER = re.compile(
    r"(?:senior |junior |lead |principal |co-?)?(?:(?:bio)?statisti(?:cian|cien)(?:ne)?s?|data (?:managers?"
    r"|scientists?|engineers?|stewards?|analysts?)|project (?:managers?|leads?|leaders?)"
    r"|chef(?:fe)?s? de projet|epidemiolog(?:ists?|istes?|ues?)|research (?:assistants?|engineers?|fellows?"
    r"|associates?|coordinators?)|ingenieure?s?(?: de recherche| d'etudes?)?|(?:study |clinical "
    r"|trial )?coordinat(?:ors?|eurs?|rices?)|developers?|developpeurs?|developpeuses?|programmers?|(?:phd"
    r"|doctoral) students?|doctorante?s?|post-?docs?|methodolog(?:ists?|istes?|ues?)|(?:health )?economists?"
    r"|economistes?|attache(?:e?s?|s?)(?: de recherche clinique)?|(?:clinical )?(?:research associates"
    r"|monitors?)|investigat(?:ors?|eurs?|rices?)|librarians?|documentalistes?|data protection officers?"
    r"|software engineers?|techniciens? d'etudes? cliniques?)"
)
_CLINICIAN = re.compile(rf"(?:research |principal )?(?:clinicians?|cliniciens?|clinical leads?|{STAFF})")
"""Those who treat belong to teams too, and are those whom some studies count."""

_OF_A_REVIEW = re.compile(
    r"\b(?:full[- ]?texts?|meta-?analys\w+|stud(?:y|ies)|etudes?|titles?|titres?|abstracts?|resumes?|articles?|pubmed"
    r"|embase|medline|cochrane|web of science|scopus|grey literature|litterature grise)\b"
)
_IS_PERSON = re.compile(rf"\b{PERSON}\b")


def of_review(labels: Sequence[tuple[str, ...]]) -> bool:
    """Whether rows are the steps of a review of the literature, which counts records and studies."""
    steps = [plain(" ".join(label)) for label in labels]
    return sum(_OF_A_REVIEW.search(step) is not None for step in steps) * 2 >= len(steps) > 2 and not any(
        map(_IS_PERSON.search, steps)
    )


def is_person(heading: str) -> bool:
    """Whether a heading names persons: `Participants`."""
    return _IS_PERSON.search(plain(heading)) is not None


def of_team(headings: Sequence[str], labels: Sequence[tuple[str, ...]], dimensions: Sequence[int]) -> bool:
    """Whether a table says how many people of which role did a study; at least half of the roles are of research."""
    names = [plain(headings[c]) for c in dimensions]
    rest = [plain(h) for c, h in enumerate(headings) if c not in dimensions]
    if not any(map(_ROLE.fullmatch, names)) or not all(map(_HEADS.fullmatch, rest)):
        return False
    roles = [plain(label[0]) for label in labels if label and not is_margin(label[0])]
    research = sum(_RESEARCHER.fullmatch(role) is not None for role in roles)
    known = all(_RESEARCHER.fullmatch(role) or _CLINICIAN.fullmatch(role) for role in roles)
    return known and research * 2 >= len(roles) > 1


def flags(
    headings: Sequence[str], labels: Sequence[tuple[str, ...]], dimensions: Sequence[int], number: NDArray[np.float64]
) -> frozenset[int]:
    """Columns of a table that are flags. `number` holds its cells, NaN where there is no number."""
    rest = [c for c in range(len(headings)) if c not in dimensions and np.isfinite(number[:, c]).any()]
    binary = [c for c in rest if np.isin(number[np.isfinite(number[:, c]), c], (0, 1)).all()]
    rows = [label[0] for label in labels if label]
    made = any(names and all(_MADE.fullmatch(plain(n)) for n in names) for names in (rows, [headings[c] for c in rest]))
    if made and len(binary) == len(rest) > 1:
        return frozenset(binary)
    named = [plain(headings[c]).replace("_", " ") for c in dimensions]
    listed = any(map(_LISTED.fullmatch, named)) and len(set(labels)) == len(labels)
    return frozenset(c for c in binary if listed and _SAID_OF_A_CODE.fullmatch(plain(headings[c]).replace("_", " ")))
