"""What a heading or a label says that numbers are.

Decides from words alone, in French and English, which kind of figure a column or a row holds. Worked example:
"Nb patients" is a count, "Patients (%)" a percentage, "âge moyen" a mean, "nb_jours" a time, "M" says nothing
(`UNKNOWN`): the values decide then, in `columns`.

The order of the rules matters: the word that changes what is measured ("mean", "%") wins over the word that names
what is measured ("patients").
"""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache


class Measure(StrEnum):
    """Kind of figure."""

    COUNT = "count"
    PERCENT = "percent"
    RATE = "rate"
    MEAN = "mean"
    SPREAD = "spread"
    EXTREME = "extreme"
    PERCENTILE = "percentile"
    AMOUNT = "amount"
    TIME = "time"
    MODEL = "model"
    YEAR = "year"
    AGE = "age"
    CODE = "code"
    DATE = "date"
    RESIDUAL = "residual"
    CONTRIBUTION = "contribution"
    DOF = "degrees-of-freedom"
    UNKNOWN = "unknown"


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Lower case, no accents, one space: `"Écart-type "` → `"ecart-type"`."""
    if text.isascii():
        return " ".join(text.lower().split())
    flat = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in flat if not unicodedata.combining(c))
    return " ".join(bare.replace("œ", "oe").replace("æ", "ae").split())


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MARGIN = _words("total totaux ensemble all tous toutes tout sum somme overall global globale everyone both")
_MARGIN_PHRASES = re.compile(
    r"^(?:(?:sous|sub|grand)[ -]?total\b.*|total(?:e|es|s)?\b.*|ensemble\b.*|all(?: .*)?|(?:les )?deux sexes|both sexes"
    r"|tous(?: .*)?|toutes(?: .*)?|overall\b.*|.* total|population totale)$"
)

# Words of each kind; the tables are in the order in which they are asked.
_RESIDUAL = _words(
    "residual residuals residu residus resid fitted yhat leverage cook cooks cookd"
    " dffits dfbeta dfbetas studres rstudent rstandard hat mahalanobis influence"
)
_CONTRIBUTION = _words("top1 top2 largest second_largest max_contribution contribution contributor dominant")
_DOF = _words("dof ddl df df_resid")
_EXTREME = _words("min max minimum maximum mini maxi minimale maximale minimal maximal range etendue youngest oldest")
_SUPERLATIVE = _words("highest lowest longest shortest costliest heaviest tallest")
"""Of what is measured; the highest diploma is a group's."""
_PERCENTILE = re.compile(
    r"^(?:median|mediane|medianes|medians|q[1-4]|p(?:0?1|0?5|10|20|25|30|40|50|60|70|75|80|90|95|99)|iqr|eiq"
    r"|percentile(?:s|\d*)|centile(?:s|\d*)|quantile(?:s|\d*))$"
)
_SPREAD = _words("sd std stdev stddev sem se stderr variance var cv ecarttype skew skewness kurtosis sigma")
_PERCENT = _words(
    "pct perc percent percentage pourcentage pourcent pourcentages proportion proportions prop share part parts taux"
    " rate rates prevalence incidence ratio fraction frequence_relative density densite rel_freq prc cumpct"
    " asr asir asmr"
)
_MODEL = _words(
    "coef coefficient coefficients beta estimate estimates irr odds hazard hazards ic95 ci95"
    " chi chi2 chisq statistic statistique wald loglik aic bic auc auroc auprc roc accuracy exactitude precision recall"
    " rappel f1 f1score score sensitivity sensibilite specificity specificite ppv npv vpp vpn r2 rsquared rmse mae mse"
    " loss brier kappa shap importance vif corr correlation rho pvalue pval fdr qvalue logodds exp threshold seuil"
    " rhat probability probabilite proba prob alpha lambda concordance cindex dispersion tstat zscore effect effet lrt"
    " survival survie km ess hessian gradient entropy impurity gini nns nnt nnh"
)
_SHORT_MODEL = _words("or hr rr lr ic ci ll ul z t p power smd")
"""Model words that are also everyday words or codes: they count only in headings of one or two words, or beside 95."""
_MEAN = _words("mean means moyenne moyennes moyen moy avg average dms alos")
_AMOUNT = _words(
    "sum somme montant montants cout couts cost costs depense depenses euro euros eur remboursement remboursements"
    " prix price prices dose doses mg ml kg g quantite quantity boites boxes units unites ddd ddj dot weight poids"
    " taille height bmi imc points bytes size_mb mb gb volume amount charge charges salaire income revenu tarif"
    " score_total width length largeur longueur"
)
_TIME = _words(
    "jour jours journee journees day days duree durees duration durations delai delais time times temps mois month"
    " months semaine semaines week weeks heure heures hour hours minute minutes seconde secondes second seconds los"
    " suivi followup trimestre quarter elapsed runtime timeline"
)
_YEAR = _words("annee annees year years an ans millesime yr")
_AGE = _words("age ages")
_DATE = _words("date dates datetime timestamp")
_COUNT = _words(
    "n nb nbre nombre nombres count counts effectif effectifs eff freq freqs frequency frequence frequencies size"
    " patient patients cas case cases event events evenement evenements death deaths deces decedes sujet sujets subject"
    " subjects individu individus individuals personne personnes person persons people participant participants sejour"
    " sejours stay stays admissions admission hospitalisations hospitalisation nobs obs observations observation"
    " malade malades beneficiaire beneficiaires assures femmes hommes women men enfants children number numbers total"
    " totals support atrisk risk censored censures population pop denominateur denominator numerateur numerator samples"
    " headcount tally dispensations consommants utilisateurs users exposed exposes nindiv npat npatients"
    " discharges sorties entrees relapses readmissions carriers enrollees beneficiaries recipients responders"
    " ncas neff tp fp fn tn vp vn recus inclus included excluded exclus randomised randomized randomises"
    " enrolled analysed analyzed screened treated traites decedees survivors survivants admis naissances births"
)
_IDENTITY = _words(
    "id ids ident identifiant identifiants uid uuid pseudo pseudonyme numero cle key hash code codes cod"
)
_THINGS = _words(
    "variable variables feature features clusters jobs splits folds hopitaux hospitals hospital centres centers"
    " estimators columns colonnes iterations trees arbres parameters parametres levels classes epochs layers files"
    " fichiers lignes bootstrap bootstraps repetitions simulations permutations components sites etablissements"
    " departements regions communes codes tokens steps tables models modeles bins leaves tasks taches actions"
    " questionnaires questions tubes swabs kits vials calls appels sessions seances contacts livrables"
    " deliverables milestones jalons deliverable livrable task tache readers lecteurs raters annotators annotateurs"
    " assessors evaluateurs reviewers relecteurs retries retry restarts reruns threads"
    " covariates covariables predictors predicteurs regressors param params"
)
"""What is counted where no person is: 8 hospitals, 3 variables, 100 trees, 3 readers of each image."""
_CODE = _words(
    "page pages item items index idx rang rank num no ordre order finess cip cip13 cip7 ucd cim10 icd10"
    " ccam ghm atc dept departement dep postcode postal cp commune insee zip cluster groupe group classe class stage"
    " stade grade bin bins level niveau quartile quintile decile unnamed step epoch epochs iteration iterations iter"
    " fold seed version row line ligne rown chapter chapitre node noeud rule label cat category categorie modalite"
    " sexe sex gender genre bras arm strate stratum tertile centre center site hopital hospital etablissement service"
    " depth feature visite visit activite activity phase etape severite severity gravite asa nyha model modele"
    " specification ald ghs chr chrom chromosome rsid snp pos position bp"
)
_NOT_PERSONS = _AMOUNT | _TIME | _YEAR | _AGE

_TABLES: tuple[tuple[frozenset[str], Measure], ...] = (
    (_RESIDUAL, Measure.RESIDUAL),
    (_CONTRIBUTION, Measure.CONTRIBUTION),
    (_DOF, Measure.DOF),
    (_EXTREME, Measure.EXTREME),
    (_SPREAD, Measure.SPREAD),
    (_MEAN, Measure.MEAN),
    (_PERCENT, Measure.PERCENT),
)
_LATE_TABLES: tuple[tuple[frozenset[str], Measure], ...] = (
    (_MODEL, Measure.MODEL),
    (_AMOUNT, Measure.AMOUNT),
    (_TIME, Measure.TIME),
    (_DATE, Measure.DATE),
    (_YEAR, Measure.YEAR),
    (_AGE, Measure.AGE),
    (_CODE, Measure.CODE),
)

_GROUPED = re.compile(r"(?:tertile|quartile|quintile|decile|ventile)s? (?:of|de|des|du|d')")
"""`decile of patients` numbers tenths of them, and counts none."""
_EDGE = re.compile(
    r"(?:from|to|bin[_ ]?(?:left|right|start|end|lower|upper)|(?:lower|upper) bound|borne (?:inf|sup)\w*)(?: ?[(\[].*)?"
    r"|[a-z ]{2,20} from(?: ?\(.*)?"
)
"""The ends of a class: they count nobody."""
_N_PERCENT = re.compile(r"\b(?:n|nb|no|effectifs?|patients?|cas|cases|count)\.?,?\s*[(\[/,]\s*%\s*[)\]]?")
_QUANTILE = re.compile(r"^\[?0?[.,]\d+\]?$|^\d{1,2}(?:[.,]\d+)?\s?%$|^[qp]\d{1,2}$")
_INTERVAL = re.compile(r"\b(?:ic|ci|conf|confidence|confiance)\b|\[0[.,]0?25|0[.,]975\]|\b(?:lower|upper|inf|sup)\b")
_P_VALUE = re.compile(r"p\s*>\s*\||pr\s*\(|^p$|^p[ _.-]?val(?:ue|eur)?s?|valeur[ _-]p|p-valeur|-log2\(p\)|exp\(coef\)")
_NUMBERED = re.compile(r"(?:tertile|quartile|quintile|decile|vingtile|ventile)s? (?:of|de|des|d') ?[a-z]")
"""`Decile of patients`: which tenth of them, not how many."""
_HEADING_N = re.compile(r"[(\[,;]?\s*\bn\s*=\s*(\d[\d  .,]*)\s*[)\]]?")
_HEADING_OF = re.compile(
    r"[(\[,] ?(?:%|en %|pct|percent|pourcentages?|pour cent)? ?(?:of|out of|sur|des|de|parmi|among) "
    r"(?:the |les |all )?(?!(?:19|20)\d\d\b)(\d{2,3}(?:[ ,]\d{3})*|\d{4,7})(?: (?!h\b|heure|hour|jour|day|an"
    r"|year|mois|month|min|kg|mg|%)[a-z]+){0,3} ?[)\]]"
)
"""`% (sur 48 opérés)`"""
_RATE = re.compile(r"(?:\b(?:pour|per|p\.?)|/)\s*(1[ .,]?0{3}|1[0 ]{0,3}0[ .,]?0{3}|1e\d)\b")
_PER = re.compile(
    r"(?:\b(?:pour|per|p\.?)|/)\s*(?:100|1[ .,]?000|10[ .,]?000|100[ .,]?000|1e\d)\b|%|‰|\bper (?:person|patient)"
)


def is_quantile(text: str) -> bool:
    """Whether a label names a quantile: `25%`, `p99`, `0.95`."""
    return _QUANTILE.match(plain(text)) is not None


def rate_base(heading: str) -> float:
    """Persons per whom a rate is given: 100,000 for `incidence p. 100 000`, 100 where the heading names none."""
    text = plain(heading).replace("_", " ")
    found = _RATE.search(text)
    if found is None:
        return 1000.0 if "‰" in text else 100.0
    digits = re.sub(r"\D", "", found[1])
    return float(digits) if not found[1].startswith("1e") else float(found[1])


@lru_cache(maxsize=65536)
def is_margin(label: str) -> bool:
    """Whether a label names a total: "Total", "Ensemble", "All", "Both sexes", "Sous-total Nord"."""
    text = plain(label).strip(" :.*_")
    return text in _MARGIN or bool(_MARGIN_PHRASES.match(text))


def heading_n(text: str) -> int | None:
    """The group's size that a heading gives: `"Arm A (n = 1 234)"` → 1234."""
    found = _HEADING_N.search(plain(text)) or _HEADING_OF.search(plain(text))
    digits = re.sub(r"\D", "", found.group(1)) if found else ""
    return int(digits) if 0 < len(digits) <= 9 else None  # nine digits are more than mankind in France


@lru_cache(maxsize=8192)
def measure_of(heading: str) -> Measure:  # noqa: C901, PLR0911 - one rule per line, in the order that decides
    """Kind of figure that a heading or row label announces; `UNKNOWN` where it announces none."""
    text = _MINUTES.sub(" minutes ", plain(_HEADING_N.sub(" ", plain(heading))))
    if not text.strip():
        return Measure.UNKNOWN
    if _GROUPED.match(text) or _EDGE.fullmatch(text):
        return Measure.CODE
    if _N_PERCENT.search(text):
        return Measure.COUNT
    if _P_VALUE.search(text):
        return Measure.MODEL
    if _NUMBERED.match(text):
        return Measure.CODE
    if _STUDIES.fullmatch(text):
        return Measure.CODE
    if text == "error":  # how far the bars of an estimate reach
        return Measure.SPREAD
    if _QUANTILE.match(text):
        return Measure.PERCENTILE if "%" in text or text[0] in "qp" else Measure.MODEL
    tokens = re.findall(r"[a-z]+\d*|\d+", text)
    kinds = set(tokens)
    if kinds & _SUPERLATIVE and (kinds <= _SUPERLATIVE | {"value"} or kinds & (_AMOUNT | _TIME | _AGE | {"stay"})):
        return Measure.EXTREME
    if "ecart" in kinds or ("standard" in kinds and kinds & {"deviation", "error", "errors"}):
        return Measure.SPREAD
    if any(_PERCENTILE.match(token) for token in tokens):
        return Measure.PERCENTILE
    if _PER.search(text.replace("_", " ")):
        return Measure.PERCENT
    return _below_a_title(text, _by_words(text, tokens, kinds))


def _below_a_title(text: str, found: Measure) -> Measure:
    """What a heading says, whose own part wins over a title of models or costs above it: `Models / AIC`."""
    inner = measure_of(text.rpartition(" / ")[2]) if " / " in text else found
    return inner if found in (Measure.AMOUNT, Measure.TIME) and inner in _OF_A_COLUMN else found


_OF_A_COLUMN = (Measure.COUNT, Measure.PERCENT, Measure.MEAN, Measure.SPREAD, Measure.MODEL, Measure.PERCENTILE)
"""What the last part of a heading says of its column, whatever the title above it speaks of."""
_SETTINGS = _words(
    "depth iter iterations features leaf leaves samples nodes child split epochs estimators lr tol length tokens bins"
    " columns rows memory threads size seq steps count counts support freq frequency cell cells events n"
    " embeddings positions position context len workers jobs retries norm beams lag lags degree knots order ngram"
    " ngrams vocab cores connections parallel replicas concurrency fail failures attempts"
)
"""What a limit is a setting of, not a finding: `max_depth`, `min_samples_leaf`."""


_DISTINCT = _words("unique uniques distinct distincts distinctes nunique")
_OF_VALUES = _words("n nb nombre number count of de d values value valeurs valeur modalites categories levels entries")
"""`n_unique`, `Nombre de valeurs distinctes`: how many values a variable takes. `Unique patients` are persons."""
_SIZED = _words("grid batch step window font kernel pool vocab chunk bin effect patch image block buffer leaf")
"""What a size is one of, where it is none of a group."""
_MINUTES = re.compile(r"[(\[] ?min\.? ?[)\]]|(?<=[a-z²]) ?/ ?min\b|\bper min\b")
_STUDIES = re.compile(
    r"(?:included |eligible |published )?(?:(?:n|no\.?|nb|number|nombre) ?(?:of |de |d')?)?"
    r"(?:studies|trials|rcts?|etudes|essais|articles|publications|papers)(?: included| incluse?s)?(?: ?\(n\))?"
)
"""What a review counts."""
_MONEY = re.compile(r"[€$£]|\b(?:k ?eur|m ?eur|eur|usd|chf|gbp)\b|\b(?:sales|turnover|revenues?|chiffre d'affaires)\b")
_ALLOWED = _words(
    "allowed permitted possible plausible valid theoretical theoretically expected admissible autorise autorisee permis"
    " theorique plausibles constraint constraints schema limit limits limite limites"
)
"""What an end is one of by a rule, whatever the data hold: `max_allowed`."""
_OF_A_FIT = _words("dev deviance ss ms sq")
"""What residuals add up to: one figure of a model, none of a person."""


def _by_words(  # noqa: PLR0911 - as above
    text: str, tokens: list[str], kinds: set[str]
) -> Measure:
    if (
        {"r", "hat"} <= kinds
        or (kinds & _EXTREME and kinds & (_SETTINGS | _MODEL | _ALLOWED))
        or (kinds & _RESIDUAL and kinds & _OF_A_FIT)
    ):  # r_hat is Gelman and Rubin's
        return Measure.MODEL
    for words, measure in _TABLES:
        if kinds & words:
            return measure
    if _INTERVAL.search(text) or (kinds & _SHORT_MODEL and (len(tokens) < 3 or "95" in kinds)):
        return Measure.MODEL
    if kinds & _IDENTITY:
        return Measure.CODE
    distinct = kinds & _DISTINCT and kinds <= _DISTINCT | _OF_VALUES
    if distinct or kinds & _THINGS or ("size" in kinds and kinds & _SIZED):
        return Measure.UNKNOWN if any(token.isdigit() for token in tokens) else Measure.AMOUNT
    money = _MONEY.search(text) is not None and kinds & _COUNT <= {"total", "totals"}
    if money or (kinds & _COUNT and not kinds & _NOT_PERSONS):
        return Measure.AMOUNT if money else Measure.COUNT
    for words, measure in _LATE_TABLES:
        if kinds & words:
            # "Stage II", "60-69 ans", "Group A" and "2019" are categories of a crosstab, not what it measures.
            # The article of "times a day" names no group.
            named = [t for n, t in enumerate(tokens) if t != "a" or n + 1 == len(tokens)]
            named = [t for t in named if measure is not Measure.TIME or t not in ("s", "h", "j")]  # its unit
            category = measure is not Measure.MODEL and any(map(_is_category, named))
            category = category or (measure is Measure.AGE and is_margin(text))  # "tous âges"
            return Measure.UNKNOWN if category else measure
    return Measure.UNKNOWN


def _is_category(token: str) -> bool:
    return any(c.isdigit() for c in token) or len(token) == 1 or token in _CATEGORIES


_CATEGORIES = _words("ii iii iv vi one two three four une deux trois quatre")
