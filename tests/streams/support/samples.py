"""Records and fakes that the tests of several groups share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session

from schemas import Record, Ticket
from streams.consume import Computed

WHEN = datetime(2026, 1, 5, tzinfo=UTC)
TOLERANCE = timedelta(minutes=5)


@dataclass
class Raw:
    """A record in the form of a Kafka client."""

    key: bytes | None
    value: bytes | None
    topic: str = "t"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    headers: Sequence[tuple[str, bytes]] = ()


def raw_of(record: Record, account_id: str) -> Raw:
    return Raw(account_id.encode(), record.to_bytes())


def ticket(number: int = 1, **changes: object) -> Ticket:
    fields = {
        "event_id": f"e{number}",
        "ticket_id": f"t{number}",
        "account_id": "a1",
        "body": "thank you, this is great",
        "occurred_at": WHEN + timedelta(minutes=number),
    }
    return Ticket.model_validate(fields | changes)


def work_off(engine: Engine, handler: Any, items: Sequence[Any], *, partition: int = 0) -> Computed[Any, Any]:
    """Run and write one batch the way the pipeline does, in one transaction."""
    computed: Computed[Any, Any] = handler.compute([(partition, items)])
    effects = list(zip(items, computed.outcomes[0], strict=True))
    with Session(engine) as session, session.begin():
        handler.write(session, effects, computed.extra)
    handler.committed(effects, computed.extra)
    return computed


def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]
