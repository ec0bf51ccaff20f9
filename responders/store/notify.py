"""Wake who listens: PostgreSQL delivers a notification when the transaction that sent it commits.

A notification is lost while nobody is connected, and a pooler that lends server connections for single
transactions delivers none. So whoever listens also looks by itself now and then.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

logger = logging.getLogger(__name__)

CHANNEL: Final = "rapport_desk"
"""What is new for people: `kind:id`."""

OUTBOX_CHANNEL: Final = "rapport_outbox"
"""The outbox has new rows; the payload is empty."""

PROBE_SECONDS: Final = 20.0
"""After which silence a listener asks whether its connection still lives."""

ANSWER_SECONDS: Final = 5.0
"""How long the server may take to answer a listener before its connection counts as dead."""

CONNECT_SECONDS: Final = 5
FIRST_WAIT_SECONDS: Final = 0.25
LONGEST_WAIT_SECONDS: Final = 5.0

_CHANGES: Final = text(
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables"
    " WHERE relid IN (to_regclass('drafts'), to_regclass('ticket_events'), to_regclass('sentiments'),"
    " to_regclass('anomalies'), to_regclass('churn_alerts'), to_regclass('incidents'))"
)
"""Counts that the server keeps anyway: no table is read. It is told of a change 10 s later at the latest."""


def notify(session: Session, kind: str, row_id: str) -> None:
    """Tell the desk that a row of a kind is new or changed; ids are cut to what a payload holds."""
    _send(session, CHANNEL, f"{kind}:{row_id}"[:1_000])


def wake_relays(session: Session) -> None:
    """Tell the relays that the outbox has new rows; within one transaction this counts once."""
    _send(session, OUTBOX_CHANNEL, "")


def _send(session: Session, channel: str, payload: str) -> None:
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


def changes(engine: Engine) -> int:
    """Return how often rows of what the desk shows were written; another number says that some changed."""
    with engine.connect() as connection:
        return int(connection.scalar(_CHANGES) or 0)


def _ignore() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class ListenerCallbacks:
    """What a listener is told.

    `heard` gets each payload in order. `connected` is called after each connection: what was sent before
    is lost; `away` each time that the database cannot be reached or the connection breaks. `without_notices`
    runs instead of listening behind a pooler that delivers none; left out, the listener waits.
    """

    heard: Callable[[str], None]
    connected: Callable[[], None] = _ignore
    away: Callable[[], None] = _ignore
    without_notices: Callable[[], Awaitable[None]] | None = None


async def listen(engine: Engine, channel: str, callbacks: ListenerCallbacks) -> None:
    """Listen until cancelled, connecting again whenever the database comes back."""
    wait_seconds = FIRST_WAIT_SECONDS
    while True:
        try:
            async with await _connect(engine) as connection:
                pooled = await _is_pooled(connection)
                if not pooled:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                callbacks.connected()
                wait_seconds = FIRST_WAIT_SECONDS
                if not pooled:
                    await _hear(connection, callbacks.heard)
            await _do_without(callbacks)
        except (psycopg.Error, SQLAlchemyError, OSError):
            callbacks.away()
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(wait_seconds * 2, LONGEST_WAIT_SECONDS)


async def _connect(engine: Engine) -> "psycopg.AsyncConnection[Any]":
    arguments, options = engine.dialect.create_connect_args(engine.url)
    options = {"connect_timeout": CONNECT_SECONDS, **options, "autocommit": True, "prepare_threshold": None}
    return await psycopg.AsyncConnection.connect(*arguments, **options)


async def _is_pooled(connection: "psycopg.AsyncConnection[Any]") -> bool:
    """Tell whether a pooler stands between: it makes up the process number that it tells its clients."""
    async with asyncio.timeout(ANSWER_SECONDS):
        cursor = await connection.execute("SELECT pg_backend_pid()")
        found: tuple[int, ...] | None = await cursor.fetchone()
    return found != (connection.info.backend_pid,)


async def _do_without(callbacks: ListenerCallbacks) -> None:
    logger.warning("the database is behind a pooler, which delivers no notices: changes are seen later")
    if callbacks.without_notices is None:
        await asyncio.Event().wait()
    else:
        await callbacks.without_notices()


async def _hear(connection: "psycopg.AsyncConnection[Any]", heard: Callable[[str], None]) -> None:
    # The probe finds a connection that died without a word; a mere wait never would.
    while True:
        notices: AsyncIterator[Any] = connection.notifies(timeout=PROBE_SECONDS)
        async for notice in notices:
            heard(notice.payload)
        async with asyncio.timeout(ANSWER_SECONDS):
            await connection.execute("SELECT 1")
