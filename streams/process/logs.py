"""Logs as JSON lines on standard error: an event name and fields, never a customer's text."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NOISY = ("faust", "mode", "aiokafka", "kafka", "alembic", "httpx", "urllib3", "uvicorn.access")


class JsonFormatter(logging.Formatter):
    """Writes a JSON object per line: time, level, logger, event, extra fields, type and place of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Any] = {
            "time": moment,
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        fields |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            fields |= _described(record.exc_info[1])
        return json.dumps(fields, default=str)


def _described(error: BaseException) -> dict[str, Any]:
    """Return type, SQLSTATE and place of an error, but not its message, which may quote a record."""
    place, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    ours = [step for step in place if "site-packages" not in step]
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return {"error": type(error).__name__, "sqlstate": state, "trace": [*ours[-8:], *place[-1:]]}


class OncePerInterval(logging.Filter):
    """Lets a library repeat a message only every few seconds, so that an outage does not flood the log."""

    def __init__(self, interval_seconds: float = 10.0) -> None:
        super().__init__()
        self._interval_seconds = interval_seconds
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is written; our own records always are."""
        if not record.name.startswith(_NOISY):
            return True
        key = (record.name, str(record.msg))
        if record.created - self._last.get(key, 0.0) < self._interval_seconds:
            return False
        self._last[key] = record.created
        return True


def configure(level: str) -> None:
    """Send all logs as JSON lines to standard error; libraries log from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(OncePerInterval())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
