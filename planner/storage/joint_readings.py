"""Joint readings: several cached queries in one statement, for a request that needs all of them.

Each statement is a round trip to PostgreSQL. The rows of each query are one value of the answer, in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from planner.storage.cached_queries import Reading

_SQLITE = "SELECT json_group_array(json_array({columns})) FROM {name}"
_POSTGRESQL = "SELECT coalesce(json_agg(json_build_array({columns})), '[]') FROM {name}"


def read(database: Any, readings: Sequence[Reading]) -> None:
    """Read several queries in one statement. The next call of each, with the same arguments, returns its rows.

    A query that has not run before is left out: only its answer tells of its columns.
    """
    known = [reading for reading in readings if reading.query.converts() is not None]
    statements = [reading.query.statement(reading.arguments) for reading in known]
    widths = [len(reading.query.converts() or ()) for reading in known]
    if len(known) < 2:
        return
    template = _POSTGRESQL if database.for_update else _SQLITE
    text = _text(template, tuple(statement.text for statement in statements), tuple(widths))
    values = [
        value
        for reading, statement in zip(known, statements, strict=True)
        for value in statement.bind(reading.arguments)
    ]
    for reading, rows in zip(known, database.execute_sql(text, values).fetchone(), strict=True):
        reading.remember(json.loads(rows) if isinstance(rows, str) else rows)


@lru_cache(maxsize=500)
def _text(template: str, texts: tuple[str, ...], widths: tuple[int, ...]) -> str:
    tables, values = [], []
    for number, (text, width) in enumerate(zip(texts, widths, strict=True)):
        columns = ", ".join(f"c{column}" for column in range(width))
        tables.append(f"q{number} ({columns}) AS ({text})")
        values.append("(" + template.format(columns=columns, name=f"q{number}") + ")")
    return f"WITH {', '.join(tables)} SELECT {', '.join(values)}"
