"""The clock of a process: beside the requests of a worker, or alone."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import click

from api import metrics, metrics_server
from planner import scheduler
from planner.settings import Settings
from planner.storage import db, sqlite_backups
from planner.storage.backups import Daily


def start(settings: Settings) -> Any:
    """Start the clock in a thread of this process, and return the scheduler to shut down.

    With REKINDLE_CLOCK=off, it only keeps the marks of this process, by which a start notices a restore.
    """
    if settings.clock == "off":
        return scheduler.start_marks()
    return _start_ticking(settings)


def run_alone(settings: Settings) -> None:
    """Tick until SIGTERM or Ctrl-C, whatever REKINDLE_CLOCK says."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if settings.metrics:
        server = metrics_server.prepare(*settings.metrics)
        server.set_app(metrics.answer)
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    running = _start_ticking(settings)
    click.echo("The clock ticks. Stop it with Ctrl-C.")
    stop.wait()
    running.shutdown(wait=False)
    if settings.metrics:
        metrics_server.clean_up()


def note_use() -> None:
    """Note that a server uses the SQLite file, so that no restore replaces it now. Raises StartFault."""
    if not db.proxy.for_update:
        sqlite_backups.share(Path(db.proxy.database))


def _start_ticking(settings: Settings) -> Any:
    daily = Daily(settings.backup_dir, settings.backup_keep) if settings.backup_dir else None
    return scheduler.start(daily, metrics.watch_ticks() if settings.metrics else None)
