"""The web client: the page, the service worker and the manifest, and its files with a version in each URL.

The version is a hash of all files. So a page never mixes two versions, and a browser may keep each file for a year.
Only the page, the service worker and the manifest have a fixed URL; a browser asks for them each time.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

FOLDER = Path(__file__).parent / "static" / "app"

# The service worker's path is the only text that may become the URL of a script: see `main.js`.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types rekindle-sw"
)
# The media types of the operating system may differ, and `nosniff` makes browsers strict.
_MEDIA = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".html": "text/html",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}
_FOR_A_YEAR = "public, max-age=31536000, immutable"
# Their URLs have no version, so their text must name it.
_RENDERED = ("index.html", "sw.js", "app.webmanifest")
_STYLES = "app.css"
# It declares the order of the layers.
_FIRST_STYLES = "styles/base.css"
# The worker fetches all texts at once: one request, and half the bytes of ninety small files.
_ALL_TEXTS = "texts.json"
# A first visit loads this screen together with the modules that main.js imports.
_FIRST_SCREEN = "screens/welcome.js"
# Comments that fill whole lines. Their lines stay, so that a browser names the right line of the source.
_COMMENTS = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)$", re.MULTILINE | re.DOTALL)
_IMPORTS = re.compile(r'^(?:import|export)\b[^"\';]*?from "(\.[^"]+)"|^import "(\.[^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class AppFile:
    """A file of the client, plain and compressed."""

    media: str
    data: bytes
    packed: bytes


@dataclass(frozen=True)
class Client:
    """All files of the client, by their path below /app/<version>/."""

    version: str
    files: dict[str, AppFile]
    rendered: dict[str, AppFile]


def install(app: Flask) -> None:
    """Add the routes of the web client. Every path below /app/ that names no file shows the client's page."""

    @app.get("/app")
    def app_without_slash() -> AnyResponse:
        """Lead to the client, whose files are relative to /app/."""
        return redirect("/app/", 308)

    @app.get("/app/")
    def app_page() -> Response:
        """Return the page of the client."""
        return _revalidated(read_client().rendered["index.html"])

    @app.get("/app/sw.js")
    def app_worker() -> Response:
        """Return the service worker."""
        return _revalidated(read_client().rendered["sw.js"])

    @app.get("/app/app.webmanifest")
    def app_manifest() -> Response:
        """Return the manifest, which makes the client installable."""
        return _revalidated(read_client().rendered["app.webmanifest"])

    @app.get("/app/<path:name>")
    def app_file(name: str) -> Response:
        """Return a file of the current version, or the page for the path of a screen."""
        client = read_client()
        version, _, path = name.partition("/")
        if version == client.version and path in client.files:
            return _answer(client.files[path], _FOR_A_YEAR)
        if PurePosixPath(name).suffix:  # a file of another version: a page in its place would hide the fault
            abort(404)
        return _revalidated(client.rendered["index.html"])


@cache
def read_client() -> Client:
    """Return all files of the client. Read and compress them once for each process."""
    sources = {
        path.relative_to(FOLDER).as_posix(): _without_comments(path)
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in _MEDIA
    }
    version = hashlib.blake2b(
        b"".join(name.encode() + b"\0" + data for name, data in sources.items()), digest_size=6
    ).hexdigest()
    rendered = {name: _pack(name, _render(name, sources, version)) for name in _RENDERED}
    files = {name: _pack(name, data) for name, data in sources.items() if name not in _RENDERED}
    styles = [name for name in files if name.endswith(".css")]
    styles.sort(key=lambda name: name != _FIRST_STYLES)
    files[_STYLES] = _pack(_STYLES, b"".join(files.pop(name).data for name in styles))
    texts = {name: file.data.decode() for name, file in files.items() if not name.endswith(".png")}
    files[_ALL_TEXTS] = _pack(_ALL_TEXTS, json.dumps(texts, ensure_ascii=False).encode())
    return Client(version, files, rendered)


def _without_comments(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix not in (".js", ".css") or "vendor" in path.parts:
        return data
    return _COMMENTS.sub(lambda comment: "\n" * comment[0].count("\n"), data.decode()).encode()


def modules_on_start(sources: dict[str, bytes]) -> list[str]:
    """Return the modules that the first screen needs: what main.js imports, and what those modules import."""
    waiting, modules = ["main.js", _FIRST_SCREEN], dict[str, None]()
    while waiting:
        name = waiting.pop(0)
        if name in modules:
            continue
        modules[name] = None
        folder = PurePosixPath(name).parent
        found = (first or second for first, second in _IMPORTS.findall(sources[name].decode()))
        waiting += [_normalise(folder / path) for path in found]
    return list(modules)


def _normalise(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _render(name: str, sources: dict[str, bytes], version: str) -> bytes:
    pictures = (f"/app/{version}/{path}" for path in sources if path.endswith(".png"))
    preloads = (f'<link rel="modulepreload" href="/app/{version}/{path}">' for path in modules_on_start(sources))
    text = sources[name].decode().replace("%VERSION%", version).replace("%PICTURES%", '", "'.join(pictures))
    return text.replace("%PRELOAD%", "\n".join(preloads)).encode()


def _pack(name: str, data: bytes) -> AppFile:
    return AppFile(_MEDIA[PurePosixPath(name).suffix], data, gzip.compress(data, 9, mtime=0))


def _revalidated(file: AppFile) -> Response:
    answer = _answer(file, "no-cache")
    answer.add_etag(weak=True)
    answer.make_conditional(request)
    return answer


def _answer(file: AppFile, cache_control: str) -> Response:
    answer = Response(file.data, mimetype=file.media)
    answer.headers["Cache-Control"] = cache_control
    answer.headers["Content-Security-Policy"] = POLICY
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and len(file.packed) < len(file.data):
        answer.headers["Content-Encoding"] = "gzip"
        answer.set_data(file.packed)
    return answer
