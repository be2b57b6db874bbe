"""The upgrade at each start: the tables, what a restored backup needs, and the catalogue."""

from __future__ import annotations

from collections.abc import Callable

import click

from planner import clock, schema
from planner.catalogue import sync
from planner.dates import zone_rules
from planner.errors import StartFault
from planner.privacy import erasure, restores
from planner.privacy.erasure_log import LogUnavailable
from planner.settings import Settings
from planner.storage import db, start_faults
from seeds import reader
from seeds.reader import Catalogue, InvalidCatalogue

Say = Callable[[str], object]


def upgrade(settings: Settings, is_restored: bool = False, say: Say = click.echo) -> None:
    """Migrate the database, repeat the erasures that a backup undid, and update dates and catalogue.

    It tells `say` what it did. Raises StartFault for a database that is not in order, and ClickException for an invalid
    file of texts. Then everything except the catalogue is up to date, and a new database has the texts of Rekindle.
    """
    with start_faults.explained():
        _upgrade_tables(say)
    _undo_restore(is_restored, say)
    with db.connection():
        if moved := zone_rules.apply(clock.utcnow()):
            say(f"dates whose zone has new rules, kept on their local time: {moved}")
        _update_catalogue(settings, say)


def _upgrade_tables(say: Say) -> None:
    restores.check_loss()
    start_faults.wait_for_database()
    for name in schema.upgrade():
        say(f"applied migration {name}")


def _undo_restore(is_restored: bool, say: Say) -> None:
    """Erase again, before anyone is served, the people whom a restored backup brought back. End its sign-ins."""
    try:
        with db.connection():
            if erased := erasure.apply(clock.utcnow()):
                say(f"erased again, since a backup had brought them back: {erased}")
            if restores.notice(clock.utcnow(), is_restored):
                say(
                    "A backup was restored, so all sign-ins have ended. What people did since the backup is lost, also"
                    " leaving, blocks, new passwords and the removal of passkeys. Tell them."
                )
    except LogUnavailable as error:
        raise StartFault(f"REKINDLE_ERASURES: {error}") from None


def _update_catalogue(settings: Settings, say: Say) -> None:
    """Store the texts that come with Rekindle, and those in the operator's own folder."""
    try:
        catalogue, fault = _read_catalogue(settings), None
    except InvalidCatalogue as error:
        if sync.has_texts():
            raise click.ClickException(f"the catalogue stays as it was:\n{error}") from None
        catalogue, fault = reader.shipped(), f"the catalogue is without your own texts:\n{error}"
    for kind, numbers in sync.sync(catalogue, clock.utcnow()).items():
        say(f"{kind}: " + ", ".join(f"{count} {name}" for name, count in numbers._asdict().items()))
    if fault:
        raise click.ClickException(fault)


def _read_catalogue(settings: Settings) -> Catalogue:
    folder = settings.catalogue_dir
    return reader.merged(reader.shipped(), reader.read(folder)) if folder else reader.shipped()
