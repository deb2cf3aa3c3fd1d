import random

import pytest

from ecluse.checks import identifiers
from ecluse.checks.facts import Context, Facts, Passage, Source, TextNumber, Value
from ecluse.checks.identifiers.patterns import PLAIN_ROW, scan, scan_shapes
from ecluse.rules.finding import Severity
from unit.checks.disclosure.tables import facts, table


def found(text: str, source: Source = Source.OUTPUT, **context: object) -> set[str]:
    return {f.rule for f in identifiers.find(facts(text=text, source=source), Context(**context))}


def nir_of(body: str) -> str:
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02d}"


@pytest.mark.parametrize("body", ["2690549588157", "185057800604" + "8", "1730320A" + "04123", "1730320B04123"])
def test_nir_with_its_key(body: str) -> None:
    body = body.replace("20A", "2A0").replace("20B", "2B0")
    full = nir_of(body)
    assert found(full) == {"nir"}
    spaced = f"{full[0]} {full[1:3]} {full[3:5]} {full[5:7]} {full[7:10]} {full[10:13]} {full[13:]}"
    assert found(f"assuré {spaced}, suivi") == {"nir"}
    assert found(f"NIR: {full[:13]}") == {"nir"}


def test_a_wrong_key_is_no_nir() -> None:
    full = nir_of("2690549588157")
    wrong = full[:13] + f"{(int(full[13:]) + 1) % 97:02d}"
    assert found(f"total {wrong}") == set()


def test_printed_floats_are_no_identifiers() -> None:
    random_ = random.Random(7)
    floats = "\n".join(f"{random_.random() * 10 ** random_.randint(-2, 3):.15f}" for _ in range(20_000))
    assert found(floats) == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("tel 06 12 34 56 78", "phone"),
        ("+33 1 44 27 30 00", "phone"),
        ("FR76 3000 6000 0112 3456 7890 189", "iban"),
        ("jeanne.dupont@orange.fr", "email"),
        ("12 bis rue des Lilas", "address"),
        ("4 résidence les Tilleuls", "address"),
        ("12, place Bellecour", "address"),
        ("marie.equipe@example.org", "email"),
        ("IPP : 8001234567", "patient-number"),
        ("patient_id=A0012345", "patient-number"),
        ("née le 12/03/1950", "exact-date"),
        ("DDN : 12/03/1950", "exact-date"),
        ("birth_date: 1948-03-12", "exact-date"),
        ("décédé le 3 mars 2021", "exact-date"),
        ("Mme Lefebvre", "name"),
        ("DUPONT Marie", "name"),
        ("RPPS 10003456786", "professional"),
        ("marie.durand [at] gmail [dot] com", "email"),
        ("ecrire a mdurand(arobase)orange.fr", "email"),
        ("mdurand at gmail dot com", "email"),
        ("SELECT * FROM s WHERE ipp = ?\n[generated in 0.1s] ('8004512367',)", "patient-number"),
        ("WHERE patient_id = :p {'p': 'A0012345'}", "patient-number"),
        ("Pacemaker SN PJN612345S was interrogated", "patient-number"),
        ("prothèse, n° de série 4512-887-A", "patient-number"),
        ("(0010,0010) PN [DURAND^MARIE]", "name"),
        ("PID: Martin^Paul^J", "name"),
        ("(0010,0030) DA [19480312]", "exact-date"),
        ("PatientBirthDate: 19480312", "exact-date"),
        ("at 48.390112, -4.486034.", "address"),
        ("dont 2750331555014", "nir"),
        ("last_ipp=8004512377, p=0.93", "patient-number"),
        ("Dossier IPP/8004512377 relu", "patient-number"),
        ("excluded_ipp = [8001234567, 8009182736]", "patient-number"),
        ("excluded_patients[0]: 0051977", "patient-number"),
        ("Passport no. 14AV56712", "patient-number"),
        ("Accession number CHU-2021-0458831, MRI", "patient-number"),
        ("n° de prélèvement 21P004512", "patient-number"),
        ("Cardiologie (PRIGENT Solène)", "name"),
        ("hospitalisé depuis le 12/03/2021", "exact-date"),
        ("Jean Le Gall", "name"),
    ],
)
def test_identifiers_in_an_output(text: str, rule: str) -> None:
    assert rule in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "n = 153 patients, 12.5 % of 80, p = 0.031",
        "Kaplan Meier estimate, Cox model, Student t",
        "hôpital Claude Bernard, CHU Henri Mondor",
        "numpy 2.4.6, pandas 3.1.1, sha256 9f86d081884c7d659a2feaa0c55ad015",
        "The period runs from 01/01/2019 to 31/12/2021.",
        "0.612345678 0.269054958815780 1.850578006048",
        "SeriesName 10003456786",
        "AUC 0.81 (0.79-0.83), N = 1 234 567",
        "Contact : equipe-perinat@example.org",
        "drop if age < 18, residence abroad",
        "7 places disponibles, 12 cours en ligne, 3 passages aux urgences",
        "SELECT n FROM t WHERE annee = ?\n('2019',)",
        "the device has a serial connection; protocol SN 12",
        "x^2 + Y^3, a[at] and b [dot] c",
        "written 1750331555014 bytes, timestamp 1751031555014",
        "StudyDate 20190312, contact at the desk dot the i",
        "accession number GSE123456 and PRJNA654321",
        "sample size 12000 in 2019, admission 2019-2021",
        "patients = [41210, 38211]; n_patients: 41210",
    ],
)
def test_safe_texts_pass(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "We thank Mrs Odile Kerbrat, who took part although she was on dialysis.",
        "We thank Jean Le Gall, a patient of the cohort, for his help.",
        "Nous remercions Yann Morvan, qui a participé au pilote.",
        "We are grateful to our patient Youna Gestin.",
        "PRIGENT Solène",
        "M. Kerjean a refusé la diffusion de ses données.",
    ],
)
def test_a_thanked_patient_is_named(text: str) -> None:
    assert found(text, Source.PROSE) == {"name"}


@pytest.mark.parametrize(
    "text",
    [
        "We thank Marie Dupont for the statistics and Dr Paul Martin for his comments.",
        "Anne Le Bras read the manuscript; Madame la Présidente agreed.",
        "the patient Health Questionnaire, our patient Global Assessment",
        "Marie Dupont, Jean Martin",
        "Auteurs : DUPONT Marie et MARTIN Jean",
        "Solène PRIGENT",
        "We thank the patients and their families, and Dr Jane Smith for statistical advice.",
        "Acknowledgements. We thank Prof. Odile Kerbrat for her comments.",
    ],
)
def test_authors_and_colleagues_sign(text: str) -> None:
    assert found(text, Source.PROSE) == set()


def test_a_column_of_titles_and_names_names_persons() -> None:
    columns = facts(table("praticien actes", "Dr_Abiven 412", "Dr_Tonnerre 388"))
    assert {f.rule for f in identifiers.find(columns, Context())} == {"name"}
    wards = facts(table("service actes", "Médecine_A 412", "Médecine_B 388"))
    assert not identifiers.find(wards, Context())


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (("nom prenom", "Dupont Marie"), "name"),
        (("ddn groupe", "12/03/1948 A"), "exact-date"),
        (("x y", "48.39041 -4.48611", "48.41230 -4.51201", "48.35555 -4.40001"), "address"),
        (("x y", "48.39 -4.48", "48.41 -4.51", "48.35 -4.40"), ""),
        (("nom valeur", "seuil 11"), ""),
        (("prénom nom service", "Odile Quistinic Cardio", "Yannig Abgrall Uro"), "name"),
        (("initiales âge", "A.B. 71", "M.L. 64"), "name"),
        (("nom valeur", "Seuil 11", "Graine 7"), ""),
    ],
)
def test_one_row_and_points_name_persons_and_homes(lines: tuple[str, ...], rule: str) -> None:
    assert {f.rule for f in identifiers.find(facts(table(*lines)), Context())} == ({rule} if rule else set())


def test_a_sheet_called_after_a_person_names_them() -> None:
    sheet, file = (Passage("PRIGENT Solène", Source.NAME, where) for where in ("sheet", "file name"))
    assert [f.rule for f in identifiers.find(Facts(passages=(sheet,)), Context())] == ["name"]
    assert identifiers.find(Facts(passages=(file,)), Context()) == []


def test_numbers_below_the_key_of_a_patients_number() -> None:
    ids = TextNumber(Value(8001234567, "8001234567"), "excluded_ipp[0] = ", "")
    counts = TextNumber(Value(41210, "41210"), "patients[0] = ", "")
    assert [f.rule for f in identifiers.find(Facts(numbers=(counts, ids)), Context())] == ["patient-number"]


def test_an_authors_address_is_for_the_reviewers() -> None:
    (prose,) = identifiers.find(facts(text="contact: a.b@chu.fr", source=Source.PROSE), Context())
    (output,) = identifiers.find(facts(text="contact: a.b@chu.fr", source=Source.OUTPUT), Context())
    assert (prose.severity, output.severity) == (Severity.REVIEW, Severity.REFUSE)


def test_findings_do_not_repeat_the_identifier() -> None:
    full = nir_of("2690549588157")
    assert all(full not in f.message + f.where + f.fix for f in identifiers.find(facts(text=full), Context()))


def test_columns_prove_what_single_cells_do_not() -> None:
    bodies = ["2690549588157", "1850578006048", "1730313004123", "2991275116042"]
    assert {f.rule for f in identifiers.find(facts(table("k x", *(f"{b} 1" for b in bodies))), Context())} == {"nir"}
    names = table("a n", "Dupont 120", "Lefebvre 90", "Moreau 40", "Girard 55")
    assert {f.rule for f in identifiers.find(facts(names), Context())} == {"name"}
    keys = table("k n", "a91f3c55d2e1b077 20", "b81f3c55d2e1b077 30", "c91f3c55d2e1b071 40")
    assert {f.rule for f in identifiers.find(facts(keys), Context())} == {"pseudonym"}
    digests = table("sha256 n", "a91f3c55d2e1b077 20", "b81f3c55d2e1b077 30", "c91f3c55d2e1b071 40")
    assert identifiers.find(facts(digests), Context()) == []


def test_pseudonyms_as_the_extract_writes_them_are_seen() -> None:
    assert found("patient 23uvcvduxutxinhgslay2i3lza") == {"pseudonym"}
    assert found("patient internationalizationabcdef") == set()
    column = table(
        "code n", "23uvcvduxutxinhgslay2i3lza 30", "24aznagwzpnngiyupj5je6lleu 40", "25lamqhkqzszxig3ubyuocftwq 60"
    )
    assert {f.rule for f in identifiers.find(facts(column), Context())} == {"pseudonym"}


def test_the_projects_own_pseudonyms_are_known() -> None:
    assert found("see QX77 for more", pseudonyms=frozenset({"QX77"})) == {"pseudonym"}
    assert found("see QX78 for more", pseudonyms=frozenset({"QX77"})) == set()


_WORDS = (
    "IPP IEP NIP MRN BEN_NIR_PSA NIR RPPS ADELI FINESS SIRET IBAN patient id n° dossier séjour subject number record né"
    " le DDN born on died mai rue du avenue 2A 2B FR FR76 deadbeef abcdefabcdefabcd M. Lille : = # ' . - + / ( )"
)


def _cell(random_: random.Random) -> str:
    """Words that announce identifiers beside numbers of all lengths."""
    number = str(random_.randrange(10 ** random_.randint(1, 9)))
    parts = [*random_.choices(_WORDS.split(), k=3), number, f"A{number}", f"-{number}.{number}", f"0{number}"]
    return random_.choice(["", " "]).join(random_.choices(parts, k=random_.randint(0, 3)))


def test_a_row_that_is_skipped_holds_no_identifier() -> None:
    random_ = random.Random(11)
    rows = [" | ".join(_cell(random_) for _ in range(random_.randint(1, 3))) for _ in range(8000)]
    skipped = [row for row in rows if any(c.isdigit() for c in row) and PLAIN_ROW.fullmatch(row)]
    assert len(skipped) > 200
    assert [row for row in skipped if list(scan_shapes(row))] == []
    assert [row for row in rows if list(scan_shapes(row)) != list(scan(row))] == []


def test_a_column_of_names_with_unknown_surnames_is_found() -> None:
    unknown = table("who score", "Kervella_Anne 12", "Lagadec_Paul 14", "Quéméner_Marc 11", stub=0)
    places = table("hospital beds", "Saint_Joseph 120", "Sainte_Anne 140", "Saint_Louis 110", stub=0)
    assert "name" in {f.rule for f in identifiers.find(facts(unknown), Context())}
    assert "name" not in {f.rule for f in identifiers.find(facts(places), Context())}


def test_days_of_what_befell_persons_are_found() -> None:
    deaths = table("event date", "first_death 2019/03/04", "second_death 2019/05/11", "third_death 2020/01/09", stub=0)
    study = table("event date", "first_inclusion 2019/03/04", "last_visit 2019/05/11", "freeze 2020/01/09", stub=0)
    assert "exact-date" in {f.rule for f in identifiers.find(facts(deaths), Context())}
    assert "exact-date" not in {f.rule for f in identifiers.find(facts(study), Context())}
