"""The app from the settings: for tools, for the workers of a server, and for the process that forks them.

The master of a server does not import this (see api/preloading.py).
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from api import addresses, cli, clock_process, logs, metrics
from api.app import create_app as create_api
from api.core import routing
from api.metrics_server import MetricsServer
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
    app = _open_app()
    atexit.register(restores.shut_down)
    return app


def _open_app() -> Flask:
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
    app = _open_app()
    settings: Settings = app.extensions["rekindle"]
    if settings.metrics:
        metrics.watch_requests(app)
    running = clock_process.start(settings)

    def end() -> None:
        running.shutdown(wait=False)
        restores.shut_down()

    # Before Python 3.13, the processes of multiprocessing call nothing that is registered for their end.
    return Adapter(app, settings.threads, routing.find_person, end)


def load(is_first: bool) -> None:
    """Load what the workers of a server share. At the first start, bring everything up to date, and say where it is.

    A worker that takes the place of another may start while the database is down. Raises SystemExit with the reason.
    """
    settings = _settings()
    _open_app()
    with _faults_as_exit():
        clock_process.note_use()
        if is_first:
            _start(settings)
    db.dispose()


def _start(settings: Settings) -> None:
    say: Say = logging.getLogger("rekindle").info if settings.log_format == "json" else click.echo
    try:
        upgrade(settings, say=say)
    except click.ClickException as error:
        # A typing error of the operator must not stop the server: it goes on with the old texts.
        click.echo(f"Error: {error.message}", err=True)
    _say_where(settings, say)


def _say_where(settings: Settings, say: Say) -> None:
    where = addresses.for_this_computer(settings.host, settings.port)
    phones = settings.public_url or addresses.for_phones(settings.host, settings.port)
    say(f"Rekindle is ready: open {where} in a browser on this computer. Stop with Ctrl-C.")
    if phones:
        say(f"Phones open {phones}.")
    else:
        say("Phones cannot reach it yet. Open it to your home network with: REKINDLE_HOST=0.0.0.0 make run")
    say(f"The API is documented at {where}/docs.")


def finish() -> None:
    """Do what a worker does at its end, in the place of one that was killed."""
    _open_app()
    restores.shut_down()


def serve_metrics(server: MetricsServer) -> None:
    """Be the process that answers with the figures of the workers."""
    _open_app()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the master ends this process
    server.set_app(metrics.answer)
    server.serve_forever()


def _settings() -> Settings:
    try:
        settings = settings_.read(os.environ)
        support_contacts.read(settings.support_file)  # A faulty file stops the server here, not in a worker.
        return settings
    except BadSetting as error:
        sys.exit(f"Rekindle cannot start: {error}")
