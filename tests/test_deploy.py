"""The files of an installation: the image, compose, the proxy and systemd. They name what exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from planner import settings as settings_
from tests.served import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
DEPLOY = ROOT / ".deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
FILLED = {
    "SERVER_NAME": "rekindle.example.org", "OPERATOR_NAME": "The club", "OPERATOR_CONTACT": "club@example.org",
    "DATABASE_PASSWORD": "hunter2",
}  # fmt: skip


def copied() -> list[str]:
    """Return what the Dockerfile copies from the project."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    return [name for line in lines for name in line.split()]


def compose() -> Any:
    text = re.sub(
        r"\$\{(\w+)(?::([-?])([^}]*))?\}",
        lambda match: FILLED.get(match[1]) or (match[3] if match[2] == "-" else pytest.fail(f"{match[1]} is not set")),
        (ROOT / "compose.yaml").read_text(),
    )
    return yaml.safe_load(text)


def variables(file: Path) -> dict[str, str]:
    pairs = [line.partition("=") for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


@pytest.mark.real_time
def test_the_files_of_the_image_are_enough_to_upgrade_a_database(tmp_path: Path) -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied()) == let_in
    for name in set(copied()) - {"requirements.txt"}:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("screenshots"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    environment = {"PATH": os.environ["PATH"], "REKINDLE_DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}"}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "activities: " in done.stdout


def test_the_image_installs_the_lock_and_runs_as_a_user_without_rights() -> None:
    assert re.search(r"pip install [^\n]*--require-hashes --requirement requirements\.txt", DOCKERFILE)
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001"]
    assert "/ready" in re.findall(r"^HEALTHCHECK.*\n(.*)$", DOCKERFILE, re.MULTILINE)[0]
    settings = dict(re.findall(r"(REKINDLE_\w+)=(\S+)", DOCKERFILE))
    assert settings_.read(settings).host == "0.0.0.0"  # noqa: S104  # inside the container


def test_linters_accept_the_dockerfile() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_compose_runs_two_servers_and_one_clock_with_valid_settings() -> None:
    services = compose()["services"]
    assert set(services) == {"web", "clock", "database", "proxy"}
    read = {name: settings_.read(services[name]["environment"]) for name in ("web", "clock")}
    assert (read["web"].clock, services["web"]["deploy"]["replicas"]) == ("off", 2)
    assert services["clock"]["command"] == ["flask", "--app", "wsgi", "clock"]
    assert (str(read["clock"].backup_dir), read["clock"].erasures) == ("/backups", read["web"].erasures)
    assert all(services[name]["env_file"] == [{"path": "mail.env", "required": False}] for name in ("web", "clock"))
    for one in read.values():
        assert (one.trusted_proxies, one.public_url) == (1, "https://rekindle.example.org")
    for service in services.values():
        assert "latest" not in service["image"]
        named = {volume.split(":")[0] for volume in service.get("volumes", ()) if not volume.startswith(".")}
        assert named <= set(compose()["volumes"])
        assert set(service["networks"]) <= set(compose()["networks"])
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["database"]["networks"] == ["inside"]
    assert compose()["networks"]["inside"] == {"internal": True}
    assert set(variables(DEPLOY / "compose.env")) == set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))


def test_the_proxy_leads_to_the_servers_and_writes_no_access_log() -> None:
    for name, upstream in (("Caddyfile", "dynamic a web 8000"), ("Caddyfile.home", "reverse_proxy 127.0.0.1:8000")):
        text = (DEPLOY / name).read_text()
        assert upstream in text
        assert text.count("{") == text.count("}")
        assert not re.search(r"^\s*log\b", text, re.MULTILINE)


def test_the_settings_of_the_units_are_valid() -> None:
    assert settings_.read(variables(DEPLOY / "rekindle.env")).trusted_proxies == 1


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_a_unit(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text()
    (start,) = re.findall(r"^ExecStart=(\S+) (.+)$", text, re.MULTILINE)
    assert start in (
        ("/opt/rekindle/.venv/bin/python", "wsgi.py"),
        ("/opt/rekindle/.venv/bin/flask", "--app wsgi clock"),
    )
    for line in ("Restart=on-failure", "LimitNOFILE=65536", "UMask=0077", "ProtectSystem=strict", "User=rekindle"):
        assert f"{line}\n" in text
    if shutil.which("systemd-analyze"):
        # It looks for the program, and for the user.
        text = text.replace(start[0], sys.executable).replace("User=rekindle", "User=daemon")
        (tmp_path / unit.name).write_text(text)
        done = subprocess.run(["systemd-analyze", "verify", tmp_path / unit.name], capture_output=True, text=True)
        complaints = [line for line in done.stderr.splitlines() if unit.name in line]
        assert complaints == [], done.stderr
