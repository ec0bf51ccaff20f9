"""Logs are JSON lines with fields, and never quote a customer's words."""

import json
import logging
import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from streams.process.logs import JsonFormatter

CANARY = "my password is hunter2"


def line(error: BaseException | None = None, **fields: Any) -> dict[str, Any]:
    exc_info = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord("streams.x", logging.ERROR, "p.py", 1, "batch %s", ("failed",), exc_info)
    vars(record).update(fields)
    written = JsonFormatter().format(record)
    assert "\n" not in written
    assert CANARY not in written
    parsed: dict[str, Any] = json.loads(written)
    return parsed


def raised(error: BaseException) -> BaseException:
    try:
        raise error from KeyError(CANARY)
    except type(error) as caught:
        return caught


def test_a_line_has_time_level_logger_event_and_the_extra_fields() -> None:
    found = line(partition=3, consumer_group="usage", odd=object, text="ü\n\ud800")
    assert (found["level"], found["logger"], found["event"]) == ("error", "streams.x", "batch failed")
    assert (found["partition"], found["consumer_group"], found["text"]) == (3, "usage", "ü\n\ud800")
    assert datetime.fromisoformat(found["time"]).utcoffset() is not None
    assert "error" not in found


def test_an_error_is_named_and_placed_but_its_message_is_not_quoted() -> None:
    found = line(raised(ValueError(CANARY)))
    assert found["error"] == "ValueError"
    assert found["trace"][-1].endswith(" raised")


def test_an_error_that_was_never_raised_is_named_too() -> None:
    found = line(ValueError(CANARY))
    assert (found["error"], found["trace"]) == ("ValueError", [])


@pytest.mark.parametrize("error", [ExceptionGroup(CANARY, [ValueError(CANARY)]), KeyboardInterrupt(CANARY)])
def test_strange_errors_are_named_too(error: BaseException) -> None:
    assert line(raised(error))["error"] == type(error).__name__


def test_an_error_of_the_database_has_its_state_and_not_the_statement(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection, pytest.raises(SQLAlchemyError) as caught:
        connection.execute(text("SELECT CAST(:word AS integer)"), {"word": CANARY})
    engine.dispose()
    assert line(caught.value)["sqlstate"] == "22P02"


def test_all_loggers_write_lines_and_libraries_log_from_warning_on() -> None:
    program = (
        "import logging; from streams.process import logs; logs.configure('INFO');"
        "logging.getLogger('streams.a').info('ours', extra={'n': 1});"
        "logging.getLogger('streams.a').debug('too fine');"
        "logging.getLogger('aiokafka.consumer').info('chatter');"
        "logging.getLogger('kafka').warning('theirs')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lines = [json.loads(logged) for logged in done.stderr.splitlines()]
    assert [fields["event"] for fields in lines] == ["ours", "theirs"]
    assert lines[0]["n"] == 1
    assert done.stdout == ""
