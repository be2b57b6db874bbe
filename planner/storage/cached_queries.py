"""Statements that peewee renders once and that run many times.

peewee takes ten times as long to render a statement as the database takes to answer it. A cached query is rendered at
its first use, with a placeholder for each argument (see `db.cached_query`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import peewee

Convert = Callable[[Any], Any] | None

# Lists of different lengths are different statements, so their number needs a limit.
_MAX_STATEMENTS = 500


class BindParam(peewee.Node):
    """A placeholder for an argument. `convert`, or else the column beside it, converts the value."""

    def __init__(self, argument: int, item: int | None = None, convert: Convert = None) -> None:
        self._argument, self._item, self._convert = argument, item, convert

    def typed_as(self, field: peewee.Field) -> BindParam:
        """Return the placeholder for a value of a field, to be compared with an expression."""
        return BindParam(self._argument, self._item, field.db_value)

    def __sql__(self, ctx: Any) -> Any:
        return ctx.value(_BoundParam(self._argument, self._item, self._convert or ctx.state.converter), converter=False)


class _BoundParam(NamedTuple):
    """A parameter of a statement without its value."""

    argument: int
    item: int | None
    convert: Convert

    def value(self, arguments: Sequence[Any]) -> Any:
        argument = arguments[self.argument]
        value = argument if self.item is None else argument[self.item]
        return value if value is None or not self.convert else self.convert(value)


class CachedQuery:
    """A query with placeholders for its arguments. `build` gets the placeholders and returns the query."""

    def __init__(self, database: peewee.DatabaseProxy, build: Callable[..., Any]) -> None:
        self._database = database
        self._build = build
        self._statements: dict[object, _Statement] = {}

    def rows(self, *arguments: Any) -> list[tuple[Any, ...]]:
        """Run a SELECT with these arguments, and return all rows as Python values."""
        statement = self._statement(arguments)
        return statement.converted(self._execute(statement, arguments))

    def count(self, *arguments: Any) -> int:
        """Run an INSERT, UPDATE or DELETE with these arguments, and return the number of rows."""
        return int(self._execute(self._statement(arguments), arguments).rowcount)

    def _execute(self, statement: _Statement, arguments: Sequence[Any]) -> Any:
        return self._database.execute_sql(statement.text, statement.bind(arguments))

    def _statement(self, arguments: Sequence[Any]) -> _Statement:
        """Return the statement for this kind of database and lists of these lengths."""
        key = (
            type(self._database.obj),
            *[len(argument) if isinstance(argument, list) else None for argument in arguments],
        )
        statement = self._statements.get(key)
        if statement is None:
            if len(self._statements) >= _MAX_STATEMENTS:
                self._statements.clear()
            parameters = [_bind_params(position, value) for position, value in enumerate(arguments)]
            statement = self._statements[key] = _Statement(self._build(*parameters))
        return statement


def _bind_params(argument: int, value: Any) -> BindParam | list[BindParam]:
    if isinstance(value, list):
        return [BindParam(argument, item) for item in range(len(value))]
    return BindParam(argument)


class _Statement:
    """The text of a query for one kind of database, and the converters of its columns."""

    def __init__(self, query: Any) -> None:
        self._query = query
        self.text, self._parameters = query.sql()
        self._converts: list[tuple[int, Callable[[Any], Any]]] | None = None

    def bind(self, arguments: Sequence[Any]) -> list[Any]:
        """Return the parameters with the values of the arguments."""
        return [
            parameter.value(arguments) if type(parameter) is _BoundParam else parameter
            for parameter in self._parameters
        ]

    def converted(self, cursor: Any) -> list[tuple[Any, ...]]:
        """Return all rows of the cursor as Python values."""
        if self._converts is None:
            # peewee knows the converters of the columns only with a cursor.
            columns = self._query.tuples()._get_cursor_wrapper(cursor)
            columns.initialize()
            converts = [(position, _needed(convert)) for position, convert in enumerate(columns.converters)]
            self._converts = [(position, convert) for position, convert in converts if convert]
        rows = []
        for row in cursor.fetchall():
            values = list(row)
            for position, convert in self._converts:
                if values[position] is not None:
                    values[position] = convert(values[position])
            rows.append(tuple(values))
        return rows


def _needed(convert: Convert) -> Convert:
    """Return the converter of a column, or None for text and numbers, which drivers return as they are."""
    field = getattr(convert, "__self__", None)
    while isinstance(field, peewee.ForeignKeyField):
        field = field.rel_field
    if not isinstance(field, peewee.Field):
        return convert
    if type(field) is peewee.UUIDField:
        return _to_uuid
    return None if type(field) in (peewee.TextField, peewee.IntegerField) else field.python_value


def _to_uuid(value: Any) -> UUID:
    return value if type(value) is UUID else _parse_uuid(value)


@lru_cache(maxsize=10_000)
def _parse_uuid(text: str) -> UUID:
    # Many rows have the same few ids of persons and activities. Parsing one takes as long as reading a row.
    return UUID(text)
