"""What befell one person, told as a story: he and she, a brother, everybody but the index case.

Decides from the words of one sentence. Worked example: "he died the day after admission", "both brothers carried the
mutation; their mother did not", "no woman other than the index case was infected" and "left_only 4" below a merge of
patients each tell of a few. "Both parents signed the consent", "he or she may withdraw" and "each child and its
mother" tell of nobody.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .few import small
from .numerals import SMALL
from .people import PERSON
from .sentences import around, first_of_each, sentences

_PRONOUN = re.compile(
    r"(?<!or )(?<!and )\b(?:he|she) (?:then |later |also |had |subsequently )?(?:died|was (?:later "
    r"|then )?(?:admitted|born|found"
    r"|discharged|transferred|hospitali[sz]ed|diagnosed|operated|treated|readmitted|intubated|referred|seen)|suffered"
    r"|developed|presented|relapsed|recovered|collapsed|survived|underwent|gave birth|withdrew|attempted|lived|worked"
    r"|returned|received|tested)\b"
    r"|(?<!ou )\b(?:il|elle) (?:a|avait) (?:ete (?:admise?|hospitalisee?|transferee?|operee?|retrouvee?|intubee?"
    r"|reoperee?)"
    r"|accouche|rechute|survecu|recidive)\b|(?<!ou )\b(?:il|elle) (?:est|etait) (?:decedee?|morte?|nee?|sortie?)\b"
)
_KIN = (
    r"(?:brothers?|sisters?|siblings|parents|cousins?|sons?|daughters?|mother|father|wife|husband|freres?|soeurs?|fils"
    r"|fille|mere|pere|epouse|epoux|conjointe?|uncle|aunt|nephew|niece|oncle|tante|neveu|grand-?mere|grand-?pere)"
)
_DID = (
    r"(?:did|do not|was|were|is|had|has|have|carried|died|tested|developed|remained|suffered|portai\w+|avai\w+"
    r"|etai\w+|a"
    r"|ont|est|sont)"
)
_RELATIVE = re.compile(
    rf"\b(?:both|les deux|the (?:two|three)|his|her|their|sa|son|ses|leurs?|the (?:patient|case|child|man|woman)'s)"
    rf" (?:elder |younger |twin |older |jeunes? |other )?{_KIN}"
    rf"(?:,? (?:also |aussi |both |all )?{_DID}\b|,? (?:aged|agee?s? de|de) \d{{1,3}}\b)"
)
_FORMAL = re.compile(
    r"\b(?:consent\w*|signed?|signe\w*|agree\w*|accord|asked|interview\w*|questionnaire\w*|inform\w*|if|when"
    r"|whether|where"
    r"|si|each|every|chaque|any|may|must|should|can|could|would|eligible|defined?|par(?:ent)?al|example|exemple"
    r"|their children|leurs enfants)\b"
)
_BUT_ONE = re.compile(
    rf"\b(?:no|none|nobody|no one|not one|aucune?|nul(?:le)?|personne|all|every\w*|toute?s?|tous)\b[^.;]{{0,50}}?"
    rf"\b(?:other than|apart from|except(?: for)?|but|save|besides|hormis|sauf|excepte|autre que|a part"
    rf"|a l'exception d[eu']?)"
    rf" ?(?:the|le|la|l'|his|her|du|de la)? ?(?:(?:first|last|index|initial|youngest|oldest|premiere?|dernier\w*) ?)?"
    rf"(?:index case|cas index|proband|propositus|patient zero|(?:case|cas|patiente?|woman|man|child|mother|father"
    rf"|mere|pere"
    rf"|femme|homme|enfant|girl|boy|fille|garcon|{_KIN}))(?!\w)(?! (?:group|arm|groupe|characteristics|level))"
)
_UNMATCHED = re.compile(
    rf"\b(?:left_only|right_only|unmatched|unlinked|non[- ]appari\w+|sans correspondance|not (?:matched|linked|found))"
    rf"(?: (?:patients?|records?|rows?|lines?|lignes?|stays?|sejours?))?\W{{1,12}}(?P<n>{SMALL})(?![\w.,]*\d|%| ?%)"
    rf"|(?<![\w.,])(?P<m>{SMALL}) (?:(?:patients?|records?|rows?|lignes?|stays?|sejours?) )?(?:were |are |remain\w* )?"
    r"(?:left_only|right_only|unmatched|unlinked|non[- ]appari\w+|sans correspondance)\b"
)


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first of each kind in each line."""
    return first_of_each(passage, lambda line: (said for s in sentences(line) for said in _of_sentence(s, minimum)))


def _of_sentence(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    m = _PRONOUN.search(sentence)
    if m and not re.search(r"\b(?:if|when|si|may|should)\b", sentence[max(m.start() - 20, 0) : m.start()]):
        yield "person-in-text", f"What befell one person: '{around(sentence, m.start(), m.end(), 40)}'."
    m = _RELATIVE.search(sentence)
    if m and not _FORMAL.search(sentence):
        yield "person-in-text", f"A family is told of: '{around(sentence, m.start(), m.end(), 40)}'."
    m = _BUT_ONE.search(sentence)
    if m and re.search(rf"\b(?:{PERSON}|nobody|no one|personne|index|proband)\b", m[0]):
        yield "complement", f"Everybody but one: '{around(sentence, m.start(), m.end(), 20)}'."
    for m in _UNMATCHED.finditer(sentence):
        if small(m["n"] or m["m"], minimum):
            yield "complement", f"A few had no partner: '{around(sentence, m.start(), m.end(), 20)}'."
