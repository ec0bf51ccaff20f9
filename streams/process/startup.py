"""Wait for a dependency at the start of a process, then probe it in the background."""

import logging
import time
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from responders.store.migrate import check_version
from responders.store.progress import database_now
from streams.process.backoff import Backoff
from streams.process.database import connection_problem
from streams.process.errors import is_unavailable
from streams.process.health import Probe
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)


def wait_for(
    name: str, attempt: Callable[[], None], *, is_away: Callable[[BaseException], bool] = is_unavailable
) -> None:
    """Repeat `attempt` with backoff until it succeeds; log each failure with the dependency's name.

    Raises an error for which `is_away` is False.
    """
    backoff = Backoff(first_seconds=0.2)
    while True:
        try:
            return attempt()
        except Exception as error:
            if not is_away(error):
                raise
            details = {"error": type(error).__name__, "reason": connection_problem(error)}
            logger.warning("waiting", extra={"dependency": name, **details})
            time.sleep(backoff.next_seconds())


def check_database(engine: Engine) -> None:
    """Wait until the database answers. Raises MigrationError for a schema that this build does not know."""

    def answers() -> None:
        with Session(engine) as session:
            database_now(session)

    wait_for("database", answers)
    check_version(engine)


def database_answers(engine: Engine) -> bool:
    """Return whether the database answers a query now, within the time limits of the engine."""
    try:
        with Session(engine) as session:
            database_now(session)
    except SQLAlchemyError:
        return False
    return True


def probe_of(metrics: Metrics, dependency: str, ask: Callable[[], bool]) -> Probe:
    """Return a running probe of a dependency; each good answer sets its gauge to the current time."""
    gauge = metrics.dependency_answered.labels(dependency)
    return Probe(dependency, ask, answered=gauge.set_to_current_time).start()
