"""What every page has around it: links, the person's name, our own assets, and refusals as sentences."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from ecluse.rules.outcome import Refused
from ecluse.rules.policy import Policies

from .identity import Session
from .notes import WORDS
from .render import environment
from .settings import BASE
from .views import STATE_WORDS, age, human_size, moment, person_name

STATIC = {
    "ecluse.css": "text/css; charset=utf-8",
    "ecluse.js": "text/javascript; charset=utf-8",
    "ecluse.svg": "image/svg+xml",
    "htmx.min.js": "text/javascript; charset=utf-8",
}
"""Every asset that a page can load. A name that is not here does not exist."""

HEADINGS = {
    400: "Something is missing",
    401: "You are not signed in",
    403: "You can't do this",
    404: "There is nothing here for you",
    409: "This can't be done now",
    413: "This is too large",
    422: "Something is missing",
    503: "Out of order just now",
}


def url_maker(request: Request) -> Callable[..., str]:
    """Makes the path of a route by its name, below whatever prefix the service is reached under."""

    def url(route: str, /, **params: str) -> str:
        return request.url_for(f"page-{route}", **params).path

    return url


def page(request: Request, template: str, me: Session, policies: Policies, **values: Any) -> Response:
    """A page from a template of `templates/pages`."""
    shown = {"csrf": me.csrf, "name": person_name(policies, me.person)}
    html = environment().get_template(f"pages/{template}").render(**_common(request), me=shown, **values)
    return HTMLResponse(html)


def error_page(request: Request, status: int, refused: Refused) -> Response:
    """A refusal as a page; an `errors.ErrorPage`. It names nobody: it may come before it is known who asks."""
    request_id = request.path_params.get("request_id")
    values = {
        "heading": HEADINGS.get(status, "This went wrong"),
        "refused": refused,
        "status": status,
        "back": url_maker(request)("request", request_id=request_id) if request_id and request.method == "POST" else "",
        "me": None,
    }
    html = environment().get_template("pages/error.html").render(**_common(request), **values)
    return HTMLResponse(html, status)


def _common(request: Request) -> dict[str, Any]:
    return {
        "url": url_maker(request),
        "sign_out": f"{BASE}/logout",
        "here": getattr(request.scope.get("route"), "name", ""),
        "state_words": STATE_WORDS,
        "severity_words": WORDS,
        "age": age,
    }


def add_filters() -> None:
    """Filters that only pages use."""
    environment().filters.update(moment=moment, size=human_size)


def asset(name: str) -> Response:
    """One of our own files. Named in a table, so that no path from outside reaches the disk."""
    if name not in STATIC:
        raise HTTPException(404, "There is no such file.")
    content = files("ecluse.airlock").joinpath("static", name).read_bytes()
    headers = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "same-origin"}
    return Response(content, media_type=STATIC[name], headers=headers)
