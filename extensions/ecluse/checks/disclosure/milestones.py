"""Days that are a study's, though they name a person: when the first was included, when the last was seen.

Decides from words alone. Worked example: "the first patient was included on 4 March" dates the study; "the first
patient died on 4 March", "the first patient from Corsica was included on 4 March" and "the first patient, a woman of
54, was included on 4 March" date what happened to somebody who is told from others.
"""

import re

_END = r"(?:first|last|premiere?|derniere?)"
_WHO = rf"{_END} (?:study |trial |eligible )?(?:patiente?|participante?|subject|sujet|volunteer|volontaire)"
_WAS = r"(?:(?:was|is|had been|has been|a ete|fut|est|etait|avait ete) )?"
_TAKEN = (
    r"(?:included|enrol?led|recruited|randomi[sz]ed|registered|screened|consented|incluse?|randomisee?|recrutee?"
    r"|enrolee?|screenee?)"
)
_INTO = (
    r"(?: (?:in|into|to|dans|a|au) ?(?:the |this |our |l'|la |le |cette |notre )?"
    r"(?:study|trial|cohort|registry|etude|essai|cohorte|registre))?"
)
_EVENT = (
    r"(?:enrol?ments?|inclusions?|recruitments?|recrutements?|randomi[sz]ations?"
    r"|(?:(?:first|last|final|premiere|derniere) )?(?:study |follow-up )?visite?(?: de suivi)?)"
    r" (?:of|du|de la|de l') ?(?:the |our )?"
)
_HAPPENED = r"(?: (?:was|took place|occurred|a eu lieu|est|etait|eut lieu|on|le))?"
_STUDYS = re.compile(
    rf"\b{_WHO}(?: (?:in|out)| {_WAS}{_TAKEN}{_INTO})? ?[:,]? ?(?:on|le) \d$|\b{_EVENT}{_WHO}{_HAPPENED} (?:on|le) \d$"
)


def studys(said: str) -> bool:
    """Whether a phrase that ends with the first digit of a day, in lower case without accents, dates the study."""
    return _STUDYS.search(said) is not None
