"""The form of the log: lines of text, or of JSON for programs. Both have the id of the request that a line is about.

The master of a server writes lines, too, so this does not import Flask.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

_find_request: Callable[[], str | None] | None = None


def install(level: str, is_json: bool) -> None:
    """Write the log to the terminal, from this level on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if is_json else TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    # At INFO, APScheduler logs every tick. At DEBUG, peewee logs every value that is written, private notes too.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("peewee").setLevel(logging.INFO)


def name_requests(find: Callable[[], str | None]) -> None:
    """Take the function that returns the id of the request that this thread answers."""
    global _find_request
    _find_request = find


class TextLines(logging.Formatter):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the name is logging's own
        """Return the line, with the id of the request at its end."""
        line = super().formatMessage(record)
        request = _find_request() if _find_request else None
        return f"{line} [{request}]" if request else line


class JsonLines(logging.Formatter):
    """One JSON object for each line. A record may bring facts of its request in `request`."""

    def __init__(self, *_: Any, **__: Any) -> None:  # logging passes what a formatter of text needs
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": _find_request() if _find_request else None,
            **getattr(record, "request", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in line.items() if value is not None})
