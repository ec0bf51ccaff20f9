"""Insert many rows by one constant statement: each column is one array parameter.

SQLAlchemy takes ten times as long to build a statement of VALUES, row by row, as PostgreSQL takes to run it.
The statement here is the same for any number of rows and has as many parameters as columns.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from psycopg import adapters
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import BindParameter, Column, Table, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Insert, insert
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import NullType, TypeEngine
from sqlmodel import Session

from schemas.table_parts import TableRow

ROWS_AT_ONCE: Final = 1_000
"""Rows in one statement at most."""

BYTES_AT_ONCE: Final = 32 * 2**20
"""Bytes and characters in the rows of one statement at most, unless a single row has more.

PostgreSQL accepts less than a gigabyte, and a character has at most four bytes.
"""


class _BinaryColumn(list[Any]):
    """The values of a column, sent in binary, so that no value must be formatted and escaped as text."""


adapters.register_dumper(_BinaryColumn, ListBinaryDumper)


def insert_columns(
    session: Session,
    table: type[TableRow],
    columns: Mapping[str, Any],
    *,
    update: tuple[str, ...] = (),
    returning: str | None = None,
) -> list[Any]:
    """Insert rows in order; return the column `returning` of the written rows.

    A list in `columns` holds one value per row; any other value applies to all rows; at least one is a list.
    A row that already exists is not changed; with `update`, a row with the same primary key takes over the
    columns in `update`.
    """
    written: list[Any] = []
    statement = _statement(table, tuple(columns), _names_of_lists(columns), update, returning)
    for part in _parts({name: _sent(table, name, values) for name, values in columns.items()}):
        result = session.execute(statement, part)
        if returning is not None:
            written += result.scalars()
    return written


def _names_of_lists(columns: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, values in columns.items() if isinstance(values, list))


def _parts(columns: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the columns in parts, none of which has too many rows or bytes."""
    lists = {name: columns[name] for name in _names_of_lists(columns)}
    sizes = _row_sizes(list(lists.values()))
    start, count = 0, len(sizes)
    while start < count:
        end = min(count, start + ROWS_AT_ONCE)
        while end > start + 1 and sum(sizes[start:end]) > BYTES_AT_ONCE:
            end = (start + end) // 2
        yield {**columns, **{name: _BinaryColumn(values[start:end]) for name, values in lists.items()}}
        start = end


def _row_sizes(lists: Sequence[list[Any]]) -> list[int]:
    """Return the number of bytes and characters in each row; numbers and times do not count."""
    sizes = [0] * len(lists[0])
    for values in lists:
        if isinstance(next((value for value in values if value is not None), None), bytes | str):
            sizes = [size + len(value or "") for size, value in zip(sizes, values, strict=True)]
    return sizes


def _sent(table: type[TableRow], name: str, values: Any) -> Any:
    """Return the values of a column as psycopg sends them: JSON as text."""
    if not _is_json(_table(table).columns[name]):
        return _BinaryColumn(values) if isinstance(values, list) else values
    if not isinstance(values, list):
        return json.dumps(values)
    return _BinaryColumn(json.dumps(value) for value in values)


@lru_cache
def _statement(
    table: type[TableRow],
    names: tuple[str, ...],
    lists: tuple[str, ...],
    update: tuple[str, ...],
    returning: str | None,
) -> ReturningInsert[Any] | Insert:
    columns = _table(table).columns
    arrays = [cast(_sent_as_it_is(name), ARRAY(_type(columns[name]))) for name in lists]
    given = func.unnest(*arrays).table_valued(*lists, with_ordinality="place", name="given").render_derived()
    values = [
        cast(given.c[name] if name in lists else _sent_as_it_is(name), columns[name].type) for name in names
    ]
    statement = insert(_table(table)).from_select(names, select(*values).order_by(given.c.place))
    if update:
        changes = {name: statement.excluded[name] for name in update}
        statement = statement.on_conflict_do_update(index_elements=_table(table).primary_key, set_=changes)
    else:
        statement = statement.on_conflict_do_nothing()
    return statement if returning is None else statement.returning(columns[returning])


def _sent_as_it_is(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=NullType())


def _type(column: Column[Any]) -> TypeEngine[Any]:
    return Text() if _is_json(column) else column.type


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSONB)


def _table(table: type[TableRow]) -> Table:
    found: Table = table.__table__  # type: ignore[attr-defined]
    return found
