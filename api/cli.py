"""The flask commands, for the operator: the database, the catalogue, accounts, a demo."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from planner import clock, demo, messages, schema
from planner.accounts import accounts, instance_flags, sessions
from planner.catalogue import sync
from planner.dates import zone_rules
from planner.errors import Conflict, NotFound, StartFault, Unavailable
from planner.privacy import deletion, erasure, restores
from planner.privacy.erasure_log import LogUnavailable
from planner.settings import Settings
from planner.storage import db, start_faults
from seeds import linter, reader
from seeds.reader import Catalogue, InvalidCatalogue


class _Group(AppGroup):
    """A group of commands. When the database is not in order, they say so in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except StartFault as error:
            raise click.ClickException(str(error)) from None
        except Unavailable as error:
            raise click.ClickException(start_faults.explain(error)) from None


database = _Group("db", help="The database.")
catalogue = _Group("catalogue", help="The texts: activities and prompts.")
people = _Group(
    "people", help="Accounts. The server does not announce these commands, but the person concerned will notice."
)


def install(app: Flask) -> None:
    """Add all commands to the app."""
    for command in (database, catalogue, people, fill_demo):
        app.cli.add_command(command)


def upgrade(settings: Settings) -> None:
    """Migrate the database, repeat the erasures that a backup undid, and update dates and catalogue.

    Raises StartFault for a database that is not in order, and ClickException for an invalid file of texts. Then
    everything except the catalogue is up to date.
    """
    with start_faults.explained():
        _upgrade_tables()
    _undo_restore()
    with db.connection():
        if moved := zone_rules.apply(clock.utcnow()):
            click.echo(f"dates whose zone has new rules, kept on their local time: {moved}")
        changes = sync.sync(_read_catalogue(settings), clock.utcnow())
    for kind, numbers in changes.items():
        click.echo(f"{kind}: " + ", ".join(f"{count} {name}" for name, count in numbers._asdict().items()))


def _upgrade_tables() -> None:
    restores.check_loss()
    start_faults.wait_for_database()
    for name in schema.upgrade():
        click.echo(f"applied migration {name}")


def _undo_restore() -> None:
    """Erase again, before anyone is served, the people whom a restored backup brought back. End its sign-ins."""
    try:
        with db.connection():
            if erased := erasure.apply(clock.utcnow()):
                click.echo(f"erased again, since a backup had brought them back: {erased}")
            if restores.notice():
                click.echo(
                    "A backup was restored, so all sign-ins have ended. What people did since the backup is lost, also"
                    " leaving, blocks and ended sign-ins. Tell them."
                )
    except LogUnavailable as error:
        raise StartFault(f"REKINDLE_ERASURES: {error}") from None


def _read_catalogue(settings: Settings) -> Catalogue:
    """Read the texts that come with Rekindle, and those in the operator's own folder."""
    folder = settings.catalogue_dir
    try:
        return reader.merged(reader.shipped(), reader.read(folder)) if folder else reader.shipped()
    except InvalidCatalogue as error:
        raise click.ClickException(f"the catalogue stays as it was:\n{error}") from None


@database.command("upgrade", help="Apply missing migrations, then update the catalogue.")
def upgrade_database() -> None:
    """Bring the database and the catalogue up to date."""
    upgrade(_settings())


@catalogue.command("sync", help="Update the catalogue from seeds/ and your own folder.")
def sync_catalogue() -> None:
    """Migrate the database, and update the catalogue."""
    upgrade(_settings())


@catalogue.command("check", help="Check a folder of texts (default: those that come with Rekindle).")
@click.argument("folder", required=False)
def check_catalogue(folder: str | None) -> None:
    """Print the faults of a folder, and exit with 1 if there are any."""
    sys.exit(linter.main([folder] if folder else []))


@click.command("demo", help="Fill an empty database with a couple to look at.")
@with_appcontext
def fill_demo() -> None:
    """Fill an empty database, and print how to sign in."""
    try:
        upgrade(_settings())
    except StartFault as error:
        raise click.ClickException(str(error)) from None
    with db.connection():
        try:
            logins = demo.fill(clock.utcnow())
        except demo.NotEmpty as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"Sign in with the password {demo.PASSWORD!r} as:")
    for login in logins:
        click.echo(f"  {login.display_name}: {login.sign_in_name}")


@people.command("close-sign-up", help="Close sign-up to new people. It stays closed after a restart.")
def close_sign_up() -> None:
    """Close sign-up on all servers of this database."""
    with db.connection():
        closed = instance_flags.turn_off(instance_flags.SIGN_UP, clock.utcnow())
    click.echo("Sign-up is closed." if closed else "Sign-up was closed already.")


@people.command("open-sign-up", help="Let new people in again, unless REKINDLE_SIGN_UP=closed.")
def open_sign_up() -> None:
    """Open sign-up again, as far as the settings allow."""
    with db.connection():
        instance_flags.turn_on(instance_flags.SIGN_UP)
    closed = _settings().sign_up == "closed"
    click.echo("Sign-up stays closed, because REKINDLE_SIGN_UP is closed." if closed else "Sign-up is open.")


@people.command("list", help="List the sign-in names, the days of sign-up, and who is to be erased when. Nothing else.")
def list_people() -> None:
    """Print one line per account."""
    with db.connection():
        for name, since, deleted_at in accounts.list_all():
            erased_from = deleted_at and f"{deleted_at + accounts.UNDO_PERIOD:%Y-%m-%d %H:%M} UTC"
            deletion_note = f"  deleted, erased from {erased_from}" if erased_from else ""
            click.echo(f"{name}  since {since:%Y-%m-%d}{deletion_note}")


@people.command("revoke", help="End all sign-ins of a person, who will notice and can sign in with the password.")
@click.argument("sign_in_name")
def revoke(sign_in_name: str) -> None:
    """End all sessions of a person."""
    with db.connection():
        account = accounts.find_by_sign_in_name(sign_in_name)
        if account is None:
            raise click.ClickException(messages.text("texts", "no_such_account"))
        ended = sessions.end_all(account.id)
    click.echo(f"Sign-ins ended: {ended}.")


@people.command(
    "delete",
    help="Delete an account. The person is signed out and leaves their couple at once, and is erased after seven days."
    " Until then the person can undo it with the password, and learns that the operator deleted it.",
)
@click.argument("sign_in_name")
def delete(sign_in_name: str) -> None:
    """Begin the deletion of an account."""
    with db.connection(), _problems_as_messages():
        erased_from = deletion.delete_by_operator(sign_in_name, clock.utcnow())
    click.echo(f"Deleted. Erased for good after {erased_from:%Y-%m-%d %H:%M} UTC. You can undo it until then.")


@people.command(
    "undo", help="Undo your deletion of an account within seven days. You cannot undo a person's own deletion."
)
@click.argument("sign_in_name")
def undo(sign_in_name: str) -> None:
    """Undo a deletion by the operator."""
    with db.connection(), _problems_as_messages():
        deletion.undo_by_operator(sign_in_name, clock.utcnow())
    click.echo("The account is back, without its sign-ins and its couple.")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["rekindle"]
    return settings


@contextmanager
def _problems_as_messages() -> Iterator[None]:
    try:
        yield
    except NotFound:
        raise click.ClickException(messages.text("texts", "no_such_account")) from None
    except Conflict as error:
        raise click.ClickException(messages.detail(error.kind, error.reason, **error.params)) from None
