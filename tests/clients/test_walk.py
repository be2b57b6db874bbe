"""The story, walked by a client that is generated from the OpenAPI document, against the served product."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests import served

pytestmark = pytest.mark.real_time
HERE = Path(__file__).parent


def find_node() -> str:
    """Return the path of Node.js, with the client's packages beside the walk; else skip, but never in CI."""
    node = shutil.which("node", path=str(Path(sys.executable).parent))
    if node and (HERE / "node_modules/openapi-fetch").is_dir():
        return node
    reason = "no Node.js, or no packages for it: run `make test`"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.mark.one_database
def test_a_generated_client_walks_the_story(database_url: str) -> None:
    command = [find_node(), str(HERE / "walk.ts")]
    with served.running(database_url) as server:
        walk = subprocess.Popen(
            [*command, f"http://127.0.0.1:{server.port}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert walk.stdin
        assert walk.stdout
        if line := walk.stdout.readline():
            server.jump_to(datetime.fromisoformat(line.strip()))
        output, errors = walk.communicate("\n", timeout=60)
    assert walk.returncode == 0, errors
    assert output == "The story is told.\n"
