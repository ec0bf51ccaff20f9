"""Wake who listens: PostgreSQL delivers a notification when the transaction that sent it commits.

A notification is lost while nobody is connected, and behind a pooler that gives connections away, so whoever
listens also looks by itself now and then.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text
from sqlmodel import Session

CHANNEL: Final = "rapport_desk"
"""What is new for people: `kind:id`."""

OUTBOX_CHANNEL: Final = "rapport_outbox"
"""The outbox has new rows; the payload is empty."""

PROBE_SECONDS: Final = 20.0
"""After which silence a listener asks whether its connection still lives."""

ANSWER_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 5
FIRST_WAIT_SECONDS: Final = 0.25
LONGEST_WAIT_SECONDS: Final = 5.0


def notify(session: Session, kind: str, row_id: str) -> None:
    """Tell the desk that a row of a kind is new or changed; ids are cut to what a payload holds."""
    _send(session, CHANNEL, f"{kind}:{row_id}"[:1_000])


def wake_relays(session: Session) -> None:
    """Tell the relays that the outbox has new rows; within one transaction this counts once."""
    _send(session, OUTBOX_CHANNEL, "")


def _send(session: Session, channel: str, payload: str) -> None:
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


async def listen(
    engine: Engine,
    channel: str,
    heard: Callable[[str], None],
    *,
    connected: Callable[[], None],
    away: Callable[[], None] = lambda: None,
) -> None:
    """Listen until cancelled, connecting again whenever the database comes back.

    `heard` is told each payload in order; `connected` after each connection, since what was sent before is
    lost; `away` each time that the database cannot be reached or the connection breaks.
    """
    wait_seconds = FIRST_WAIT_SECONDS
    while True:
        try:
            async with await _connect(engine) as connection:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                connected()
                wait_seconds = FIRST_WAIT_SECONDS
                await _hear(connection, heard)
        except (psycopg.Error, OSError):
            away()
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(wait_seconds * 2, LONGEST_WAIT_SECONDS)


async def _connect(engine: Engine) -> "psycopg.AsyncConnection[Any]":
    arguments, options = engine.dialect.create_connect_args(engine.url)
    options = {"connect_timeout": CONNECT_SECONDS, **options, "autocommit": True}
    return await psycopg.AsyncConnection.connect(*arguments, **options)


async def _hear(connection: "psycopg.AsyncConnection[Any]", heard: Callable[[str], None]) -> None:
    # The probe finds a connection that died without a word; a mere wait never would.
    while True:
        notices: AsyncIterator[Any] = connection.notifies(timeout=PROBE_SECONDS)
        async for notice in notices:
            heard(notice.payload)
        async with asyncio.timeout(ANSWER_SECONDS):
            await connection.execute("SELECT 1")
