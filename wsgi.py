"""The entry point: the app for tools, and the server.

`flask --app wsgi ...` uses `create_app` and the commands in api/cli.py. `python wsgi.py` brings the database and the
catalogue up to date, then starts the workers. Each worker runs the clock.

The process of `python wsgi.py` is the master, which only watches the workers. It does not load the app (see
api/preloading.py): functions here import what does.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from api import logs, metrics_server, processes
from api.metrics_server import MetricsServer
from api.preloading import Process
from api.processes import PortUnavailable
from api.version import VERSION
from planner import settings as settings_
from planner.settings import BadSetting, Settings

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    """Return the app over the database of the settings, without starting the clock or migrating."""
    from api import startup

    return startup.create_app()


def serve(target: str = "api.startup:create_served_app") -> None:
    """Bring everything up to date and serve until stopped."""
    try:
        settings = settings_.read(os.environ)
    except BadSetting as error:
        sys.exit(f"Rekindle cannot start: {error}")
    logs.install(settings.log_level, settings.log_format == "json")
    processes.give_back_memory()
    listener = _listen(settings)
    with _metrics_served(settings) as others:
        processes.Master(target, listener, settings, _load, _finish, others).serve()


def _load(is_first: bool) -> None:
    from api import startup

    startup.load(is_first)


def _finish() -> None:
    from api import startup

    startup.finish()


@contextmanager
def _metrics_served(settings: Settings) -> Iterator[Sequence[Process]]:
    """Yield the process that serves the figures of the workers, if the operator wants them, and clean up after it."""
    if not settings.metrics:
        yield []
        return
    try:
        server = metrics_server.prepare(*settings.metrics)
    except OSError as error:
        sys.exit(f"Rekindle cannot start: REKINDLE_METRICS cannot be used ({error.strerror})")
    try:
        yield [Process(partial(_serve_metrics, server), let_go=server.server_close)]
    finally:
        server.server_close()
        metrics_server.clean_up()


def _serve_metrics(server: MetricsServer) -> None:
    from api import startup

    startup.serve_metrics(server)


def _listen(settings: Settings) -> socket.socket:
    try:
        return processes.listen(settings.host, settings.port)
    except PortUnavailable as error:
        where = f"REKINDLE_HOST={settings.host} and REKINDLE_PORT={settings.port}"
        sys.exit(f"Rekindle cannot start: {where} cannot be used ({error})")


def _main(words: list[str]) -> None:
    if words == ["--version"]:
        sys.stdout.write(f"{VERSION}\n")
    elif words:
        sys.stdout.write("Usage: python wsgi.py [--version] (for the settings see api/docs/running-a-server.md)\n")
        sys.exit(0 if words == ["--help"] else 2)
    else:
        serve()


if __name__ == "__main__":
    _main(sys.argv[1:])
