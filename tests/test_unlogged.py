"""The safety page and the feeds of the served product: no visit appears in the log, at any log level."""

from __future__ import annotations

import http.client
import os
from pathlib import Path

import pytest

from tests import forking, served
from tests.api.test_safety_page import FILE
from tests.commands import program_of

pytestmark = pytest.mark.real_time


def visit(port: int, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, headers={"User-Agent": "curious-phone", **headers})
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    return answer


@pytest.mark.parametrize("level", ["info", "debug"])
def test_a_visit_of_the_safety_page_is_not_logged(sqlite_url: str, tmp_path: Path, level: str) -> None:
    file = tmp_path / "contacts.toml"
    file.write_text(FILE, encoding="utf-8")
    with served.running(sqlite_url, log_level=level, support_file=str(file)) as server:
        before = server.log()
        for method, path, status in [
            ("GET", "/safety", 200), ("GET", "/safety?country=Examplia", 200), ("HEAD", "/safety", 200),
            ("GET", "/v1/safety?country=Examplia", 200), ("GET", "/v1/safety?nonsense=1", 422), ("PUT", "/safety", 405),
            ("GET", "/feeds/secret-token.ics", 404), ("GET", "/unsubscribe/secret-token", 404),
            ("GET", "/safety/", 404), ("GET", "/static/pages.css", 200),
        ]:  # fmt: skip
            answer = visit(server.port, method, path, Cookie="a=b")
            assert (answer.status, answer.headers["Set-Cookie"]) == (status, None), path
        server.kill()
        after = server.log()
    assert after.startswith(before)
    new_lines = after.removeprefix(before)
    for word in (
        "safety",
        "Examplia",
        "curious-phone",
        "GET",
        "HEAD",
        "127.0.0.1",
        "pages.css",
        "country",
        "secret-token",
    ):
        assert word not in new_lines, new_lines


def test_a_broken_contacts_file_stops_the_start_and_the_error_names_the_lines(tmp_path: Path) -> None:
    file = tmp_path / "contacts.toml"
    file.write_text(FILE.replace("https://quiet", "quiet").replace("crisis-line", "crisis"))
    environment = {"PATH": os.environ["PATH"], "REKINDLE_SUPPORT_FILE": str(file)}
    environment["REKINDLE_DATABASE_URL"] = f"sqlite:///{tmp_path / 'none.sqlite3'}"
    for code in ("import wsgi; wsgi.serve()", program_of("db", "upgrade")):
        ended = forking.run(code, environment)
        assert ended.returncode != 0
        assert "Rekindle cannot start: REKINDLE_SUPPORT_FILE cannot be used:" in ended.stderr
        assert f"{file}:13: The <quiet> line: web must be an address" in ended.stderr
        assert f"{file}:27: Nachttelefon: kind is unknown: 'crisis'" in ended.stderr
        assert "Traceback" not in ended.stderr
    assert not (tmp_path / "none.sqlite3").exists()
