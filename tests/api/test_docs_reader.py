"""The reader at /docs: its policy, its vendored files, and the same documentation without scripts."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from api import vendored_files
from api.docs_pages import READER
from tests.api.answers import ON_SQLITE, problem

PROJECTS = sorted(path for path in vendored_files.FOLDER.iterdir() if path.is_dir())


def policy_of(answer) -> dict[str, set[str]]:
    directives = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: set(sources) for name, *sources in directives}


@ON_SQLITE
def test_only_our_files_run_and_only_this_server_is_asked(app):
    policy = policy_of(app.test_client().get("/docs"))
    assert policy["default-src"] == {"'none'"}
    assert policy["script-src"] == {"'self'"}
    assert policy["connect-src"] == {"'self'"}
    assert policy["form-action"] == policy["frame-ancestors"] == policy["base-uri"] == {"'none'"}
    sources = set().union(*policy.values())
    assert sources == {"'none'", "'self'", "'unsafe-inline'", "data:", "blob:"}
    assert [name for name, found in policy.items() if "'unsafe-inline'" in found] == ["style-src"]


@ON_SQLITE
def test_no_other_page_runs_scripts_or_inline_styles(app):
    for path in ("/", "/safety", "/docs/text", "/problems/invalid", "/openapi.json"):
        policy = policy_of(app.test_client().get(path))
        assert "script-src" not in policy, path
        assert policy["style-src"] == {"'self'"}, path


@ON_SQLITE
def test_the_page_names_no_other_host_and_has_no_inline_script(app):
    client = app.test_client()
    page = client.get("/docs").get_data(as_text=True)
    assert "//" not in page
    assert re.findall(r"<script[^>]*>[^<]", page) == []
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert {f"/static/vendor/{READER}", "/static/docs_reader.js", "/docs/text"} <= set(files)
    for file in files:
        assert client.get(file, buffered=True).status_code == 200, file
    assert "https:" not in client.get("/static/docs_reader.js", buffered=True).get_data(as_text=True)


@ON_SQLITE
def test_without_scripts_the_page_links_to_the_text(app):
    page = app.test_client().get("/docs").get_data(as_text=True)
    assert "<noscript>" in page
    assert '<a href="/docs/text">' in page
    assert "/docs/text" in app.test_client().get("/about").get_data(as_text=True)


@ON_SQLITE
def test_a_vendored_file_is_compressed_and_cached_for_a_year(app):
    client = app.test_client()
    url = f"/static/vendor/{READER}"
    plain, packed = client.get(url), client.get(url, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == (vendored_files.FOLDER / READER).read_bytes()
    for answer in (plain, packed):
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
    notes = client.get("/static/vendor/scalar/VENDORED.txt")
    assert (notes.mimetype, notes.headers["Cache-Control"]) == ("text/plain", "no-cache"), "its name has no version"


@ON_SQLITE
@pytest.mark.parametrize(
    "name", ["nothing.js", "scalar", "../pages.css", "..%2Fpages.css", "scalar/../../pages.css", "x" * 300]
)
def test_only_the_files_of_the_folder_are_served(app, name):
    problem(app.test_client().get(f"/static/vendor/{name}"), 404)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_each_vendored_file_is_the_one_that_is_written_down(project: Path):
    notes = dict(line.split(": ", 1) for line in (project / "VENDORED.txt").read_text().splitlines())
    name = notes["file"].partition(",")[0]
    assert notes["version"] in name, "a browser keeps a file for a year by its name"
    assert hashlib.sha256((project / name).read_bytes()).hexdigest() == notes["sha256"]
    assert {path.name for path in project.iterdir()} == {name, "VENDORED.txt", "LICENSE.txt"}
    assert "Copyright" in (project / "LICENSE.txt").read_text()
