"""A batch of drafts locks sources, then tickets, then drafts, as a withdrawal of knowledge does."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text
from sqlmodel import Session

from tests.responders.support.shared_database import await_lock_wait
from tests.streams.support.samples import work_off
from tests.streams.test_drafting_handler import drafts, replies, store, ticket

__all__ = ["store"]

EXPORT = "The download link of my export has expired"


def test_a_batch_that_waits_for_a_source_holds_nothing_that_a_withdrawal_needs(store: Engine) -> None:
    handler = replies(store)
    work_off(store, handler, [ticket(1), ticket(2, ticket_id="t2", body=EXPORT)])
    newer = [ticket(3), ticket(4, ticket_id="t2", body=EXPORT)]
    with ThreadPoolExecutor(1) as pool:
        with Session(store) as withdrawal, withdrawal.begin():
            withdrawal.execute(text("SELECT 1 FROM sources WHERE source_id = 'article:exports' FOR UPDATE"))
            batch = pool.submit(work_off, store, handler, newer)
            await_lock_wait(store)
            for table in ("sources", "ticket_heads", "drafts"):
                assert withdrawal.execute(text(f"SELECT 1 FROM {table} FOR UPDATE NOWAIT")).all()
        batch.result(timeout=20)
    assert [based_on for based_on, state, _ in drafts(store) if state == "ready"] == ["e3", "e4"]
