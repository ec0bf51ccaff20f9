"""Who of an account wrote last, and which message waits: for the person who writes to the account."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from responders.store.tickets import last_contact, newest_open_message
from schemas.tables import metadata
from tests.responders.support.desk_samples import NOW, event_row, put


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_the_contact_is_the_last_named_writer_outside_the_forum(engine: Engine) -> None:
    put(
        engine,
        event_row("a", minutes_ago=90, requester_name="Ada Byron"),
        event_row("b", minutes_ago=60),
        event_row("c", minutes_ago=50, channel="forum", requester_name="rocket99"),
        event_row("d", minutes_ago=40, account_id="other", requester_name="Eve"),
        event_row("e", minutes_ago=5, requester_name="Bob"),
    )
    with Session(engine) as session:
        assert last_contact(session, "acme", until=NOW - timedelta(minutes=10)) == "Ada Byron"
        assert last_contact(session, "acme", until=NOW) == "Bob"
        assert last_contact(session, "nobody", until=NOW) is None


def test_the_open_message_is_the_newest_one_that_waits(engine: Engine) -> None:
    put(
        engine,
        event_row("open", minutes_ago=90),
        event_row("answered", minutes_ago=60),
        event_row("answered", "answered-2", kind="human_reply", minutes_ago=50),
        event_row("foreign", minutes_ago=40, account_id="other"),
    )
    with Session(engine) as session:
        found = newest_open_message(session, "acme", until=NOW)
        assert found is not None
        assert found.ticket_id == "open"
        assert newest_open_message(session, "acme", until=NOW - timedelta(hours=2)) is None
