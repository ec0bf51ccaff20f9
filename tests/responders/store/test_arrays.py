"""Rows that are inserted as arrays keep their values and order, whatever the values and their number."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text
from sqlmodel import Session, col, select

from responders.store import arrays, letters, outbox, signals
from responders.store.arrays import insert_columns
from responders.store.migrate import upgrade
from responders.store.outbox import Outgoing
from schemas import DeadLetter, Sentiment
from schemas.tables import DetectorStateRow, HealthRow, OutboxRow, SentimentRow
from streams.process.database import engine_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)
ODD = TEXTS | st.sampled_from(["", "{}", '{"a",NULL}', "NULL", "\\", "a,b", '"', "'; --", "\\x00", " "])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
    max_leaves=8,
)
TOGETHER = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def engine(database_url: str) -> Any:
    engine = engine_of(database_url)
    upgrade(engine)
    yield engine
    engine.dispose()


@TOGETHER
@given(states=st.dictionaries(st.tuples(st.integers(0, 2**31 - 1), ODD), st.binary(max_size=40), max_size=30))
def test_states_of_any_account_and_bytes_are_stored_and_replaced(
    engine: Engine, states: dict[tuple[int, str], bytes]
) -> None:
    changed = {key: b"+" + state for key, state in states.items()}
    with Session(engine) as session:
        for version in (states, changed):
            signals.save_detector_states(session, "t", version)
        rows = session.scalars(select(DetectorStateRow)).all()
        assert {(row.partition, row.account_id): bytes(row.state) for row in rows} == changed


@TOGETHER
@given(states=st.dictionaries(ODD, st.dictionaries(ODD, JSON, max_size=4), max_size=12))
def test_any_json_is_stored_unchanged(engine: Engine, states: dict[str, dict[str, Any]]) -> None:
    with Session(engine) as session:
        signals.save_health(session, "s", {key: {"old": 1} for key in states}, now=NOW)
        signals.save_health(session, "s", states, now=NOW + timedelta(days=1))
        assert signals.load_health(session, "s", list(states)) == states
        times = session.scalars(select(HealthRow.updated_at)).all()
        assert set(times) <= {NOW + timedelta(days=1)}


def test_rows_keep_their_order_across_statements(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "ROWS_AT_ONCE", 7)
    sent = [Outgoing("t", b"k%d" % (n % 3), b"%d" % n, (("ce_id", str(n)),)) for n in range(40)]
    with Session(engine) as session, session.begin():
        outbox.enqueue(session, iter(sent), now=NOW)
        outbox.enqueue(session, [], now=NOW)
    with Session(engine) as session:
        rows = session.scalars(select(OutboxRow).order_by(col(OutboxRow.outbox_id))).all()
    assert [(row.key, row.value, row.headers) for row in rows] == [
        (record.key, record.value, [list(header) for header in record.headers]) for record in sent
    ]


@pytest.mark.parametrize("unit", [b"x", "x"])
@pytest.mark.parametrize("most", [1, 100, 1_000, 10_000])
def test_no_statement_exceeds_the_byte_limit_unless_a_single_row_does(
    monkeypatch: pytest.MonkeyPatch, most: int, unit: bytes | str
) -> None:
    monkeypatch.setattr(arrays, "BYTES_AT_ONCE", most)
    sizes = [3, 0, 900, 40, 1, 1, 5_000, 2, 0, 77]
    columns = {"a": [unit * size for size in sizes], "b": list(range(len(sizes))), "c": "same"}
    parts = list(arrays._parts(columns))
    assert [number for part in parts for number in part["b"]] == columns["b"]
    assert all(part["c"] == "same" for part in parts)
    assert all(len(part["a"]) == 1 or sum(map(len, part["a"])) <= most for part in parts)
    if most >= 10_000:
        assert len(parts) == 1
    assert all(first["b"] and second["b"] for first, second in pairwise(parts))


def test_long_json_is_sent_in_several_statements(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The headers of a dead letter may be as long as its value."""
    monkeypatch.setattr(arrays, "BYTES_AT_ONCE", 10_000)
    long = {f"k{n}": {"said": "x" * 4_000} for n in range(9)}
    with Session(engine) as session:
        begun: list[str] = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *given: begun.append(given[2]))
        signals.save_health(session, "s", long, now=NOW)
        assert signals.load_health(session, "s", list(long)) == long
    assert sum(statement.startswith("INSERT") for statement in begun) >= 4


def test_columns_without_any_value_are_stored_as_null(engine: Engine) -> None:
    fields = {"ticket_id": "t", "account_id": "a", "abstained": "too_short", "occurred_at": NOW}
    scored = {"label": None, "probabilities": None, "score": None, "model": "m", "scored_at": NOW}
    sentiments = [
        Sentiment.model_validate(fields | scored | {"event_id": f"e{number}"}) for number in range(3)
    ]
    origin = {"consumer_group": "g", "topic": "t", "partition": 0, "timestamp_ms": 0, "attempts": 1}
    reason = {"reason": "empty_value", "error": "e", "build": "b", "created_at": NOW}
    buried = [
        DeadLetter.model_validate(
            origin | reason | {"letter_id": f"l{n}", "offset": n, "key": None, "value": None}
        )
        for n in range(3)
    ]
    with Session(engine) as session:
        signals.save_sentiments(session, sentiments)
        assert letters.save_letters(session, buried) == {"l0", "l1", "l2"}
        assert letters.save_letters(session, buried) == set()
        rows = session.scalars(select(SentimentRow).order_by(col(SentimentRow.event_id))).all()
        assert [(row.event_id, row.label, row.score) for row in rows] == [
            (f"e{n}", None, None) for n in range(3)
        ]
        stored = session.execute(text("SELECT key, value, record_offset FROM dead_letters ORDER BY 3")).all()
        assert [tuple(row) for row in stored] == [(None, None, n) for n in range(3)]


def test_existing_rows_do_not_change_unless_columns_are_updated(engine: Engine) -> None:
    def columns(state: bytes) -> dict[str, Any]:
        return {"topic": "t", "partition": 0, "account_id": ["a"], "state": [state]}

    with Session(engine) as session:
        assert insert_columns(session, DetectorStateRow, columns(b"1"), returning="account_id") == ["a"]
        assert insert_columns(session, DetectorStateRow, columns(b"2"), returning="account_id") == []
        assert session.scalars(select(DetectorStateRow.state)).all() == [b"1"]
        insert_columns(session, DetectorStateRow, columns(b"3"), update=("state",))
        assert session.scalars(select(DetectorStateRow.state)).all() == [b"3"]
