import json
from pathlib import Path

import nbformat
import pytest
from tornado.web import HTTPError

from ecluse_lab.contents import EcluseContentsManager

CSV = "person,age\n" + "".join(f"SECRET{n},{n}\n" for n in range(30))


@pytest.fixture
def contents(workspace):
    return EcluseContentsManager(root_dir=workspace.home, workspace=workspace)


def write(workspace, name, text=CSV):
    path = Path(workspace.home) / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def notebook(text="print(1)"):
    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text)]))


async def refused(contents, path, **options):
    with pytest.raises(HTTPError) as error:
        await contents.get(path, **options)
    said = f"{error.value.log_message} {error.value.reason}"
    assert "SECRET" not in said
    return error.value.status_code, said


@pytest.mark.parametrize("wanted", [None, "text", "base64"])
@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.txt", "x.ipynb"])
async def test_data_are_not_served(contents, workspace, name, wanted):
    assert (await refused(contents, write(workspace, name), type="file", format=wanted))[0] == 403


@pytest.mark.parametrize("name", ["x.csv", "x.ipynb", "x.py"])
async def test_data_are_not_quoted_as_a_broken_notebook(contents, workspace, name):
    assert (await refused(contents, write(workspace, name), type="notebook"))[0] == 403


async def test_data_with_a_notebook_beside_them_are_not_swapped(contents, workspace):
    write(workspace, "x.ipynb")
    write(workspace, ".~x.ipynb", notebook())
    assert (await refused(contents, "x.ipynb"))[0] == 403
    assert (Path(workspace.home) / "x.ipynb").read_text() == CSV


async def test_sources_are_served(contents, workspace):
    model = await contents.get(write(workspace, "fit.py", "x = 1\n"))
    assert (model["content"], model["format"], model["type"]) == ("x = 1\n", "text", "file")


async def test_sources_are_not_served_as_base64(contents, workspace):
    assert (await refused(contents, write(workspace, "fit.py", "x = 1\n"), format="base64"))[0] == 403


async def test_notebooks_are_served_and_saved(contents, workspace):
    model = await contents.get(write(workspace, "a.ipynb", notebook()), require_hash=True)
    assert model["content"].cells[0].source == "print(1)"
    model["content"].cells[0].source = "print(2)"
    await contents.save(model, "a.ipynb")
    assert (await contents.get("a.ipynb"))["content"].cells[0].source == "print(2)"


async def test_a_notebook_opens_as_text(contents, workspace):
    assert json.loads((await contents.get(write(workspace, "a.ipynb", notebook()), type="file"))["content"])


async def test_folders_are_listed_without_content(contents, workspace):
    write(workspace, "x.csv")
    model = await contents.get("")
    assert {entry["name"] for entry in model["content"]} == {"x.csv", "project", "data"}
    assert all(entry["content"] is None for entry in model["content"])


async def test_the_extract_is_listed_but_not_served(contents, workspace):
    (Path(workspace.data) / "notes.txt").write_text("codebook")
    assert [entry["name"] for entry in (await contents.get("data"))["content"]] == ["notes.txt"]
    assert (await refused(contents, "data/notes.txt"))[0] == 403


async def test_links_out_are_not_served(contents, workspace, tmp_path):
    (tmp_path / "secret.txt").write_text("SECRET")
    (tmp_path / "project-of-others" / "x.py").write_text("SECRET")
    (Path(workspace.home) / "a.txt").symlink_to(tmp_path / "secret.txt")
    (Path(workspace.home) / "others").symlink_to(tmp_path / "project-of-others")
    assert (await refused(contents, "a.txt"))[0] == 403
    assert (await refused(contents, "others/x.py"))[0] == 403


@pytest.mark.parametrize("path", ["../project-of-others/x.py", "../home-2/x.py", "..", "a\0b"])
async def test_paths_out_are_unknown(contents, workspace, tmp_path, path):
    (tmp_path / "project-of-others" / "x.py").write_text("SECRET")
    assert (await refused(contents, path))[0] == 404


async def test_data_are_copied_in_the_workspace(contents, workspace):
    write(workspace, "x.csv", b"\x00\xff" + CSV.encode())
    model = await contents.copy("x.csv")
    assert model["content"] is None
    assert (Path(workspace.home) / model["path"]).read_bytes() == b"\x00\xff" + CSV.encode()
    assert (await refused(contents, "x.csv"))[0] == 403


async def test_copying_a_broken_notebook_does_not_quote_it(contents, workspace):
    write(workspace, "x.ipynb")
    with pytest.raises(HTTPError) as error:
        await contents.copy("x.ipynb")
    assert "SECRET" not in str(error.value)


async def test_pictures_are_served_where_the_site_says_so(contents, workspace):
    name = write(workspace, "a.png", b"\x89PNG\r\n")
    assert (await refused(contents, name))[0] == 403
    contents.viewable = ["png"]
    assert (await contents.get(name))["format"] == "base64"
    assert (await refused(contents, write(workspace, "x.csv"), format="base64"))[0] == 403


async def test_a_hash_is_no_content(contents, workspace):
    model = await contents.get(write(workspace, "x.csv"), content=False, require_hash=True)
    assert len(model["hash"]) == 64
    assert model["content"] is None


def test_the_files_route_is_off(contents):
    assert contents.files_handler_class is None
