"""Fuzz every operation of the served product on both databases.

    python -m tests.fuzz SCHEMATHESIS [EXAMPLES]

SCHEMATHESIS is its program, and EXAMPLES the requests for each operation. The requests are those of a person in the
demo couple, with the ids of things that exist and of things that do not. checks.py and schemathesis.toml list what is
no failure, each with its reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from planner.demo import PASSWORD
from tests import served
from tests.campaigns import ground
from tests.served import ROOT, Served

_LISTS = {
    "sign_in_id": "/v1/sign-ins",
    "block_id": "/v1/me/blocks",
    "activity_id": "/v1/activities?limit=5",
    "date_id": "/v1/dates?limit=10",
    "item_id": "/v1/inbox?limit=5",
    "note_id": "/v1/notes?limit=10",
    "request_id": "/v1/requests?limit=10",
    "commitment_id": "/v1/commitments?limit=10",
}
# They end the sign-in or the couple of the run, so they come last.
_LAST = ("deleteCurrentSignIn", "leaveCouple", "blockPerson")


def main(program: str, examples: int) -> None:
    """Run it, and exit with an error when one run finds a failure."""
    failed = []
    with ground.urls() as urls:
        for database, url in urls.items():
            print(f"\n{database}", flush=True)
            with tempfile.TemporaryDirectory(prefix="rekindle-fuzz-") as name:
                _fill(url, Path(name))
                server = served.start(url, Path(name))
                try:
                    if not _fuzz(program, examples, server, Path(name)):
                        failed.append(database)
                finally:
                    server.kill()
    if failed:
        sys.exit(f"failures on {' and '.join(failed)}")


def _fill(url: str, folder: Path) -> None:
    """Fill the database with the demo couple."""
    environment = {
        **os.environ,
        "REKINDLE_DATABASE_URL": url,
        "REKINDLE_PASSWORD_COST": "cheapest",
        "REKINDLE_ERASURES": str(folder / "erasures"),
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    (folder / "demo").write_text(done.stdout)


def _fuzz(program: str, examples: int, server: Served, folder: Path) -> bool:
    """Run everything that leaves the sign-in and the couple whole, then the rest. Return whether no run failed."""
    token = _sign_in(server, folder)
    document = server.request("GET", "/openapi.json")[1]
    _add_real_ids(document, server, token)
    (folder / "openapi.json").write_text(json.dumps(document))
    config = Path(__file__).with_name("schemathesis.toml")
    command = [
        *(program, "--config-file", str(config), "run", str(folder / "openapi.json")),
        *("--origin", f"http://127.0.0.1:{server.port}", "--max-examples", str(examples), "--continue-on-failure"),
        *("--no-color", "--generation-database", "none", "--header"),
    ]
    runs = [
        [f"Authorization: Bearer {token}", *_each("--exclude-operation-id")],
        [f"Authorization: Bearer {_sign_in(server, folder)}", *_each("--include-operation-id")],
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "checks", "PYTHONPATH": str(Path(__file__).parent)}
    codes = [subprocess.run(command + run, cwd=folder, env=environment, check=False).returncode for run in runs]
    return not any(codes)


def _each(option: str) -> list[str]:
    return [word for operation in _LAST for word in (option, operation)]


def _sign_in(server: Served, folder: Path) -> str:
    """Return a new token of a demo person, whose name ends the output of the command."""
    name = (folder / "demo").read_text().split()[-1]
    status, answer = server.request("POST", "/v1/sign-ins", body={"sign_in_name": name, "password": PASSWORD})
    assert status == 201, answer
    token: str = answer["session"]["token"]
    return token


def _add_real_ids(document: dict[str, Any], server: Served, token: str) -> None:
    """Let each id in a path be one of a thing that exists, or any. Leave out cursors, which only the server makes."""
    ids = {}
    for name, path in _LISTS.items():
        items = server.request("GET", path, token)[1]["items"]
        ids[name] = [item["id"] for item in items if not item.get("current")]
    for path in document["paths"].values():
        for operation in path.values():
            operation["parameters"] = [one for one in operation["parameters"] if one["name"] != "after"]
            for parameter in operation["parameters"]:
                if parameter["in"] == "path" and ids.get(parameter["name"]):
                    parameter["schema"] = {"anyOf": [{"enum": ids[parameter["name"]]}, parameter["schema"]]}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200)
