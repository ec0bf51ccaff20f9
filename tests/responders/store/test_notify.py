"""The listener of PostgreSQL's notifications."""

import asyncio
import logging

import pytest

from responders.store.notify import ListenerCallbacks, _do_without


def test_a_listener_behind_a_pooler_logs_the_event_that_operators_know(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The message is the name of the event in the JSON log, so a search for it must find it in any build."""

    async def looked() -> None:
        """Stand for one look at the tables."""

    with caplog.at_level(logging.WARNING):
        asyncio.run(_do_without(ListenerCallbacks(heard=lambda _: None, without_notices=looked)))
    assert caplog.messages == [
        "the database is behind a pooler, which delivers no notices: changes are seen later"
    ]
