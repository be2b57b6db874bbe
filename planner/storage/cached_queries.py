"""Statements that peewee renders once and that run many times.

peewee takes ten times as long to render a statement as the database takes to answer it. A cached query is rendered at
its first use, with a placeholder for each argument (see `db.cached_query`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import local
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.storage.columns import UtcDateTimeField

Convert = Callable[[Any], Any] | None

# Lists of different lengths are different statements, so their number needs a limit.
_MAX_STATEMENTS = 500


class _Memory(local):
    """What this thread has read and may use again, for one connection and until the next write.

    `results` are those of `db.once`. `rows` were read together with others, and have the arguments of their query.
    """

    results: dict[Any, Any] | None = None
    rows: dict[CachedQuery, tuple[tuple[Any, ...], list[tuple[Any, ...]]]] | None = None

    def begin(self) -> None:
        """Begin to remember."""
        self.results, self.rows = {}, {}

    def forget(self) -> None:
        """Forget what a write may change."""
        if self.results is not None:
            self.begin()

    def end(self) -> None:
        """Remember nothing."""
        self.results = self.rows = None


memory = _Memory()


class BindParam(peewee.Node):
    """A placeholder for an argument. `convert`, or else the column beside it, converts the value."""

    def __init__(self, argument: int, item: int | None = None, convert: Convert = None) -> None:
        self._argument, self._item, self._convert = argument, item, convert

    def typed_as(self, field: peewee.Field) -> BindParam:
        """Return the placeholder for a value of a field, to be compared with an expression."""
        return BindParam(self._argument, self._item, field.db_value)

    def __sql__(self, ctx: Any) -> Any:
        parameter = _BoundParam(self._argument, self._item, self._convert or ctx.state.converter)
        with ctx(value_literals=False):
            return ctx.value(parameter, converter=False)


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
        self._statements: dict[object, Statement] = {}
        self._converts: dict[type, list[Convert]] = {}

    def __call__(self, *arguments: Any) -> list[tuple[Any, ...]]:
        """Run a SELECT with these arguments, and return all rows as Python values."""
        if memory.rows and self in memory.rows:
            read_for, rows = memory.rows.pop(self)
            if read_for == arguments:
                return rows
        statement = self.statement(arguments)
        cursor = self._execute(statement, arguments)
        converts = self.converts()
        if converts is None:
            converts = self._converts[type(self._database.obj)] = statement.converts(cursor)
        return converted(cursor.fetchall(), converts)

    def on(self, *arguments: Any) -> Reading:
        """Return the reading with these arguments."""
        return Reading(self, arguments)

    def count(self, *arguments: Any) -> int:
        """Run an INSERT, UPDATE or DELETE with these arguments, and return the number of rows."""
        return int(self._execute(self.statement(arguments), arguments).rowcount)

    def converts(self) -> list[Convert] | None:
        """Return the converter of each column. They are known after the first run on this kind of database."""
        return self._converts.get(type(self._database.obj))

    def _execute(self, statement: Statement, arguments: Sequence[Any]) -> Any:
        return self._database.execute_sql(statement.text, statement.bind(arguments))

    def statement(self, arguments: Sequence[Any]) -> Statement:
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
            statement = self._statements[key] = Statement(self._database, self._build(*parameters))
        return statement


class Reading(NamedTuple):
    """A cached query with its arguments, which can be read together with others (see `db.read_together`)."""

    query: CachedQuery
    arguments: tuple[Any, ...]

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows, or those that were read together with others."""
        return self.query(*self.arguments)

    def remember(self, rows: list[Sequence[Any]]) -> None:
        """Keep rows for the next call of the query with these arguments."""
        if memory.rows is not None:
            memory.rows[self.query] = self.arguments, converted(rows, self.query.converts() or [])


def _bind_params(argument: int, value: Any) -> BindParam | list[BindParam]:
    if isinstance(value, list):
        return [BindParam(argument, item) for item in range(len(value))]
    return BindParam(argument)


class Statement:
    """The text of a query for one kind of database, and its parameters."""

    def __init__(self, database: Any, query: Any) -> None:
        self._query = query
        context = database.get_sql_context()
        # SQLite plans a statement anew at each run if it compares a parameter with a column of a partial index, which
        # takes several times as long as to run it. So what never changes is in the text.
        with context(value_literals=not database.for_update):
            self.text, parameters = context.parse(query)
        # Many parameters are one argument, for example the viewer. It is converted once.
        numbers: dict[Any, int] = {}
        self._order = [numbers.setdefault(_identity(parameter), len(numbers)) for parameter in parameters]
        self._parameters = [parameters[self._order.index(number)] for number in numbers.values()]

    def bind(self, arguments: Sequence[Any]) -> list[Any]:
        """Return the parameters with the values of the arguments."""
        values = [
            parameter.value(arguments) if type(parameter) is _BoundParam else parameter
            for parameter in self._parameters
        ]
        return [values[number] for number in self._order]

    def converts(self, cursor: Any) -> list[Convert]:
        """Return the converter of each column, or None for those that need none."""
        # peewee knows the converters of the columns only with a cursor.
        columns = self._query.tuples()._get_cursor_wrapper(cursor)
        columns.initialize()
        return [_needed(convert) for convert in columns.converters]


def converted(rows: Sequence[Sequence[Any]], converts: Sequence[Convert]) -> list[tuple[Any, ...]]:
    """Return rows as Python values."""
    # By column, which takes half as long as by row.
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for position, convert in enumerate(converts if columns else ()):
        if convert:
            columns[position] = [value if value is None else convert(value) for value in columns[position]]
    return list(zip(*columns, strict=True))


def _identity(parameter: Any) -> Any:
    """Return what is equal for parameters of one value: ids of all tables are written alike, and so are instants."""
    if type(parameter) is not _BoundParam:
        return type(parameter), parameter
    field = _field_of(parameter.convert)
    kind = type(field) if type(field) in (peewee.UUIDField, UtcDateTimeField) else parameter.convert
    return parameter.argument, parameter.item, kind


def _field_of(convert: Convert) -> Any:
    """Return the field that a converter belongs to, or what its foreign key refers to; None without a field."""
    field = getattr(convert, "__self__", None)
    while isinstance(field, peewee.ForeignKeyField):
        field = field.rel_field
    return field


def _needed(convert: Convert) -> Convert:
    """Return the converter of a column, or None for text and numbers, which drivers return as they are."""
    field = _field_of(convert)
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
