"""Persons whom others know: by an office or a trade, as brothers of one family, as everybody of one village.

Decides from the words of one sentence. Worked example: "the mayor of a small town was among the patients", "three
brothers shared the mutation", "the twins of family F3", "(P12, femme, 44 ans)", "Dr Moreau's patient" and "all
residents of the Ker Heol nursing home tested positive" tell of persons whom somebody can name. "Mayors were informed of
the study", "children with three siblings", "gene family 2" and "all residents were invited" tell of nobody.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .explained import thing_follows
from .few import small
from .groups import DESIGNED, SUFFERED
from .numerals import SMALL
from .people import ILLNESS, PERSON, STAFF
from .sentences import around, as_written, first_of_each, sentences

_ARTICLE = r"(?:an?|the|one|our|un|une|le|la|l'|notre|cet(?:te)?|ce)"
_OFFICE = (
    r"(?:mayor|maire|prefect|prefet|priest|bishop|eveque|imam|rabb(?:i|in)|senat(?:or|eur)|deput(?:y|e)"
    r"|minist(?:er|re)|mp|judge|juge|ambassad(?:or|eur)|singer|chant(?:eur|euse)|act(?:or|ress|eur|rice)"
    r"|footballe(?:r|ur)|presenter|presentat(?:eur|rice)|rugby ?(?:man|player)|champion(?:ne)?|celebrity|politician"
    r"|journaliste?|novelist|ecrivain|astronaute?|influence(?:r|ur|use)|olympian|cyclist|boxer|boxeur|comedian"
    r"|(?:ancien )?international(?:e)? de (?:rugby|football)|pop star|tv host)"
)
_TRADE = (
    r"(?:farmer|baker|butcher|fisherman|sailor|teacher|student|(?:airline|helicopter|fighter) pilot|(?:bus"
    r"|truck|lorry|taxi|train) driver|soldier|police(?:man|woman| officer)"
    r"|firefighter|postman|miner|welder|plumber|carpenter|electrician|cook|hairdresser|lawyer|engineer|architect|artist"
    r"|musician|nun|monk|prisoner|inmate|refugee|asylum seeker|tourist|traveller|migrant|immigrant"
    r"|widow(?:er)?|hunter|veterinarian"
    r"|breeder|citizen|pensioner|ha?emophiliac|amputee|pilgrim|shepherd"
    r"|agricult(?:eur|rice)|boulang(?:er|ere)|bouch(?:er|ere)|pecheur|marin|enseignante?|institut(?:eur|rice)"
    r"|etudiante?"
    r"|pilote de [a-z]+|chauffeur|routier|soldat|militaire|polici(?:er|ere)|gendarme|pompier|ouvri(?:er|ere)|soudeur"
    r"|plombier|charpentier|menuisier|electricien|cuisini(?:er|ere)|coiffeu(?:r|se)|avocate?|ingenieure?|architecte"
    r"|musicien(?:ne)?|religieuse|moine|detenue?|refugiee?|touriste|migrante?|veu(?:f|ve)|chasseur|veterinaire"
    r"|eleveu(?:r|se)|retraitee?|notaire|hemophile|berg(?:er|ere)|viticult(?:eur|rice)|apicult(?:eur|rice))"
)
_BECAME = (
    r"(?:(?:was|is|were|etait|fut) the (?:first|index|only|last) (?:case|patient|death|victim)|died"
    r"|gave birth|(?:was|were|has been|is|had been) (?:then |later |also )?(?:admitted|hospitali[sz]ed"
    r"|diagnosed|infected|found dead"
    r"|treated|operated|intubated|transferred|readmitted|vaccinated|discharged)|developed(?! (?:the|our|this"
    r"|these|an? (?:new |mobile )?(?:tool|model|method|software|app|algorithm|scale|score|questionnaire)))"
    r"|presented (?:with|to the (?:emergency|clinic|hospital|ed))|suffer\w+|relapsed"
    r"|survived|recovered|attempted|committed suicide|withdrew|refused|(?:a|avait|ont) ete (?:admis|hospitalis|operee?"
    r"|traitee?|trouvee?|retrouvee?|infecte|contamine|transfere|intube|prise? en charge|inclus|exclu"
    r"|diagnosti|vaccin|reanim)"
    r"\w*|(?:est|etait) (?:decedee?|morte?|suivie?|atteinte?|hospitalisee?|toujours)|a (?:accouche|contracte|rechute"
    r"|survecu|developpe (?!l'|le |la |les |un outil|une (?:methode|appli))|fait une?|tente)|s'est suicidee?"
    r"|souffr\w+|took part in (?:the|this|our) (?:trial"
    r"|study|cohort|survey)|fait partie de (?:la|l'|notre) ?(?:cohorte|etude|echantillon|essai)"
    r"|figur\w+ parmi|mention\w+)"
)
_AMONG = (
    r"(?:(?:was|is|were|are|est|etait|figur\w+) (?:also )?(?:among|amongst|one of|parmi|l'une? des"
    r"|in) (?:the |les |our |nos )?"
    rf"(?:[a-z]+ )?(?:{PERSON}|cohorte?|sample|echantillon|study))"
)
_PUBLIC = re.compile(
    rf"\b(?<!to ){_ARTICLE} ?(?:[a-z-]+ ){{0,2}}?{_OFFICE}\b(?!')(?:(?:,| of| from| in| at| who| with| aged"
    rf"| de| du| d'| des| qui)[^.;]{{0,40}}?)?\b ?(?:{_BECAME}|{_AMONG}|attended (?:the|our) (?:clinic|ward))"
)
_WORKER = re.compile(
    rf"\b{_ARTICLE} ?(?:[a-z-]+ ){{0,2}}?{_TRADE}\b(?!')(?:(?:,| of| from| in| at| who| with| aged| de| du"
    rf"| d'| des| qui)[^.;]{{0,40}}?)?\b ?(?:{_BECAME}|{_AMONG})"
    rf"|\b(?:one|a single|un seul|une seule) (?:[a-z]+ )?{_TRADE}\b[^.;]{{0,24}}\b(?:among|in|parmi|dans)\b"
)
_FORMAL = re.compile(
    r"\b(?:if|when|whether|should|may(?! \d{4})|must|can|could|each|every|any|defined?|e\.g\.|example|si"
    r"|quand|lorsque?|chaque"
    r"|toute?|doit|peut|definie?|code[ds]?|questionnaires?)\b|\?|/ ?(?:no|non)\b"
)
_SINGULAR = (
    r"(?:patiente?|participante?|woman|man|child|boy|girl|infant|newborn|donor|recipient|volunteer|victim|malade|femme"
    r"|enfant|bebe|dame)"
)
_TOLD = re.compile(
    rf"^(?:the|le|la|l'|cet|cette|ce|this|that|our) ?(?:[a-z-]+ )?{_SINGULAR}(?: [a-z-]+)? "
    r"(?:died|withdrew|relapsed|survived|recovered|gave birth|collapsed|is (?:still )?alive|attempted"
    r"|was (?:discharged|transferred|intubated|hospitali[sz]ed|resuscitated|found)"
    r"|est (?:decedee?|morte?|toujours)|a (?:rechute|survecu|accouche)|a ete (?:transfere|intube|hospitalis"
    r"|reanime))\w*"
    rf"|^(?:the|le|la) {_SINGULAR} (?:who|qui) (?:received|had|was|died|developed|withdrew|refused|left"
    rf"|survived|a|avait|est|etait)\b"
)
_KIN = (
    r"(?:brothers|sisters|siblings|cousins|sons|daughters|nephews|nieces|uncles|aunts|freres|soeurs|cousines?"
    r"|fils|neveux"
    r"|nieces|oncles|tantes|jumelles|jumeaux|twins|half-brothers|half-sisters|spouses|conjoints)"
)
_DID = (
    r"(?:shared|were|had|have|carried|died|both|tested|developed|did|presented|etaient|ont|avaient|sont"
    r"|port\w+|atteint\w*"
    r"|infect\w*|inclus\w*|carr\w+|with)"
)
_SIBLINGS = re.compile(
    rf"(?<!with )(?<!avec )(?<!of )(?<!than )(?<!or )(?<!had )(?<!have )\b(?P<n>{SMALL}) (?:[a-z-]+"
    rf" )?(?P<kin>{_KIN})\b[^.;,]{{0,20}}?\b{_DID}\b"
    rf"|\b(?:fratrie|sibship|famille|family|kindred|household|foyer|menage) (?:of|de|d') ?(?P<m>{SMALL})\b"
)
_MEANT = re.compile(
    rf"\b(?:{ILLNESS}|{SUFFERED}|includ\w+|compren\w+|cohorte?|comport\w+|mutations?|carriers?|cases?|cas)\b"
)
_FAMILY = re.compile(
    r"\b(?:famil(?:y|le)|pedigree|kindred|sibship|fratrie) (?:(?:no\.? ?|n° ?|nr\.? ?|#)\d{1,4}|[a-z]{1,3}-?\d{1,4})\b"
)
_BORN = re.compile(
    r"\b(?:triplets|quadruplets|quintuplets|triples|quadruples|quintuples|conjoined twins|(?:jumeaux "
    r"|jumelles )?siamoise?s)\b"
    r"[^.;]{0,30}\b(?:born|nee?s|birth|separat\w+|separe\w*|naquirent|survived|died)\b"
    r"|\bgave birth to (?:conjoined|triplets|quad)"
    r"|\ba accouche de (?:triples|quadruples|siamois)"
    r"|\b(?:the|our|one|an?) (?:[a-z]+ )?centenarian\b(?! (?:stud|cohort|pop|program))|\b(?:une?|la|notre) centenaire\b"
)
_GENDER = r"(?:woman|man|female|male|girl|boy|femme|homme|fille|garcon|f|h|m)"
_CODE = (
    r"(?:[a-z]{1,3}-?\d{1,3}|(?:interview|entretien|participante?|patiente?|respondent|informant) ?(?:n° ?)?\d{1,3})"
)
_SPEAKER = re.compile(
    rf"(?:^|[(«\"”» –—-]){_CODE}[,:]? ?\(?(?:[a-z -]{{0,16}}, ?)?{_GENDER}(?:[,/] ?| de | of "
    rf"| aged )(?:[a-z -]{{0,16}}, ?)?\d\d(?![\d.,]*\d| ?%| ?[-–] ?\d| (?:(?:years|ans) )?(?:and|et|or|ou) )"
    rf"|[\"»”] ?[(–—-] ?(?:[a-z -]{{0,16}}, ?)?{_GENDER}, ?(?:[a-z -]{{0,16}}, ?)?(?:aged )?\d\d(?: ?(?:ans"
    rf"|years|y\b)|[,)])"
    r"|\b(?:participante?|respondent|informant|interviewee) [a-z]{1,2}\d{1,3}\b"
)
_STRUCK = (
    rf"(?:{SUFFERED}|contracted|caught|fell ill|tombee?s? malades?"
    r"|(?:a|ont|avaient) eu (?:la |le |les )?(?:gale|grippe|rougeole|varicelle|tuberculose|coqueluche"
    r"|gastro\w*|covid\w*))"
)
_PLACE = (
    r"(?:villages?|hamlet|hameau|nursing home|care home|ehpad|foyer|convent|couvent|monastery|abattoir|ship|boat|vessel"
    r"|trawler|chalutier|bateau|navire|factory|usine|class|classe|school|ecole|college|lycee|family|famille|household"
    r"|prison|barracks|caserne|dormitory|internat|island|ile|hamlets|ward|choir|chorale|club|team|equipe|bus|coach"
    r"|maison de retraite|residence|squat|camp|farm|ferme|orphanage|orphelinat|office|workshop|atelier|crew|equipage)"
)
_EVERYBODY = re.compile(
    rf"\b(?:all|every|each|everybody|everyone|tou(?:s|tes)|chaque|chacune?|nobody|no one|none|aucune?"
    rf"|personne|the whole"
    rf"|the entire|toute?)\b[^.;,:%]{{0,50}}?\b{_PLACE}\b[^.;:%]{{0,40}}?\b{_STRUCK}\b"
    rf"|\b(?:each|every one|chacune?) (?:of|des) (?:the |les )?(?P<n>{SMALL}) [a-z]+ [^.;:%]{{0,40}}?\b{SUFFERED}\b"
)
_SIZED = re.compile(
    rf"\b(?:every|each|no|aucune?|chaque) (?:[a-z]+ ){{0,2}}?{PERSON}\b[^.;]{{0,50}}?\(n ?= ?(?P<n>\d{{1,2}})\)"
)
_SMALL = 5
"""Times the minimum up to which a group is small enough for its members to be known."""
_INVITED = re.compile(
    r"\b(?:invited|asked|eligible|offered|included|tested for|screened|inform\w+|propos\w+|invite\w*"
    r"|recommend\w*|should|must|if"
    r"|model\w*|per|rates?|taux|campaign\w*|campagne\w*|mice|rats|animals|cells)\b"
)
_STAFF = (
    r"(?:cadre de (?:sante|sante du [a-z]+)|intern|interne|resident|trainee|stagiaire|secretary|secretaire"
    r"|ambulancier|brancardier"
    r"|cleaner|porter|aide-soignante?|infirmiere?|nurse|surgeon|chirurgien(?:ne)?|anaesthetist|anesthesiste|midwife"
    r"|sage-femme|pharmacien(?:ne)?|pharmacist|physician|medecin|psychiatr(?:ist|e)|psychologue|psychologist"
    r"|[a-z]{3,12}therap(?:eute|ist)|dieticien(?:ne)?|dietitian|radiologue|radiologist|head nurse|chef de service)"
)
_ILL_STAFF = re.compile(
    rf"\b{_ARTICLE} ?(?:[a-z-]+ ){{0,2}}?{_STAFF}\b[^.;]{{0,50}}?\b(?:(?:attempted|committed) suicide|s'est suicidee?"
    r"|s'est absentee?|(?:a ete|est) (?:arretee?|mise? en arret|en arret)|(?:was|is"
    r"|went) (?:on (?:sick )?leave|off sick)"
    r"|took (?:sick )?leave|a fait une (?:tentative|depression)|burn-?out|resigned|a demissionne"
    r"|was dismissed|a ete licencie)"
)
_FEW_STAFF = re.compile(
    rf"(?<![\w.,/-])(?P<n>{SMALL}) (?:[a-z-]+ )?(?:{STAFF}|interns|trainees|stagiaires|secretaires|colleagues"
    rf"|collegues)\b"
    rf"[^.;,\d]{{0,30}}?\b(?:(?:were|was|been|is|are|ont ete|a ete|sont|etaient|furent|est) (?:[a-z]+ )?{SUFFERED}"
    r"|died|contracted|caught|fell ill|tombee?s? malades?|tested positive)\b"
)
"""What befell a few of those who treat."""
_SOLE = re.compile(
    r"\b(?:only one|une? seule?|the (?:only|sole)|(?:le|la) seule?|the single) (?:[a-z-]+ )?(?:hospital"
    r"|hopital|clini(?:c|que)"
    r"|cent(?:er|re)|laborator(?:y|ies)|laboratoire|provider|prestataire|pharmac(?:y|ie)|supplier|fournisseur"
    r"|manufacturer"
    r"|fabricant|establishment|etablissement|surgeon|prescri(?:ber|pteur))\b[^.]{0,80}?\b(?:perform\w*"
    r"|pratiqu\w*|does|doing"
    r"|offers?|propos\w*|provid\w*|billed|bills|factur\w*|sells?|vend|sold|realis\w*|prescri\w*|operat\w*"
    r"|reali[sz]\w*)\b"
)
_FIGURE = re.compile(r"\d ?(?:%|€|euros?|k€|m€|millions?|deaths?|deces|eur\b)|\d{3}")
_DOCTORS = re.compile(
    r"\b(?:Dr|Pr|Prof|Doctor|Docteur|Professor)\.? (?:[A-Z]\. ?)?[A-ZÉ][\w-]+['’]s (?:[a-z]+ )?(?:patient"
    r"|case|client)s?\b"
    r"|\b(?:[Pp]atiente?s?|[Mm]alades?|[Cc]as|[Cc]ases?) (?:du|de la|of|suivie?s? par le|seen by) (?:Dr|Pr"
    r"|Prof|[Dd]octeur|[Pp]rofesseur|Doctor)\.? [A-ZÉ][\w-]+(?!['’\w-])"
)


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first of each kind in each line."""
    yield from as_written(passage, ((_DOCTORS, "A doctor's patient is told of"),))
    yield from first_of_each(
        passage,
        lambda line: (said for s in sentences(line) for said in (*_of_sentence(s), *_groups(s, minimum))),
    )


def _of_sentence(sentence: str) -> Iterator[tuple[str, str]]:
    """One person by office, trade, place of work, or as a speaker."""
    formal = _FORMAL.search(sentence) is not None
    for pattern in (_PUBLIC, _WORKER, _TOLD, _ILL_STAFF) if not formal else ():
        if m := pattern.search(sentence):
            yield "person-in-text", f"One person can be recognised: '{around(sentence, m.start(), m.end(), 20)}'."
    for pattern in (_SPEAKER, _BORN):
        if m := pattern.search(sentence):
            yield "person-in-text", f"One person can be recognised: '{around(sentence, m.start(), m.end(), 20)}'."
    if (m := _FAMILY.search(sentence)) and not re.search(
        r"\b(?:genes?|proteins?|carriers?|cytochrome|sub)\b", sentence
    ):
        yield "person-in-text", f"One family is told of: '{around(sentence, m.start(), m.end(), 30)}'."


def _groups(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """A few kin, everybody of a place, the only one that provides."""
    for m in _SIBLINGS.finditer(sentence):
        meant = m["kin"] or _MEANT.search(sentence)
        if meant and small(m["n"] or m["m"], minimum) > 1 and not thing_follows(sentence[m.end() :]):
            yield "small-count", f"A few of one family: '{around(sentence, m.start(), m.end(), 20)}'."
    staff = _FEW_STAFF.search(sentence)
    if staff and small(staff["n"], minimum) and not _FORMAL.search(sentence):
        yield "small-count", f"A few who are known: '{around(sentence, staff.start(), staff.end(), 20)}'."
    everybody = _EVERYBODY.search(sentence)
    if everybody and not _INVITED.search(sentence):
        said = around(sentence, everybody.start(), everybody.end())
        yield "whole-group", f"Everybody of a place that is known: '{said}'."
    sized = _SIZED.search(sentence)
    if sized and 1 < int(sized["n"]) < _SMALL * minimum and not DESIGNED.search(sentence):
        said = around(sentence, sized.start(), sized.end(), 30)
        yield "whole-group", f"Everybody or nobody of {sized['n']}: '{said}'."
    sole = _SOLE.search(sentence)
    if sole and _FIGURE.search(sentence):
        said = around(sentence, sole.start(), sole.end(), 30)
        yield "dominance", f"Figures of the only one that provides: '{said}'."
