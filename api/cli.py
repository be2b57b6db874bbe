"""The flask commands, for the operator. Those of backups are in backup_commands.py."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from api import backup_commands, clock_process, doctor
from api.upgrade import upgrade
from api.version import VERSION
from planner import clock, demo, messages
from planner.accounts import accounts, instance_flags, security_events, sessions
from planner.errors import Conflict, NotFound, StartFault, Unavailable
from planner.privacy import deletion
from planner.settings import Settings
from planner.storage import db, start_faults
from seeds import linter


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
    for command in (database, catalogue, people, fill_demo, run_clock, run_doctor, show_version):
        app.cli.add_command(command)
    backup_commands.install(app)


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


@click.command("clock", help="Tick without serving requests: send, lapse, tidy, back up. Stop it with Ctrl-C.")
@with_appcontext
def run_clock() -> None:
    """Upgrade the database, and be the clock until stopped."""
    try:
        clock_process.note_use()
        upgrade(_settings())
        clock_process.run_alone(_settings())
    except StartFault as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"REKINDLE_METRICS cannot be used ({error.strerror})") from None


@click.command("doctor", help="Check this installation, and say what to do. Exit with 1 if there is a fault.")
@with_appcontext
def run_doctor() -> None:
    """Print what was found, and exit."""
    findings = list(doctor.examine(_settings()))
    for finding in findings:
        click.echo(f"{finding.kind:7} {finding.part}: {finding.text}")
    count = sum(finding.kind == doctor.FAULT for finding in findings)
    click.echo(f"Faults: {count}.")
    sys.exit(1 if count else 0)


@click.command("version", help="Print the version.")
def show_version() -> None:
    """Print the version of this server."""
    click.echo(VERSION)


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
        ended = sessions.end_all(account.id, clock.utcnow())
    click.echo(f"Sign-ins ended: {ended}.")


@people.command(
    "events", help="List what happened to the security of an account in 90 days. The person reads the same."
)
@click.argument("sign_in_name")
def list_events(sign_in_name: str) -> None:
    """Print the security events of a person, newest first."""
    with db.connection():
        account = accounts.find_by_sign_in_name(sign_in_name)
        if account is None:
            raise click.ClickException(messages.text("texts", "no_such_account"))
        events = security_events.list_events(account.id, security_events.MOST)
    for event in events:
        click.echo(f"{event.at:%Y-%m-%d %H:%M} UTC  {event.kind} x{event.times}")


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
