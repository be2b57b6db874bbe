"""Run the commands of an operator, in a new process or, which is much faster, in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from unittest import mock

from flask.cli import FlaskGroup

import wsgi
from api import startup
from planner.privacy import erasure_log
from planner.storage import db
from tests import forking


def run_in_process(url: str, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a new process, as an operator does. `settings` have no prefix REKINDLE_."""
    return forking.run(program_of(*words), _environment(url, settings))


def program_of(*words: str) -> str:
    """Return the Python of a command, which does what `flask --app wsgi` does."""
    return f"import sys; from flask import cli; sys.argv = {['flask', '--app', 'wsgi', *words]}; cli.main()"


def run(url: str, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, from its settings to its end. Afterwards no database is open."""
    output, errors = StringIO(), StringIO()
    at_exit: list[Callable[[], object]] = []
    chosen, mask = erasure_log._chosen, os.umask(0o022)
    db.dispose()
    try:
        with (
            mock.patch.dict(os.environ, _environment(url, {"PASSWORD_COST": "cheapest", **settings}), clear=True),
            mock.patch.object(startup.atexit, "register", at_exit.append),
            redirect_stdout(output),
            redirect_stderr(errors),
        ):
            code = _exit_code(words)
            for end in at_exit:
                end()
    finally:
        db.dispose()
        erasure_log._chosen = chosen
        os.umask(mask)
    return subprocess.CompletedProcess(words, code, output.getvalue(), errors.getvalue())


def _environment(url: str, settings: dict[str, str]) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
    named = {f"REKINDLE_{name}": value for name, value in settings.items()}
    return environment | {"REKINDLE_DATABASE_URL": url} | named


def _exit_code(words: tuple[str, ...]) -> int:
    """Run a command, and return its exit code. Print the reason of an exit, as the interpreter does."""
    try:
        FlaskGroup(create_app=wsgi.create_app).main(words, prog_name="flask")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    return 0
