"""The entry point: the app for tools, and the server.

`flask --app wsgi ...` uses `create_app` and the commands in api/cli.py. `python wsgi.py` brings the database and the
catalogue up to date, then starts the workers. Each worker runs the clock.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask

from api import addresses, cli, clock_process, logs, metrics, processes
from api.app import create_app as create_api
from api.core import routing
from api.core.openapi import VERSION
from api.processes import PortUnavailable
from api.rsgi import Adapter
from api.upgrade import Say, upgrade
from planner import mail, outbound
from planner import settings as settings_
from planner.accounts import caps, passwords
from planner.errors import StartFault
from planner.notifications import web_push
from planner.privacy import erasure_log, restores
from planner.privacy.erasure_log import LogUnavailable
from planner.settings import BadSetting, Settings
from planner.storage import db, start_faults
from planner.support import support_contacts

# One for each thread that serves, one for the clock, and room for a command.
_SPARE_CONNECTIONS = 3
# While the database hangs, these threads still answer: that the server is busy, and how it is.
_FREE_THREADS = 2


def create_app() -> Flask:
    """Return the app over the database of the settings, without starting the clock or migrating."""
    settings = _settings()
    os.umask(0o077)  # the files of the database are private, even in a folder that others may read
    logs.install(settings.log_level, settings.log_format == "json")
    passwords.set_cost(settings.password_cost)
    caps.use(settings)
    outbound.use(settings)
    mail.use(settings)
    web_push.use(settings)
    most_waiting = max(1, settings.threads - _FREE_THREADS)
    with _faults_as_exit():
        db.open_database(settings.database_url, settings.threads + _SPARE_CONNECTIONS, most_waiting)
        _choose_erasure_log(settings)
    atexit.register(restores.shut_down)
    app = create_api(settings)
    cli.install(app)
    return app


def _choose_erasure_log(settings: Settings) -> None:
    try:
        erasure_log.keep_in(settings.erasures)
    except LogUnavailable as error:
        raise StartFault(f"REKINDLE_ERASURES: {error}") from None


@contextmanager
def _faults_as_exit() -> Iterator[None]:
    try:
        with start_faults.explained():
            yield
    except StartFault as error:
        sys.exit(f"Rekindle cannot start: {error}")


def create_served_app() -> Adapter:
    """Return the app of one worker, and start its clock. Any number of workers may tick."""
    app = create_app()
    settings: Settings = app.extensions["rekindle"]
    if settings.metrics:
        metrics.watch_requests(app)
    running = clock_process.start(settings)
    atexit.register(lambda: running.shutdown(wait=False))
    processes.end_with_parent()
    return Adapter(app, settings.threads, routing.find_person)


def serve(target: str = "wsgi:create_served_app") -> None:
    """Bring everything up to date and serve until stopped."""
    settings = _settings()
    say: Say = logging.getLogger("rekindle").info if settings.log_format == "json" else click.echo
    processes.give_back_memory()
    listener = _listen(settings)
    create_app()
    try:
        with _faults_as_exit():
            clock_process.note_use()
            upgrade(settings, say=say)
    except click.ClickException as error:
        # A typing error of the operator must not stop the server: it goes on with the old texts.
        click.echo(f"Error: {error.message}", err=True)
    db.dispose()
    _say_where(settings, say)
    processes.share_memory()
    with _metrics_served(settings):
        processes.Master(target, listener, settings).serve()


@contextmanager
def _metrics_served(settings: Settings) -> Iterator[None]:
    """Serve the figures of the workers from a process of its own, if the operator wants them."""
    if not settings.metrics:
        yield
        return
    try:
        server = metrics.prepare(*settings.metrics)
    except OSError as error:
        sys.exit(f"Rekindle cannot start: REKINDLE_METRICS cannot be used ({error.strerror})")
    process = multiprocessing.get_context("fork").Process(target=_serve_metrics, args=(server,), daemon=True)
    process.start()
    server.server_close()
    try:
        yield
    finally:
        process.kill()
        metrics.clean_up()


def _serve_metrics(server: Any) -> None:
    create_app()
    processes.end_with_parent()
    metrics.serve(server)


def _say_where(settings: Settings, say: Say) -> None:
    where = addresses.for_this_computer(settings.host, settings.port)
    phones = settings.public_url or addresses.for_phones(settings.host, settings.port)
    say(f"Rekindle is ready: open {where} in a browser on this computer. Stop with Ctrl-C.")
    if phones:
        say(f"Phones open {phones}.")
    else:
        say("Phones cannot reach it yet. Open it to your home network with: REKINDLE_HOST=0.0.0.0 make run")
    say(f"The API is documented at {where}/docs.")


def _listen(settings: Settings) -> socket.socket:
    try:
        return processes.listen(settings.host, settings.port)
    except PortUnavailable as error:
        where = f"REKINDLE_HOST={settings.host} and REKINDLE_PORT={settings.port}"
        sys.exit(f"Rekindle cannot start: {where} cannot be used ({error})")


def _settings() -> Settings:
    try:
        settings = settings_.read(os.environ)
        support_contacts.read(settings.support_file)  # A faulty file stops the server here, not in a worker.
        return settings
    except BadSetting as error:
        sys.exit(f"Rekindle cannot start: {error}")


def _main(words: list[str]) -> None:
    if words == ["--version"]:
        click.echo(VERSION)
    elif words:
        click.echo("Usage: python wsgi.py [--version] (for the settings see api/docs/running-a-server.md)")
        sys.exit(0 if words == ["--help"] else 2)
    else:
        serve()


if __name__ == "__main__":
    _main(sys.argv[1:])
