"""The desk's SQL on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from sqlmodel import Session, select

from responders.store.desk import (
    AlertMove,
    AlertRefused,
    DecisionRefused,
    DeskChoice,
    account_view,
    alert_counts,
    decided_queue,
    draft_view,
    list_alerts,
    move_alert,
    open_incidents,
    open_queue,
    outreach_queue,
    queue_counts,
    record_decision,
    similarity,
    ticket_view,
)
from responders.store.desk.typed_text import normalised
from responders.urgency import ALLOWED
from schemas.tables import DecisionRow, DraftRow, metadata
from tests.responders.support.desk_samples import (
    NOW,
    account_row,
    alert_row,
    angry,
    anomaly_row,
    chunk_row,
    citation,
    draft_of,
    draft_row,
    event_row,
    incident_row,
    mood_row,
    outreach_row,
    put,
)

T = TypeVar("T")
SEND = DeskChoice("Another text", None, "kim")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def read(engine: Engine, query: Callable[[Session], T]) -> T:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return query(session)


def decide(engine: Engine, draft_id: str, choice: DeskChoice = SEND) -> str:
    return read(engine, lambda session: record_decision(session, draft_id, choice, now=NOW).action)


def move(engine: Engine, alert_id: str, to: AlertMove) -> None:
    read(engine, lambda session: move_alert(session, alert_id, to, now=NOW))


def test_the_unhappiest_come_first_and_then_the_longest_waiting(engine: Engine) -> None:
    put(
        engine,
        *(event_row(t, minutes_ago=m) for t, m in (("calm", 90), ("angry", 5), ("cross", 10), ("old", 500))),
        angry("angry"),
        angry("cross", frustration=0.1),
        mood_row("calm"),
    )
    rows = read(engine, open_queue)
    assert [row.item_id for row in rows] == ["angry", "cross", "old", "calm"]
    assert [row.tier for row in rows] == [2, 1, 0, 0]
    assert [row.mood_known for row in rows] == [True, True, False, True]
    assert [(row.due_at or NOW) - row.waiting_since for row in rows] == [ALLOWED[row.tier] for row in rows]


def test_a_ticket_waits_only_while_its_newest_event_is_an_unanswered_customer_message(engine: Engine) -> None:
    put(engine, *(event_row(t) for t in ("waits", "answered", "closed", "decided", "again")))
    put(
        engine,
        event_row("answered", "a-2", minutes_ago=1, kind="human_reply"),
        event_row("closed", "c-2", minutes_ago=1, kind="closed"),
        event_row("again", "again-2", minutes_ago=1),
        draft_row(draft_of("decided"), state="sent"),
        draft_row(draft_of("again"), state="sent"),
    )
    rows = read(engine, open_queue)
    assert {row.item_id for row in rows} == {"waits", "again"}
    assert {row.draft_state for row in rows} == {None}


def test_pages_by_key_cover_every_ticket_once(engine: Engine) -> None:
    put(engine, *(event_row(f"t{n:03}", minutes_ago=n % 7) for n in range(45)))
    put(engine, *(angry(f"t{n:03}") for n in range(0, 45, 3)))
    seen: list[str] = []
    after = None
    while page := read(engine, partial(open_queue, after=after, page_size=10)):
        seen += [row.item_id for row in page]
        after = page[-1].cursor
    assert len(seen) == len(set(seen)) == 45
    assert seen == [row.item_id for row in read(engine, open_queue)]


def test_counts_agree_with_the_lists(engine: Engine) -> None:
    put(engine, event_row("a"), event_row("b"), event_row("c"), angry("a"), outreach_row())
    put(engine, draft_row(draft_of("a")), draft_row(draft_of("b", state="abstained", body="")))
    counts = read(engine, queue_counts)
    assert counts == (3, 1, 1, 1, 1, 0)
    assert [row.ticket_id for row in read(engine, outreach_queue)] == [None]
    decide(engine, "draft-a")
    decide(engine, "outreach-1", DeskChoice(None, "not_needed", "kim"))
    assert read(engine, queue_counts) == (2, 0, 1, 1, 0, 2)
    assert {row.draft_state for row in read(engine, decided_queue)} == {"edited", "dismissed"}


def test_the_subject_of_a_later_message_without_one_is_the_first_subject(engine: Engine) -> None:
    put(engine, event_row("t", subject="First"), event_row("t", "t-2", minutes_ago=1, subject=""))
    assert [row.subject for row in read(engine, open_queue)] == ["First"]


def test_a_ticket_has_its_events_in_order_with_moods_account_and_newest_draft(engine: Engine) -> None:
    put(engine, account_row(), event_row("t"), event_row("t", "t-2", minutes_ago=5), angry("t"))
    put(
        engine,
        draft_row(draft_of("t", "old"), state="stale"),
        draft_row(draft_of("t", "new", based_on="t-2")),
    )
    view = read(engine, lambda session: ticket_view(session, "t"))
    assert view is not None
    assert [event.event_id for event in view.events] == ["t-1", "t-2"]
    assert set(view.moods) == {"t-1"}
    assert view.account is not None
    assert view.draft is not None
    assert (view.draft.draft.draft_id, view.draft.live, view.outdated) == ("new", True, False)
    assert read(engine, lambda session: ticket_view(session, "unknown")) is None


def test_only_web_addresses_that_the_knowledge_base_holds_are_linkable(engine: Engine) -> None:
    cited = (
        citation("kb-1", "Known", "q"),
        citation("kb-2", "Other address", "q", url="https://evil.example/"),
        citation("kb-3", "Script", "q", url="javascript:alert(1)"),
    )
    put(engine, chunk_row("kb-1"), chunk_row("kb-2"), chunk_row("kb-3", "javascript:alert(1)"))
    put(engine, event_row("t"), draft_row(draft_of("t", citations=cited)))
    view = read(engine, lambda session: draft_view(session, "draft-t"))
    assert view is not None
    assert view.linkable == {"https://help.example/kb-1"}


def test_an_unchanged_text_is_sent_and_a_changed_text_is_edited_with_its_similarity(engine: Engine) -> None:
    draft = draft_of("a")
    put(engine, event_row("a"), event_row("b"), draft_row(draft), draft_row(draft_of("b")))
    unchanged = DeskChoice(draft.body.replace("\n", "\r\n") + "\r\n", None, "kim")
    assert decide(engine, "draft-a", unchanged) == "sent"
    assert decide(engine, "draft-b", DeskChoice(draft.body + "!", None, "kim")) == "edited"
    with Session(engine) as session:
        records = {row.draft_id: row.record for row in session.exec(select(DecisionRow))}
        states = {row.draft_id: (row.state, row.record["state"]) for row in session.exec(select(DraftRow))}
    assert records["draft-a"]["similarity"] == 1.0
    assert 0.98 < records["draft-b"]["similarity"] < 1.0
    assert states == {"draft-a": ("sent", "sent"), "draft-b": ("edited", "edited")}


def test_an_outreach_without_a_ticket_can_be_sent(engine: Engine) -> None:
    put(engine, outreach_row(), anomaly_row())
    view = read(engine, lambda session: draft_view(session, "outreach-1"))
    assert view is not None
    assert view.anomaly is not None
    assert decide(engine, "outreach-1", DeskChoice(view.draft.body, None, "kim")) == "sent"


def test_a_draft_that_is_no_longer_live_is_refused(engine: Engine) -> None:
    for state in ("stale", "sent", "edited", "dismissed"):
        put(engine, event_row(state), draft_row(draft_of(state), state=state))
        with pytest.raises(DecisionRefused) as refused:
            decide(engine, f"draft-{state}")
        assert refused.value.reason == state


def test_a_reply_to_an_older_event_is_refused_but_may_be_dismissed(engine: Engine) -> None:
    for kind in ("customer_message", "human_reply", "merged", "closed"):
        put(engine, event_row(kind), event_row(kind, f"{kind}-2", minutes_ago=1, kind=kind))
        put(engine, draft_row(draft_of(kind)))
        with pytest.raises(DecisionRefused) as refused:
            decide(engine, f"draft-{kind}")
        assert refused.value.reason == f"newer_{kind}"
        assert decide(engine, f"draft-{kind}", DeskChoice(None, "handled", "kim")) == "dismissed"


def test_only_one_of_several_simultaneous_decisions_is_recorded(engine: Engine) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))

    def attempt(number: int) -> str:
        try:
            return decide(engine, "draft-t", DeskChoice(f"Text {number}", None, "kim"))
        except DecisionRefused as refusal:
            return f"refused: {refusal.reason}"

    with ThreadPoolExecutor(4) as pool:
        results = sorted(pool.map(attempt, range(4)))
    assert results == ["edited", *["refused: edited"] * 3]


def test_a_decision_wakes_the_desks_when_it_is_committed(engine: Engine, database_url: str) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as listener:
        listener.execute("LISTEN rapport_desk")
        decide(engine, "draft-t")
        assert [notice.payload for notice in listener.notifies(timeout=5, stop_after=1)] == ["draft:draft-t"]


def test_alerts_are_ordered_by_severity_and_score_and_return_when_a_snooze_ends(engine: Engine) -> None:
    put(engine, alert_row("w", severity="watch"), alert_row("c1", score=0.5), alert_row("c2", score=0.9))
    listed = read(engine, lambda s: list_alerts(s, "open", now=NOW))
    assert [standing.alert.alert_id for standing in listed] == ["c2", "c1", "w"]
    move(engine, "c2", AlertMove("snoozed", "kim", days=7))
    assert read(engine, lambda s: alert_counts(s, now=NOW)) == (2, 1, 0)
    later = NOW + timedelta(days=7, seconds=1)
    listed = read(engine, lambda s: list_alerts(s, "open", now=later))
    states = [(standing.alert.alert_id, standing.state) for standing in listed]
    assert states == [("c2", "new"), ("c1", "new"), ("w", "new")]


def test_an_alert_keeps_its_history_and_is_closed_once(engine: Engine) -> None:
    put(engine, account_row(), alert_row())
    move(engine, "alert-1", AlertMove("acknowledged", "kim"))
    with pytest.raises(AlertRefused, match="same"):
        move(engine, "alert-1", AlertMove("acknowledged", "lee"))
    move(engine, "alert-1", AlertMove("resolved", "lee", outcome="saved", comment="called them"))
    for to in (AlertMove("snoozed", "kim", days=1), AlertMove("resolved", "kim", outcome="lost")):
        with pytest.raises(AlertRefused, match="closed"):
            move(engine, "alert-1", to)
    closed = read(engine, lambda s: list_alerts(s, "closed", now=NOW))
    assert [(change.state, change.changed_by, change.comment) for change in closed[0].changes] == [
        ("acknowledged", "kim", None),
        ("resolved", "lee", "saved: called them"),
    ]
    assert closed[0].account_name == "Acme Robotics"
    with pytest.raises(AlertRefused, match="unknown"):
        move(engine, "nothing", AlertMove("acknowledged", "kim"))


def test_an_account_shows_only_its_own_records(engine: Engine) -> None:
    put(
        engine,
        account_row(),
        alert_row(),
        anomaly_row(),
        event_row("t"),
        angry("t"),
        draft_row(draft_of("t")),
    )
    put(engine, alert_row("x", account_id="other"), anomaly_row("x", account_id="other"))
    put(engine, event_row("x", account_id="other"), mood_row("x", account_id="other"), incident_row())
    view = read(engine, lambda s: account_view(s, "acme", now=NOW))
    assert view is not None
    assert [standing.alert.alert_id for standing in view.alerts] == ["alert-1"]
    assert [anomaly.anomaly_id for anomaly in view.anomalies] == ["anomaly-1"]
    assert [mood.ticket_id for mood in view.moods] == ["t"]
    assert [line.ticket_id for line in view.tickets] == ["t"]
    assert [line.draft_id for line in view.drafts] == ["draft-t"]
    assert [incident.incident_id for incident in read(engine, open_incidents)] == ["incident-1"]
    assert read(engine, lambda s: account_view(s, "nobody", now=NOW)) is None


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_similarity_is_between_0_and_1_and_is_1_for_equal_texts(left: str, right: str) -> None:
    assert 0.0 <= similarity(left, right) <= 1.0
    assert similarity(left, left) == 1.0


@given(st.text(max_size=200))
def test_a_second_normalisation_changes_nothing(body: str) -> None:
    assert normalised(normalised(body)) == normalised(body)
