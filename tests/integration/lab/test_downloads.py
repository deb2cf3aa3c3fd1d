"""Every way to a file's bytes that Jupyter Server 2.21 has, tried against a server with the shipped configuration."""

from pathlib import Path

import pytest

from integration.lab.stand import LAB_TOKEN

NAMES = ["x.csv", "x.parquet", "x.zip", "x.png", "x.txt", "x.py", "x.ipynb", "x.html"]
ROUTES = [
    "files/{name}",
    "files/{name}?download=1",
    "view/{name}",
    "nbconvert/html/{name}",
    "nbconvert/script/{name}?download=true",
    "api/contents/{name}",
    "api/contents/{name}?type=file",
    "api/contents/{name}?type=file&format=text",
    "api/contents/{name}?type=file&format=base64",
    "api/contents/{name}?type=notebook",
    "api/contents/{name}?type=unheard-of",
    "api/notebooks/{name}",
    "static/../{name}",
    "lab/extensions/../{name}",
    "custom/{name}",
]


def leaks(response):
    return "SECRET" in response.text or "U0VDUkVU" in response.text or "attachment" in str(response.headers)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("route", ROUTES)
def test_no_route_gives_data(http, lab, csv, route, name):
    (lab.home / name).write_text(csv)
    response = http.get(route.format(name=name), follow_redirects=True)
    assert not leaks(response)
    assert response.status_code >= 400 or route.startswith("lab/")  # Lab answers unknown addresses with its own page


def test_files_answers_nothing_at_all(http, lab):
    (lab.home / "hello.py").write_text("x = 1")
    assert http.get("files/hello.py").status_code == 404


def test_conversion_of_posted_notebooks_is_refused(http, notebook):
    response = http.post("nbconvert/html", json={"name": "a.ipynb", "content": notebook})
    assert response.status_code == 403


def test_renaming_to_a_notebook_gives_nothing(http, lab, csv):
    (lab.home / "data.csv").write_text(csv)
    (lab.home / "trick.ipynb").unlink(missing_ok=True)
    assert http.patch("api/contents/data.csv", json={"path": "trick.ipynb"}).status_code == 200
    for query in ("type=file", "type=notebook", "type=file&format=base64", ""):
        response = http.get(f"api/contents/trick.ipynb?{query}")
        assert response.status_code == 403
        assert not leaks(response)


@pytest.mark.parametrize("action", ["copy", "trust", "checkpoint"])
def test_what_else_reads_a_notebook_does_not_quote_it(http, lab, csv, action):
    (lab.home / "trick.ipynb").write_text(csv)
    response = {
        "copy": lambda: http.post("api/contents", json={"copy_from": "trick.ipynb"}),
        "trust": lambda: http.post("api/contents/trick.ipynb/trust"),
        "checkpoint": lambda: http.post("api/contents/trick.ipynb/checkpoints"),
    }[action]()
    assert not leaks(response)


def test_copies_of_data_stay_inside(http, lab, csv):
    (lab.home / "data.csv").write_text(csv)
    response = http.post("api/contents/project", json={"copy_from": "data.csv"})
    assert response.status_code == 201
    assert not leaks(response)
    assert (lab.project / "data.csv").read_text() == csv


@pytest.mark.parametrize(
    "path",
    [
        "../project-of-others/secret.py",
        "..%2Fproject-of-others%2Fsecret.py",
        "%2e%2e/project-of-others/secret.py",
        "project/../../project-of-others/secret.py",
        "project-of-others/secret.py",
        "%2Fetc%2Fpasswd",
    ],
)
def test_paths_lead_nowhere_else(http, lab, path):
    (lab.outside / "secret.py").write_text("# SECRET")
    for route in ("api/contents/", "files/", "view/"):
        response = http.get(route + path)
        assert response.status_code in {403, 404}
        assert not leaks(response)


def test_links_lead_nowhere_else(http, lab, tmp_path):
    (lab.outside / "secret.py").write_text("# SECRET")
    for name, target in (("one.py", lab.outside / "secret.py"), ("others", lab.outside)):
        (lab.home / name).unlink(missing_ok=True)
        (lab.home / name).symlink_to(target)
    for path in ("one.py", "others/secret.py"):
        response = http.get(f"api/contents/{path}")
        assert response.status_code == 403
        assert not leaks(response)


def test_a_kernel_of_the_home_carries_nothing_out(http, lab, csv):
    folder = lab.home / ".local/share/jupyter/kernels/mine"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text('{"argv": ["python"], "display_name": "mine", "language": "python"}')
    (folder / "logo-64x64.png").write_text(csv)
    response = http.get("kernelspecs/mine/logo-64x64.png")
    assert response.status_code in {403, 404}
    assert not leaks(response)


def test_an_extension_of_the_home_carries_nothing_out(http, lab, csv):
    folder = lab.home / ".local/share/jupyter/labextensions/mine"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.js").write_text(csv)
    response = http.get("lab/extensions/mine/data.js")
    assert response.status_code >= 400 or "SECRET" not in response.text


@pytest.mark.parametrize("path", ["api/terminals", "terminals/websocket/1", "lsp/status"])
def test_what_is_off_is_off(http, path):
    assert http.get(path).status_code in {403, 404}
    assert http.post(path).status_code in {403, 404, 405}


def test_nothing_is_installed_from_inside(http):
    """The list of extensions is read-only; its manager knows no source."""
    command = {"cmd": "install", "extension_name": "some-extension"}
    response = http.post("lab/api/extensions", json=command)
    assert response.status_code >= 400 or response.json()["status"] != "ok"


def test_work_goes_on(http, lab, notebook):
    (lab.home / "work.ipynb").write_text(notebook)
    (lab.project / "fit.py").write_text("x = 1\n")
    model = http.get("api/contents/work.ipynb").json()
    assert model["content"]["cells"][0]["source"] == "print('hello')"
    assert http.get("api/contents/project/fit.py").json()["content"] == "x = 1\n"
    assert http.put("api/contents/work.ipynb", json=model).status_code == 200
    assert {entry["name"] for entry in http.get("api/contents").json()["content"]} >= {"project", "data", "work.ipynb"}
    assert http.get("api/kernelspecs").status_code == 200
    assert http.get("lab").status_code == 200


def test_strangers_see_nothing(http, lab):
    (lab.home / "hello.py").write_text("x = 1")
    for path in ("api/contents/hello.py", "ecluse/api/requests", "ecluse/api/info", "lab"):
        response = http.get(path, headers={"Authorization": "token wrong"})
        assert response.status_code in {302, 403}
        assert "x = 1" not in response.text


def test_kernels_use_no_port(http, lab):
    kernel = http.post("api/kernels", json={"name": "python3"}).json()["id"]
    try:
        run = lab.home.parent / "run"
        assert '"transport": "ipc"' in (run / f"kernel-{kernel}.json").read_text()
    finally:
        http.delete(f"api/kernels/{kernel}")


def test_the_log_names_no_secret(lab):
    log = Path(lab.log).read_text()
    assert "SECRET" not in log
    assert LAB_TOKEN not in log
