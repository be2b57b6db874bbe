"""The README's commands, run as they stand against the served product."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests import served
from tests.served import ROOT

pytestmark = pytest.mark.real_time


def test_the_story_with_curl_runs_as_it_stands(sqlite_url: str) -> None:
    readme = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 7
    with served.running(sqlite_url) as server:
        script = "set -euo pipefail\n" + "".join(blocks).replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [*lines[-5:-3], *lines[-2:]] == [
        "You waited for me in the rain.", "There is a note for you.", "like", "quiet",
    ]  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT1[4-8]:\d\d", lines[-3])
    assert '"rhythm":"steady"' in done.stdout


def test_every_setting_is_in_the_table() -> None:
    from planner.settings import Settings

    named = set(re.findall(r"^\| `REKINDLE_(\w+)`", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert named == {name.upper() for name in Settings.__dataclass_fields__}


def test_every_make_target_that_is_named_exists() -> None:
    text = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make (\w+)`", text)) | set(re.findall(r"^make (\w+)", text, re.MULTILINE))
    assert named
    assert named <= targets
