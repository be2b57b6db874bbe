"""The flask commands that make and restore backups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from api.upgrade import upgrade
from planner import clock, schema
from planner.errors import StartFault, Unavailable
from planner.storage import backups, start_faults
from planner.storage.faults import UnusableBackup


def install(app: Flask) -> None:
    """Add the commands to the app."""
    app.cli.add_command(back_up)
    app.cli.add_command(restore)


@click.command("backup", help="Copy the database to a new file. The server may go on.")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def back_up(file: Path) -> None:
    """Make a backup, and check it."""
    with _faults_as_messages("No backup was made"):
        backup = backups.make(file)
    rows = "" if backup.rows is None else f", {backup.rows} rows"
    click.echo(f"Backed up and checked: {backup.path} ({backup.tables} tables{rows}, {backup.size / 1e6:.1f} MB).")
    click.echo("Only you can read it. It holds what people wrote: keep it private.")


@click.command("restore", help="Replace the database by a backup. Stop the server on all hosts before.")
@click.argument("file", type=click.Path(path_type=Path))
@click.confirmation_option(prompt="What people did since the backup will be lost. Restore it?")
@with_appcontext
def restore(file: Path) -> None:
    """Check a backup, put it in the place of the database, and upgrade it. All sign-ins end."""
    with _faults_as_messages("Nothing was restored"):
        schema.refuse_newer(backups.check(file))
        old = backups.restore(file, clock.utcnow())
    with _faults_as_messages("The backup is in its place, but it is not ready. Mend this, and run `db upgrade`"):
        upgrade(current_app.extensions["rekindle"], is_restored=True)
    click.echo("Restored. Start the server.")
    if old:
        click.echo(f"The database from before is {old}. Delete it when all is well: it holds what people wrote.")


@contextmanager
def _faults_as_messages(result: str) -> Iterator[None]:
    try:
        yield
    except (StartFault, UnusableBackup) as error:
        raise click.ClickException(f"{result}: {error}.") from None
    except Unavailable as error:
        raise click.ClickException(f"{result}: {start_faults.explain(error)}.") from None
