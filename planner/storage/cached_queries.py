"""Statements that are written once and run many times.

peewee takes ten times as long to write a statement as the database takes to answer it. What every request asks is
therefore written at its first use, with a place for each argument, and only bound afterwards (see `db.prepared`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import peewee

Convert = Callable[[Any], Any] | None

# Lists of different lengths are different statements; pages bound those, and this bounds them in any case.
_MAX_STATEMENTS = 500


class BindParam(peewee.Node):
    """Where an argument goes. Its value is converted as `convert` says, else as that of the column beside it."""

    def __init__(self, argument: int, item: int | None = None, convert: Convert = None) -> None:
        self._argument, self._item, self._convert = argument, item, convert

    def typed_as(self, field: peewee.Field) -> BindParam:
        """The same place for a value of that field: beside an expression, which has no conversion of its own."""
        return BindParam(self._argument, self._item, field.db_value)

    def __sql__(self, ctx: Any) -> Any:
        return ctx.value(_BoundParam(self._argument, self._item, self._convert or ctx.state.converter), converter=False)


class _BoundParam(NamedTuple):
    """What stands among a statement's parameters until the value comes."""

    argument: int
    item: int | None
    convert: Convert

    def value(self, arguments: Sequence[Any]) -> Any:
        found = arguments[self.argument]
        found = found if self.item is None else found[self.item]
        return found if found is None or not self.convert else self.convert(found)


class CachedQuery:
    """A query with places for its arguments. `build` is handed places and returns the query."""

    def __init__(self, database: peewee.DatabaseProxy, build: Callable[..., Any]) -> None:
        self._database = database
        self._build = build
        self._statements: dict[object, _Statement] = {}

    def rows(self, *arguments: Any) -> list[tuple[Any, ...]]:
        """The rows of a SELECT with these arguments, converted to Python; all are read before it returns."""
        statement = self._statement(arguments)
        return statement.converted(self._execute(statement, arguments))

    def count(self, *arguments: Any) -> int:
        """Run an INSERT, UPDATE or DELETE with these arguments; the number of rows it touched."""
        return int(self._execute(self._statement(arguments), arguments).rowcount)

    def _execute(self, statement: _Statement, arguments: Sequence[Any]) -> Any:
        return self._database.execute_sql(statement.text, statement.bind(arguments))

    def _statement(self, arguments: Sequence[Any]) -> _Statement:
        """The statement for this kind of database, and for lists of these lengths."""
        key = (type(self._database.obj), *[len(one) if isinstance(one, list) else None for one in arguments])
        found = self._statements.get(key)
        if found is None:
            if len(self._statements) >= _MAX_STATEMENTS:
                self._statements.clear()
            places = [_bind_params(at, value) for at, value in enumerate(arguments)]
            found = self._statements[key] = _Statement(self._build(*places))
        return found


def _bind_params(argument: int, value: Any) -> BindParam | list[BindParam]:
    if isinstance(value, list):
        return [BindParam(argument, item) for item in range(len(value))]
    return BindParam(argument)


class _Statement:
    """The text of a query for one kind of database, and how its columns become Python."""

    def __init__(self, query: Any) -> None:
        self._query = query
        self.text, self._parameters = query.sql()
        self._converts: list[tuple[int, Callable[[Any], Any]]] | None = None

    def bind(self, arguments: Sequence[Any]) -> list[Any]:
        """The parameters with the arguments in their places."""
        return [one.value(arguments) if type(one) is _BoundParam else one for one in self._parameters]

    def converted(self, cursor: Any) -> list[tuple[Any, ...]]:
        """All rows of the cursor."""
        if self._converts is None:
            # peewee tells how to convert each column once it has seen a cursor.
            columns = self._query.tuples()._get_cursor_wrapper(cursor)
            columns.initialize()
            found = [(at, _needed(convert)) for at, convert in enumerate(columns.converters)]
            self._converts = [(at, convert) for at, convert in found if convert]
        rows = []
        for row in cursor.fetchall():
            values = list(row)
            for at, convert in self._converts:
                if values[at] is not None:
                    values[at] = convert(values[at])
            rows.append(tuple(values))
        return rows


def _needed(convert: Convert) -> Convert:
    """A column's conversion without what comes to nothing: drivers return text and numbers as they should be."""
    field = getattr(convert, "__self__", None)
    while isinstance(field, peewee.ForeignKeyField):
        field = field.rel_field
    if not isinstance(field, peewee.Field):
        return convert
    return None if type(field) in (peewee.TextField, peewee.IntegerField) else field.python_value
