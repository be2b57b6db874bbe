"""The commands in the documents work on the served product, and their links and settings are right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from flask import Flask

from api import cli
from api.app import OPERATIONS
from tests import served
from tests.served import ROOT

pytestmark = pytest.mark.real_time
PAGES = [*ROOT.glob("*.md"), *(ROOT / "api").rglob("*.md")]


def test_the_curl_commands_of_the_readme_work(sqlite_url: str) -> None:
    page = (ROOT / "api/README.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 7
    with served.running(sqlite_url) as server:
        script = "set -euo pipefail\n" + "".join(blocks).replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
        # The interpreter itself: a python3 that pyenv puts before it takes longer to start than all else here.
        environment = os.environ | {"PATH": f"{sys.base_prefix}/bin:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [*lines[-5:-3], *lines[-2:]] == [
        "You waited for me in the rain.", "Your partner has shared a note with you.", "like", "quiet",
    ]  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT1[4-8]:\d\d", lines[-3])
    assert '"rhythm":"gentle"' in done.stdout


def test_the_documents_list_every_setting() -> None:
    from planner.settings import Settings

    page = (ROOT / "api/docs/running-a-server.md").read_text()
    named = set(re.findall(r"^\| `REKINDLE_(\w+)`", page, re.MULTILINE))
    assert named == {name.upper() for name in Settings.__dataclass_fields__}


def test_every_named_make_target_exists() -> None:
    text = "".join(page.read_text() for page in PAGES)
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make (\w+)`", text)) | set(re.findall(r"^make (\w+)", text, re.MULTILINE))
    assert named
    assert named <= targets


def test_the_documents_name_exactly_the_existing_commands() -> None:
    app = Flask("commands")
    cli.install(app)
    text = "".join(page.read_text() for page in (*PAGES, ROOT / "Makefile"))
    named = set(re.findall(r"flask --app wsgi ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", text))
    assert named == set(leaves(app.cli))


def leaves(group: click.Group, *path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, *path, name)
        else:
            yield " ".join((*path, name))


def test_every_link_leads_to_an_existing_file():
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text())
        if not target.startswith("http")
    ]
    assert len(links) > 6
    assert [(page, target) for page, target in links if not (page.parent / target).is_file()] == []


def test_every_named_address_is_a_route():
    routes = {(operation.method, re.sub(r"<uuid:\w+>", "{id}", f"/v1{operation.path}")) for operation in OPERATIONS}
    named = [match for page in PAGES for match in re.findall(r"`(?:([A-Z]+) )?(/v1/[\w/{}-]+)`", page.read_text())]
    assert len(named) > 15
    for method, path in named:
        assert (method, path) in routes or (not method and path in {path for _, path in routes}), (method, path)


def test_every_named_file_exists():
    named = {
        name for page in PAGES for name in re.findall(r"`((?:api|planner|seeds|tests)/[\w/]+\.\w+)`", page.read_text())
    }
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []
