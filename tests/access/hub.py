"""The hub's rows, about ada and her server of project alpha; every handler of JupyterHub and each of its methods.

Pages that only lead somewhere else after signing in are open to all who are signed in. What the hub shows of a person
goes to that person; what it shows of others, and everything that changes something, is closed but for starting,
stopping and watching one's own servers.
"""

from .callers import EVERYBODY, NOBODY, SIGNED_IN, Caller, Row, only

SELF = only(Caller.SELF)
PROVEN = SIGNED_IN | only(Caller.WORKSPACE, Caller.AIRLOCK)
USER = "/user/(?P<user_name>[^/]+)(?P<user_path>/.*)?"
ADA, SERVER = "/users/ada", "/users/ada/servers/alpha"
STOCK = "the stock API of JupyterHub; nobody holds its scope"


def _api(methods: str, path: str, allowed: frozenset[Caller] = NOBODY, example: str = "", why: str = "") -> list[Row]:
    return [
        Row(m, f"/hub/api{path}", allowed, f"/hub/api{example or path}", why or ("" if allowed else STOCK))
        for m in methods.split()
    ]


def _page(methods: str, path: str, allowed: frozenset[Caller], example: str = "", why: str = "") -> list[Row]:
    return [Row(m, f"/hub{path}", allowed, f"/hub{example or path}", why) for m in methods.split()]


HUB: tuple[Row, ...] = (
    *_page("GET", "", EVERYBODY, why="leads to the first page"),
    *_page("GET", "/", EVERYBODY, why="leads to the first page"),
    *_page("GET", "/home", SIGNED_IN, why="the own projects"),
    *_page("GET", "/login", EVERYBODY),
    *_page("POST", "/login", SIGNED_IN, why="needs the token of a page that this browser was given"),
    *_page("GET", "/health$", EVERYBODY, "/health", "says `ok`"),
    *_page("GET", "/metrics$", NOBODY, "/metrics"),
    *_page("GET", "/admin", NOBODY),
    *_page("GET", "/token", SIGNED_IN, why="says that tokens are not offered"),
    *_page("GET POST", "/accept-share", NOBODY, "/accept-share?code=abc", "servers are not shared"),
    *_page("GET", r"/error/(\d+)", EVERYBODY, "/error/503", "a sentence"),
    *_page("POST", "/security/csp-report", SIGNED_IN, why="a line in the log"),
    *_page("GET", "/user-redirect/(.*)?", SIGNED_IN, "/user-redirect/lab", "to the default server: nobody has one"),
    *_page("GET", "/spawn", NOBODY, why="there is no default server"),
    *_page("POST", "/spawn", NOBODY),
    *_page("GET POST", "/spawn/([^/]+)", NOBODY, "/spawn/ada", "there is no default server"),
    *_page("GET", "/spawn/([^/]+)/([^/]+)", SELF, "/spawn/ada/alpha"),
    *_page("GET", "/spawn-pending/([^/]+)", NOBODY, "/spawn-pending/ada"),
    *_page("GET", "/spawn-pending/([^/]+)/([^/]+)", SELF, "/spawn-pending/ada/alpha"),
    *_page("GET", USER, only(Caller.SELF, Caller.WORKSPACE), "/user/ada/alpha/", "leads to a server that runs"),
    *_page("POST PATCH DELETE", USER, NOBODY, "/user/ada/alpha/", "says that the server does not run, whoever asks"),
    *_api("GET", "/health$", EVERYBODY, "/health", "says `ok`"),
    *_api("GET", "/metrics$", example="/metrics"),
    *_api("GET", "/?", EVERYBODY, "/", "the hub's version; the edge closes the way"),
    *_api("GET", "/info"),
    *_api("GET POST PATCH", "/proxy"),
    *_api("POST", "/shutdown"),
    *_api("GET", "/user", PROVEN, why="who the caller is"),
    *_api("GET", "/oauth2/authorize", SIGNED_IN, "/oauth2/authorize?client_id=service-airlock&response_type=code"),
    *_api("POST", "/oauth2/authorize", SIGNED_IN, "/oauth2/authorize?client_id=service-airlock&response_type=code"),
    *_api("POST", "/oauth2/token", why="needs the client's secret, a code and its verifier"),
    *_api("GET POST", "/authorizations/token/([^/]+)", example="/authorizations/token/abc", why="not in use any more"),
    *_api("GET POST", "/authorizations/token", why="not in use any more"),
    *_api("GET", "/authorizations/cookie/([^/]+)(?:/([^/]+))?", example="/authorizations/cookie/a/b"),
    *_api("GET POST", "/users"),
    *_api("GET", "/users/([^/]+)", only(Caller.SELF, Caller.WORKSPACE, Caller.AIRLOCK), ADA, "the airlock: the name"),
    *_api("POST PATCH DELETE", "/users/([^/]+)", example=ADA),
    *_api("GET POST PUT PATCH DELETE", "/users/([^/]+)/server", example=f"{ADA}/server"),
    *_api("GET", "/users/([^/]+)/server/progress", example=f"{ADA}/server/progress"),
    *_api("GET POST", "/users/([^/]+)/tokens", example=f"{ADA}/tokens"),
    *_api("GET DELETE", "/users/([^/]+)/tokens/([^/]*)", example=f"{ADA}/tokens/abc"),
    *_api("GET", "/users/([^/]+)/servers/([^/]*)", SELF, SERVER),
    *_api("PUT", "/users/([^/]+)/servers/([^/]*)", example=SERVER, why="it is there already"),
    *_api("GET", "/users/([^/]+)/servers/([^/]*)/progress", SELF, f"{SERVER}/progress"),
    Row(
        "POST", "/hub/api/users/([^/]+)/activity", only(Caller.SELF, Caller.WORKSPACE), "/hub/api/users/ada/activity",
        send={"last_activity": "2026-01-01T00:00:00Z"},
    ),
    *_api("POST", "/users/([^/]+)/admin-access", example=f"{ADA}/admin-access"),
    *_api("GET", "/users/([^/]+)/shared", example=f"{ADA}/shared"),
    *_api("GET DELETE", "/users/([^/]+)/shared/([^/]+)/([^/]*)", example=f"{ADA}/shared/ben/beta"),
    *_api("GET POST", "/groups"),
    *_api("GET POST DELETE", "/groups/([^/]+)", example="/groups/x"),
    *_api("POST DELETE", "/groups/([^/]+)/users", example="/groups/x/users"),
    *_api("PUT", "/groups/([^/]+)/properties", example="/groups/x/properties"),
    *_api("GET", "/groups/([^/]+)/shared", example="/groups/x/shared"),
    *_api("GET DELETE", "/groups/([^/]+)/shared/([^/]+)/([^/]*)", example="/groups/x/shared/ada/alpha"),
    *_api("GET", "/services"),
    *_api("GET POST DELETE", "/services/([^/]+)", example="/services/airlock"),
    *_api("GET POST PATCH DELETE", "/shares/([^/]+)", example="/shares/ada"),
    *_api("GET POST PATCH DELETE", "/shares/([^/]+)/([^/]*)", example="/shares/ada/alpha"),
    *_api("GET POST DELETE", "/share-codes/([^/]+)", example="/share-codes/ada"),
    *_api("GET POST DELETE", "/share-codes/([^/]+)/([^/]*)", example="/share-codes/ada/alpha"),
    *_page("POST", "/spawn/([^/]+)/([^/]+)", SELF, "/spawn/ada/alpha", "start; what is sent with it is ignored"),
    *_api("POST", "/users/([^/]+)/servers/([^/]*)", SELF, SERVER, "start; what is sent with it is ignored"),
    # Last: they end what the rows above need.
    *_api("DELETE", "/users/([^/]+)/servers/([^/]*)", SELF, SERVER, "stop"),
    Row(
        "PATCH", "/hub/api/users/([^/]+)/servers/([^/]*)", NOBODY, f"/hub/api{SERVER}", send={"name": "beta"},
        why="a workspace is named by its project",
    ),
    *_page("GET", "/logout", EVERYBODY),
)  # fmt: skip
"""The rows, in the order in which a test calls them."""

PROVIDER: tuple[Row, ...] = (
    *_page("GET", "/oauth_login", EVERYBODY, why="leads to the provider, with a state that this browser keeps"),
    *_page("GET", "/oauth_callback", NOBODY, "/oauth_callback?code=abc&state=abc", "not without a begun sign-in"),
    *_page("POST", "/login", NOBODY, why="passwords are the provider's"),
)
"""What differs where people sign in at a provider; tried by a stranger and by the person alone."""
