"""The entry point: the app for tools, and the server.

`flask --app wsgi ...` uses `create_app` and the commands in api/cli.py. `python wsgi.py` brings the database and the
catalogue up to date, then starts the workers. Each worker runs the clock.
"""

from __future__ import annotations

import atexit
import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from api import addresses, cli, processes
from api.app import create_app as create_api
from api.processes import PortUnavailable
from api.rsgi import Adapter
from planner import scheduler
from planner import settings as settings_
from planner.accounts import caps, passwords
from planner.errors import StartFault
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
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # At INFO, APScheduler logs every tick. At DEBUG, peewee logs every value that is written, private notes too.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("peewee").setLevel(logging.INFO)
    passwords.set_cost(settings.password_cost)
    caps.use(settings)
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
    running = scheduler.start()
    atexit.register(lambda: running.shutdown(wait=False))
    processes.end_with_parent()
    return Adapter(app, app.extensions["rekindle"].threads)


def serve(target: str = "wsgi:create_served_app") -> None:
    """Bring everything up to date and serve until stopped."""
    settings = _settings()
    listener = _listen(settings)
    create_app()
    try:
        with _faults_as_exit():
            cli.upgrade(settings)
    except click.ClickException as error:
        # A typing error of the operator must not stop the server: it goes on with the old texts.
        click.echo(f"Error: {error.message}", err=True)
    db.dispose()
    _say_where(settings)
    processes.Master(target, listener, settings).serve()


def _say_where(settings: Settings) -> None:
    where = addresses.for_this_computer(settings.host, settings.port)
    phones = settings.public_url or addresses.for_phones(settings.host, settings.port)
    click.echo(f"Rekindle is ready: open {where} in a browser on this computer. Stop with Ctrl-C.")
    if phones:
        click.echo(f"Phones open {phones}.")
    else:
        click.echo("Phones cannot reach it yet. Open it to your home network with: REKINDLE_HOST=0.0.0.0 make run")
    click.echo(f"The API is documented at {where}/docs.")


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


if __name__ == "__main__":
    if sys.argv[1:]:
        click.echo("Usage: python wsgi.py (no arguments; for the settings see api/docs/running-a-server.md)")
        sys.exit(0 if sys.argv[1:] == ["--help"] else 2)
    serve()
