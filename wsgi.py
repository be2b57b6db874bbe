"""The entry point: the app for tools, the served product, and the command line.

`flask --app wsgi ...` uses `create_app`; `python wsgi.py` serves: it brings the database and the catalogue up to date,
then starts the workers, each with the clock running.
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
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from api.app import create_app as create_api
from planner import clock, demo, scheduler, schema
from planner import settings as settings_
from planner.accounts import accounts, instance_flags, passwords, sessions
from planner.catalogue import sync
from planner.errors import Conflict, NotFound
from planner.privacy import deletion, erasure, erasure_log
from planner.privacy.erasure_log import LogUnavailable
from planner.settings import BadSetting, Settings
from planner.storage import db
from planner.support import support_contacts
from seeds import linter, reader
from seeds.reader import Catalogue, InvalidCatalogue

_NOBODY = "There is no such account here (any more)."
_DELETE = (
    "Delete an account: signed out at once, out of their couple, erased after seven days. Until then its owner can undo"
    " it with their password, and then reads that it was the operator."
)

# One for each thread that serves, one for the clock, and room for a command.
_SPARE_CONNECTIONS = 3


def create_app() -> Flask:
    """The app over the database of the settings. No clock is started, nothing is migrated."""
    settings = _settings()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # APScheduler tells of every wake-up at INFO; peewee, at DEBUG, of every value that is written, private notes too.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("peewee").setLevel(logging.INFO)
    passwords.set_cost(settings.password_cost)
    db.open_database(settings.database_url, settings.threads + _SPARE_CONNECTIONS)
    _choose_erasure_log(settings)
    app = create_api(settings)
    _install_commands(app)
    return app


def _choose_erasure_log(settings: Settings) -> None:
    try:
        erasure_log.keep_in(settings.erasures)
    except LogUnavailable as error:
        sys.exit(f"Rekindle cannot start: REKINDLE_ERASURES: {error}")


def create_served_app() -> Flask:
    """The app of one worker: with the clock ticking beside it. Any number of workers may tick."""
    app = create_app()
    running = scheduler.start()
    atexit.register(lambda: running.shutdown(wait=False))
    return app


def serve(target: str = "wsgi:create_served_app") -> None:
    """Bring everything up to date and serve until stopped."""
    settings = _settings()
    _check_port(settings)
    create_app()
    try:
        _upgrade()
    except click.ClickException as refusal:
        # Two people's evening does not depend on an operator's typing: what was there before goes on.
        click.echo(f"Error: {refusal.message}", err=True)
    db.dispose()
    where = f"http://{settings.host}:{settings.port}"
    click.echo(f"Rekindle on {where} (documentation: {where}/docs). Stop with Ctrl-C.")
    Server(
        target,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_level=LogLevels(settings.log_level),
        websockets=False,
        respawn_failed_workers=True,
        # Ctrl-C in a terminal reaches the workers, too, which then do not hear the server's own word to stop.
        workers_kill_timeout=3,
    ).serve()


def _check_port(settings: Settings) -> None:
    """Stop when something listens there already: the workers would share the port, and the requests, with it."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"REKINDLE_HOST={settings.host} and REKINDLE_PORT={settings.port}"
            sys.exit(f"Rekindle cannot start: {where} cannot be used ({error.strerror})")


def _settings() -> Settings:
    try:
        settings = settings_.read(os.environ)
        support_contacts.read(settings.support_file)  # a broken file, too, stops here and not in a worker
        return settings
    except BadSetting as error:
        sys.exit(f"Rekindle cannot start: {error}")


def _upgrade() -> None:
    for name in schema.upgrade():
        click.echo(f"applied migration {name}")
    _erase_again()
    with db.connection():
        found = sync.sync(_catalogue(), clock.utcnow())
    for kind, numbers in found.items():
        click.echo(f"{kind}: " + ", ".join(f"{count} {name}" for name, count in numbers._asdict().items()))


def _erase_again() -> None:
    """Erase again, before anyone is served, the people whom a restored backup brought back."""
    try:
        with db.connection():
            if erased := erasure.apply(clock.utcnow()):
                click.echo(f"erased again, since a backup had brought them back: {erased}")
    except LogUnavailable as error:
        sys.exit(f"Rekindle cannot start: REKINDLE_ERASURES: {error}")


def _catalogue() -> Catalogue:
    """What comes with Rekindle, and the operator's own folder beside it. A broken file stops here, by file and line."""
    extra = _settings().catalogue_dir
    try:
        return reader.merged(reader.shipped(), reader.read(extra)) if extra else reader.shipped()
    except InvalidCatalogue as broken:
        raise click.ClickException(f"the catalogue stays as it was:\n{broken}") from None


def _install_commands(app: Flask) -> None:
    database = click.Group("db", help="The database.")
    catalogue = click.Group("catalogue", help="The texts: activities and prompts.")

    @database.command("upgrade", help="Apply missing migrations, then sync the catalogue.")
    def upgrade() -> None:
        _upgrade()

    @catalogue.command("sync", help="Bring the database to what stands in seeds/.")
    def sync_catalogue() -> None:
        _upgrade()

    @app.cli.command("demo", help="Fill an empty database with a couple to look at.")
    def fill_demo() -> None:
        _upgrade()
        with db.connection():
            try:
                logins = demo.fill(clock.utcnow())
            except demo.NotEmpty as refusal:
                raise click.ClickException(str(refusal)) from None
        click.echo(f"Sign in with the password {demo.PASSWORD!r} as:")
        for login in logins:
            click.echo(f"  {login.display_name}: {login.sign_in_name}")

    @catalogue.command("check", help="Check a folder of texts (default: those that come with Rekindle).")
    @click.argument("folder", required=False)
    def check_catalogue(folder: str | None) -> None:
        sys.exit(linter.main([folder] if folder else []))

    app.cli.add_command(database)
    app.cli.add_command(_people_commands())
    app.cli.add_command(catalogue)


def _people_commands() -> click.Group:
    """What an operator may do with accounts. Whoever it concerns can find out: none of it is silent."""
    people = click.Group(
        "people", help="Accounts. The server tells nobody that you used these; whoever it concerns will notice."
    )

    @people.command("close-sign-up", help="Take no new people, from this moment on. A restart keeps it closed.")
    def close_sign_up() -> None:
        with db.connection():
            closed = instance_flags.turn_off(instance_flags.SIGN_UP, clock.utcnow())
        click.echo("Sign-up is closed." if closed else "Sign-up was closed already.")

    @people.command("open-sign-up", help="Take new people again, unless REKINDLE_SIGN_UP=closed.")
    def open_sign_up() -> None:
        with db.connection():
            instance_flags.turn_on(instance_flags.SIGN_UP)
        stays = _settings().sign_up == "closed"
        click.echo("Sign-up stays closed: REKINDLE_SIGN_UP says so." if stays else "Sign-up is open.")

    @people.command(
        "list", help="The sign-in names, the days of sign-up, and who is to be erased when. No more than that."
    )
    def list_people() -> None:
        with db.connection():
            for name, since, deleted_at in accounts.list_all():
                until = (
                    f"  deleted, erased from {deleted_at + accounts.UNDO_PERIOD:%Y-%m-%d %H:%M} UTC"
                    if deleted_at
                    else ""
                )
                click.echo(f"{name}  since {since:%Y-%m-%d}{until}")

    @people.command("revoke", help="End all sign-ins of a person. They sign in again with their password, and notice.")
    @click.argument("sign_in_name")
    def revoke(sign_in_name: str) -> None:
        with db.connection():
            found = accounts.find_by_sign_in_name(sign_in_name)
            if found is None:
                raise click.ClickException(_NOBODY)
            ended = sessions.end_all(found.id)
        click.echo(f"Sign-ins ended: {ended}.")

    @people.command("delete", help=_DELETE)
    @click.argument("sign_in_name")
    def delete(sign_in_name: str) -> None:
        with db.connection(), _refusals():
            erased_from = deletion.delete_by_operator(sign_in_name, clock.utcnow())
        click.echo(f"Deleted. Erased for good from {erased_from:%Y-%m-%d %H:%M} UTC on; until then it can be undone.")

    @people.command(
        "undo", help="Take back what you deleted within seven days. What somebody deleted, only they take back."
    )
    @click.argument("sign_in_name")
    def undo(sign_in_name: str) -> None:
        with db.connection(), _refusals():
            deletion.undo_by_operator(sign_in_name, clock.utcnow())
        click.echo("The account is back, without its sign-ins and its couple.")

    return people


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NotFound:
        raise click.ClickException(_NOBODY) from None
    except Conflict as refusal:
        raise click.ClickException(refusal.detail) from None


if __name__ == "__main__":
    serve()
