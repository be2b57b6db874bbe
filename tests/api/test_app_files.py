"""The files of the web client: how the server sends them, and what the page may load."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from api import app_files
from api.app_files import FOLDER, read_client
from tests.api.answers import problem

VENDORED = sorted(path for path in (FOLDER / "vendor").iterdir())
FOR_A_YEAR = "public, max-age=31536000, immutable"


class Parser(HTMLParser):
    """Collect the addresses that a page loads, and whether it has inline scripts or styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("link", "script"):
            self.urls.append(named.get("href") or named.get("src") or self.inline.append(tag) or "")
        self.inline += [name for name in named if name == "style" or name.startswith("on")]


def test_the_page_loads_only_files_of_its_version_and_nothing_inline(app):
    client = app.test_client()
    answer = client.get("/app/")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/html", "no-cache")
    page = Parser(answer.get_data(as_text=True))
    assert page.inline == []
    assert len(page.urls) > 10
    for url in page.urls:
        loaded = client.get(url)
        assert loaded.status_code == 200, url
        if url != "/app/app.webmanifest":
            assert url.startswith(f"/app/{read_client().version}/")
            assert loaded.headers["Cache-Control"] == FOR_A_YEAR


def test_the_policy_allows_no_inline_code_no_other_host_and_no_text_as_script(app):
    policy = app.test_client().get("/app/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    sources = {source for name, value in rules.items() if name.endswith("-src") for source in value.split()}
    assert sources == {"'none'", "'self'", "blob:"}
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"


def test_every_path_of_a_screen_shows_the_same_page(app):
    client = app.test_client()
    page = client.get("/app/").data
    for path in ("join", "dates/3f0e7a55-2c53-4a64-8a57-1f6c9b0f4d44", "us/space"):
        answer = client.get(f"/app/{path}")
        assert (answer.status_code, answer.data) == (200, page)
    assert client.get("/app").headers["Location"] == "/app/"
    assert client.get("/").headers["Location"] == "/app/"


def test_an_unchanged_page_is_not_sent_again(app):
    client = app.test_client()
    for url in ("/app/", "/app/sw.js", "/app/app.webmanifest"):
        tag = client.get(url).headers["ETag"]
        again = client.get(url, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["main.js", "icons.svg", "app.css"])
def test_a_file_is_compressed_once(app, name):
    client = app.test_client()
    url = f"/app/{read_client().version}/{name}"
    plain, packed = client.get(url), client.get(url, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_the_style_sheet_begins_with_the_order_of_the_layers(app):
    styles = app.test_client().get(f"/app/{read_client().version}/app.css").get_data(as_text=True)
    assert re.findall("@layer[^{;]*[{;]", styles)[0] == "@layer base, parts, screens;"


def test_a_file_of_another_version_or_outside_the_folder_is_not_found(app):
    client, version = app.test_client(), read_client().version
    inside = ("nothing.js", "../main.js", "index.html", "types.d.ts", "vendor/preact/LICENSE.txt", "x" * 300 + ".js")
    for path in ("0123456789ab/main.js", "main.js", *(f"{version}/{name}" for name in inside)):
        problem(client.get(f"/app/{path}"), 404)


def test_the_worker_keeps_all_files_of_one_version_and_never_an_answer_of_the_api(app):
    client = app.test_client()
    worker, version = client.get("/app/sw.js").get_data(as_text=True), read_client().version
    pictures = json.loads(re.search(r"^const PICTURES = (\[.*\]);$", worker, re.MULTILINE)[1])
    texts = client.get(f"/app/{version}/texts.json").get_json()
    urls = {*pictures, *(f"/app/{version}/{name}" for name in texts)}
    assert urls == {f"/app/{version}/{name}" for name in read_client().files} - {f"/app/{version}/texts.json"}
    for name, text in texts.items():
        assert client.get(f"/app/{version}/{name}").get_data(as_text=True) == text
    assert set(re.findall(r'"(\.\w+)":', worker)) == {Path(name).suffix for name in texts}
    assert "%" not in worker
    # It calls the API only to renew the subscription of this device, and caches nothing of that.
    code = re.sub(r"^//.*$", "", worker, flags=re.MULTILINE)
    assert re.findall(r"/v1\S*", code) == ["/v1/devices/${push.installation}`,"]


def test_only_whole_lines_of_comments_are_left_out(tmp_path):
    path = tmp_path / "some.js"
    path.write_text('// a\nf(\n  /** @type {any} */ (x), // why\n  "// y");\n/**\n * b\n */\n  // c\n/* d */\ng();\n')
    assert app_files._without_comments(path).decode() == (
        '\nf(\n  /** @type {any} */ (x), // why\n  "// y");\n\n\n\n\n\ng();\n'
    )


def test_the_client_is_installable(app):
    client = app.test_client()
    manifest = client.get("/app/app.webmanifest").get_json(force=True)
    assert manifest["scope"] == manifest["start_url"] == "/app/"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        assert client.get(icon["src"]).mimetype == icon["type"]


def test_the_start_is_small():
    # The budget: all that the first screen needs in 60 kB, and all that the worker fetches in 260 kB, both compressed.
    client = read_client()
    sources = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.js")}
    modules = app_files.modules_on_start(sources)
    eager = [*modules, "app.css", "icons.svg", "art.svg"]
    assert len(modules) <= 20
    assert sum(len(client.files[name].packed) for name in eager) < 60_000
    assert sum(len(file.packed) for name, file in client.files.items() if name.endswith((".json", ".png"))) < 260_000


def test_every_import_names_a_file_and_every_file_is_used():
    sources = {path.relative_to(FOLDER).as_posix(): path.read_text() for path in FOLDER.rglob("*.js")}
    imported = {"main.js", "sw.js"}
    for name, source in sources.items():
        if name.startswith("vendor/"):
            continue
        for path in re.findall(r"""(?:from|import\(|^import) ?["'](\.[^"']+)["']""", source, re.MULTILINE):
            target = (FOLDER / name).parent.joinpath(path).resolve().relative_to(FOLDER.resolve()).as_posix()
            assert target in sources, f"{name} imports {path}"
            imported.add(target)
    assert set(sources) == imported


@pytest.mark.parametrize("project", VENDORED, ids=lambda path: path.name)
def test_each_vendored_file_is_the_one_that_is_written_down(project: Path):
    notes = dict(line.split(": ", 1) for line in (project / "VENDORED.txt").read_text().splitlines())
    name = notes["file"].partition(",")[0]
    assert hashlib.sha256((project / name).read_bytes()).hexdigest() == notes["sha256"]
    assert "Copyright" in (project / "LICENSE.txt").read_text()


def test_every_icon_that_a_screen_names_is_in_the_sprite():
    icons = set(re.findall(r'<symbol id="([\w-]+)"', (FOLDER / "icons.svg").read_text()))
    named = {
        name
        for path in FOLDER.rglob("*.js")
        if "vendor" not in path.parts
        for name in re.findall(r"""(?:\bicon[=:] ?|<\$\{Icon\} name=)"([\w-]+)\"""", path.read_text())
    }
    assert len(named) > 10
    assert named <= icons
