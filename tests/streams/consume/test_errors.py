"""Errors of infrastructure that is away, and errors of wrong data or of a bug."""

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from streams.consume import Fenced, InvalidRecord
from streams.process.errors import Fatal, ServiceError, Unavailable, is_unavailable


def error_of(engine: Engine, sql: str) -> SQLAlchemyError:
    with pytest.raises(SQLAlchemyError) as raised, engine.begin() as connection:
        connection.execute(text(sql))
    return raised.value


@pytest.mark.parametrize(
    ("sql", "away"),
    [
        ("SELECT pg_terminate_backend(pg_backend_pid())", True),
        ("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)", True),
        ("SELECT 1 / 0", False),
        ("SELECT 'x'::int", False),
        ("SELECT no_such_column", False),
        ("INSERT INTO doubled VALUES (NULL, 1)", False),
        ("SELECT 99999999999::int", False),
    ],
)
def test_the_database_says_whether_the_same_work_may_succeed_later(
    engine: Engine, sql: str, away: bool
) -> None:
    assert is_unavailable(error_of(engine, sql)) is away


def test_a_database_that_nobody_serves_is_away() -> None:
    nowhere = create_engine("postgresql+psycopg://u@127.0.0.1:1/x", connect_args={"connect_timeout": 2})
    assert is_unavailable(error_of(nowhere, "SELECT 1"))


@pytest.mark.parametrize("error", [ConnectionResetError(), TimeoutError(), Unavailable()])
def test_a_network_that_breaks_is_away(error: Exception) -> None:
    assert is_unavailable(error)


@pytest.mark.parametrize(
    "error",
    [ValueError(), KeyError(), RuntimeError(), Fenced(), Fatal(), InvalidRecord("broken_json", "x")],
)
def test_bugs_and_bad_records_are_not_infrastructure(error: Exception) -> None:
    assert not is_unavailable(error)


def test_all_our_errors_have_one_base_class_and_a_bad_record_has_its_reason() -> None:
    assert all(issubclass(kind, ServiceError) for kind in (InvalidRecord, Unavailable, Fenced, Fatal))
    error = InvalidRecord("too_large", "5 bytes")
    assert (error.reason, str(error)) == ("too_large", "5 bytes")
