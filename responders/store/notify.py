"""Notifications by LISTEN/NOTIFY: PostgreSQL delivers them when the sending transaction commits.

A notification is lost while no listener is connected, and a pooler that lends server connections for single
transactions delivers none. So every listener also checks the database now and then.
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
"""The channel of news for people; a payload is `kind:id`."""

OUTBOX_CHANNEL: Final = "rapport_outbox"
"""The channel that says that the outbox has new rows; the payload is empty."""

PROBE_SECONDS: Final = 20.0
"""How long a listener waits for a notification before it probes its connection."""

ANSWER_SECONDS: Final = 5.0
"""How long the server may take to answer a listener before its connection counts as dead."""

CONNECT_SECONDS: Final = 5
"""How long a listener tries to connect."""

FIRST_WAIT_SECONDS: Final = 0.25
LONGEST_WAIT_SECONDS: Final = 5.0
"""Waits before a listener connects again: the first wait doubles after each failure up to the longest."""

_CHANGES: Final = text(
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables"
    " WHERE relid IN (to_regclass('drafts'), to_regclass('ticket_events'), to_regclass('sentiments'),"
    " to_regclass('anomalies'), to_regclass('churn_alerts'), to_regclass('incidents'))"
)
"""Counts that the server keeps anyway, so no table is read. The counts are at most 10 s old."""


def notify(session: Session, kind: str, row_id: str) -> None:
    """Tell the desk that a row of a kind is new or changed; the payload is cut to 1,000 characters."""
    _send(session, CHANNEL, f"{kind}:{row_id}"[:1_000])


def wake_relays(session: Session) -> None:
    """Tell the relays that the outbox has new rows; a transaction sends this at most once."""
    _send(session, OUTBOX_CHANNEL, "")


def _send(session: Session, channel: str, payload: str) -> None:
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


def changes(engine: Engine) -> int:
    """Return how often rows that the desk shows were written; a different number means that rows changed."""
    with engine.connect() as connection:
        return int(connection.scalar(_CHANGES) or 0)


def _ignore() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class ListenerCallbacks:
    """The callbacks of a listener.

    `heard` gets each payload in order. `connected` is called after each connection; earlier notifications
    are lost. `away` is called whenever the database cannot be reached or the connection breaks. If a pooler
    delivers no notifications, `without_notices` runs instead of listening; without it the listener waits.
    """

    heard: Callable[[str], None]
    connected: Callable[[], None] = _ignore
    away: Callable[[], None] = _ignore
    without_notices: Callable[[], Awaitable[None]] | None = None


async def listen(engine: Engine, channel: str, callbacks: ListenerCallbacks) -> None:
    """Listen until cancelled; connect again whenever the database comes back."""
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
    """Return whether the connection goes through a pooler, which reports a made-up process number."""
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
    # Waiting alone never detects a connection that died silently; the probe does.
    while True:
        notices: AsyncIterator[Any] = connection.notifies(timeout=PROBE_SECONDS)
        async for notice in notices:
            heard(notice.payload)
        async with asyncio.timeout(ANSWER_SECONDS):
            await connection.execute("SELECT 1")
