"""French departments and the regions they lie in (codes of the official geographic code)."""

REGIONS: dict[str, str] = {
    "84": "01 03 07 15 26 38 42 43 63 69 73 74",
    "27": "21 25 39 58 70 71 89 90",
    "53": "22 29 35 56",
    "24": "18 28 36 37 41 45",
    "94": "2A 2B 20",
    "44": "08 10 51 52 54 55 57 67 68 88",
    "32": "02 59 60 62 80",
    "11": "75 77 78 91 92 93 94 95",
    "28": "14 27 50 61 76",
    "75": "16 17 19 23 24 33 40 47 64 79 86 87",
    "76": "09 11 12 30 31 32 34 46 48 65 66 81 82",
    "52": "44 49 53 72 85",
    "93": "04 05 06 13 83 84",
    "01": "971",
    "02": "972",
    "03": "973",
    "04": "974",
    "06": "976",
}
"""Region to the departments in it, separated by spaces."""


def department_sql(text: str) -> str:
    """SQL for the department that a postcode or a department of two or three characters starts with."""
    plain = f"CASE WHEN length({text}) = 3 AND left({text}, 1) = '0' THEN substr({text}, 2) ELSE {text} END"
    return f"CASE WHEN left({plain}, 2) IN ('97', '98') THEN left({plain}, 3) ELSE left({plain}, 2) END"


def region_sql(text: str) -> str:
    """SQL for the region of such a place; null where it is none of the departments."""
    cases = " ".join(
        f"WHEN {department_sql(text)} IN ({', '.join(repr(d) for d in departments.split())}) THEN '{region}'"
        for region, departments in REGIONS.items()
    )
    return f"CASE {cases} END"
