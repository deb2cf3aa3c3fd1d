"""The sign-in page: guesses, a stolen password without the second factor, and forms of elsewhere."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pyotp

from escape.attempt import Seen
from escape.stranger_case import SAME, WEAK_HUB, Act, Case
from escape.stranger_place import Place
from escape.weak_hub import cookie

LOGIN = "/hub/login"
LIMITED = 429


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _guesses()
    yield from _factors()
    yield from _locks()
    yield from _forms()


def post(place: Place, *, xsrf: bool = True, method: str = "POST", path: str = LOGIN, headers: dict[str, str] | None = None,
         content: bytes | None = None, **data: Any) -> httpx.Response:  # fmt: skip
    """Open the page in a new browser and send its form, or what is sent in its place."""
    with place.client() as browser:
        if xsrf:
            browser.get(LOGIN)
            data = {**data, "_xsrf": cookie(browser, "_xsrf", LOGIN)}
        body: dict[str, Any] = (
            {"content": content.replace(b"XSRF", str(data["_xsrf"]).encode())} if content else {"data": data}
        )
        return browser.post(path, headers={"Referer": f"{place.url}{LOGIN}", **(headers or {})}, **body)


def signed_in(answer: httpx.Response) -> bool:
    """Whether somebody is signed in now: the hub gives them a session."""
    given = " ".join(answer.headers.get_list("set-cookie"))
    return "jupyterhub-hub-login=" in given or "jupyterhub-session-id=" in given


def judged(answer: httpx.Response, *, through: bool | None = None) -> Seen:
    """What became of a sign-in. One that a limit or a lock stopped before it was looked at says nothing."""
    stopped = answer.status_code == LIMITED
    got_in = signed_in(answer) if through is None else through
    return Seen(got_in and not stopped, "signed in" if got_in else str(answer.status_code), failed=stopped)


# -- guesses ----------------------------------------------------------------------------------------------------------

GUESSES: dict[str, dict[str, Any]] = {
    "a common password": {"password": "password123"}, "the name": {"password": "tam"}, "nothing": {"password": ""},
    "no field at all": {}, "two fields": {"password": ["guess-one", "guess-two"]}, "a list": {"password[]": "guess-guess"},
    "a condition of SQL": {"username": "tim' OR '1'='1", "password": "' OR '1'='1"}, "a pattern": {"username": "*", "password": "*"},
    "a null behind the name": {"username": "tom\0", "password": "guess-guess"}, "a name in wide letters": {"username": "\uff54ｏｍ",
    "password": "guess-guess"}, "very many signs": {"password": "x" * 100_000}, "a hash": {"password": "$scrypt$ln=15,r=8,p=1$" + "A" * 43},
}  # fmt: skip


def _guesses() -> Iterator[Case]:
    for number, (name, data) in enumerate(GUESSES.items()):
        person = ("tam", "tim", "tom")[number % 3]
        if number >= 9:
            person = f"nobody{number}"
        yield Case(f"sign in with {name}", _guess({"username": person, **data}), WEAK_HUB, elsewhere=True)
    as_json = b'{"username": "tem", "password": {"$ne": ""}, "_xsrf": "XSRF"}'
    yield Case("sign in by JSON with a condition", lambda p: _json(p, as_json), WEAK_HUB, elsewhere=True)


def _guess(data: dict[str, Any]) -> Act:
    return lambda place: judged(post(place, **data))


def _json(place: Place, body: bytes) -> Seen:
    kind = "application/x-www-form-urlencoded" if place.twin else "application/json"  # the weak one reads forms alone
    content = b"username=tem&password=x&_xsrf=XSRF" if place.twin else body
    return judged(post(place, content=content, headers={"Content-Type": kind}))


# -- the second factor ------------------------------------------------------------------------------------------------


def _secret(place: Place, person: str) -> pyotp.TOTP:
    assert place.world is not None
    return pyotp.TOTP(json.loads(place.world.enclave.codes_file.read_text())[person])


Codes = Callable[[pyotp.TOTP, float], dict[str, Any]]
FACTORS: dict[str, Codes] = {
    "no code": lambda _t, _n: {}, "an empty code": lambda _t, _n: {"otp": ""}, "a code of zeros": lambda _t, _n: {"otp": "000000"},
    "a code of five minutes ago": lambda t, n: {"otp": t.at(int(n - 300))}, "a code of five minutes from now":
    lambda t, n: {"otp": t.at(int(n + 300))}, "a code of another secret": lambda _t, n: {"otp": pyotp.TOTP("A" * 32).at(int(n))},
    "the code in the place of the password": lambda t, n: {"password": t.at(int(n)), "otp": ""}, "many codes at once":
    lambda _t, _n: {"otp": " ".join(f"{n:06}" for n in range(200))}, "a code in a field of another name": lambda t, n: {
    "code": t.at(int(n))}, "a word that is true": lambda _t, _n: {"otp": "true"}, "a code in wide digits": lambda t, n: {
    "otp": "".join(chr(ord(d) + 0xFEE0) for d in t.at(int(n)))}, "a code with a letter behind": lambda t, n: {"otp": t.at(int(n)) + "a"},
}  # fmt: skip


def _factors() -> Iterator[Case]:
    for number, (name, codes) in enumerate(FACTORS.items()):
        person = ("sam", "sim", "som")[number // 4]  # a fifth wrong code would lock the name
        yield Case(f"a stolen password with {name}", _factor(person, codes), WEAK_HUB, elsewhere=True)
    yield Case("a stolen password with a code that was used", _replay, WEAK_HUB, elsewhere=True)


def _factor(person: str, codes: Codes) -> Act:
    def act(place: Place) -> Seen:
        assert place.world is not None
        data = {"username": person, "password": place.world.enclave.passwords()[person]}
        return judged(post(place, **{**data, **codes(_secret(place, person), time.time())}))

    return act


def _replay(place: Place) -> Seen:
    assert place.world is not None
    data = {"username": "sum", "password": place.world.enclave.passwords()["sum"], "otp": _secret(place, "sum").now()}
    owner = post(place, **data)
    if not signed_in(owner):
        return Seen(through=False, what=f"its owner did not get in: {owner.status_code}", failed=True)
    return judged(post(place, **data))


# -- a name that is locked --------------------------------------------------------------------------------------------


def _locks() -> Iterator[Case]:
    yield Case("guess at one name without end", _endless, WEAK_HUB, "locked", elsewhere=True)
    for name, (person, spelled) in {"with the right password": ("tom", "tom"), "in capitals": ("tim", "TIM"),
                                    "with a blank behind": ("tam", "tam ")}.items():  # fmt: skip
        yield Case(f"a locked name {name}", _locked(person, spelled), WEAK_HUB, "locked", elsewhere=True)


def _endless(place: Place) -> Seen:
    answers = [post(place, username="nobody-at-all", password="guess-guess").status_code for _ in range(7)]
    return Seen(LIMITED not in answers, f"{answers}")


def _locked(person: str, spelled: str) -> Act:
    def act(place: Place) -> Seen:
        assert place.world is not None
        for _ in range(6):
            before = post(place, username=person, password="guess-guess")
        if not place.twin and before.status_code != LIMITED:
            return Seen(through=False, what=f"the name was not locked: {before.status_code}", failed=True)
        answer = post(place, username=spelled, password=place.world.enclave.passwords()[person])
        return Seen(signed_in(answer), "signed in" if signed_in(answer) else str(answer.status_code))

    return act


# -- forms of elsewhere -----------------------------------------------------------------------------------------------


def _forms() -> Iterator[Case]:
    for name, (field, given) in {
        "without its token": ("", ""), "with a token that was made up": ("x" * 40, ""), "with the token of another browser": ("OTHER", ""),
        "with a token and a cookie that were both made up": ("x" * 40, "x" * 40),
    }.items():  # fmt: skip
        yield Case(f"sign somebody in as another by a form {name}", _foreign(field, given), SAME, elsewhere=True)


def _foreign(field: str, given: str) -> Act:
    """The name and the password are right: a victim would work under a name that the attacker knows."""

    def act(place: Place) -> Seen:
        assert place.world is not None
        data = {"username": "tem", "password": place.world.enclave.passwords()["tem"]}
        if place.twin:
            return judged(post(place, **data))
        token = field
        if field == "OTHER":
            with place.client() as other:
                other.get(LOGIN)
                token = cookie(other, "_xsrf", LOGIN)
        with place.client() as browser:
            browser.get(LOGIN)
            mine = {"Cookie": f"_xsrf={given}"} if given else {}
            headers = {"Referer": "https://evil.example/", "Origin": "https://evil.example", **mine}
            return judged(browser.post(LOGIN, data={**data, "_xsrf": token}, headers=headers))

    return act
