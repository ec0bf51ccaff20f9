"""The level of a waiting ticket, its time to answer by, and its reasons in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.urgency import (
    ALLOWED,
    HEAD_START,
    LATEST,
    RENEWAL_DAYS,
    Plea,
    SaidWords,
    due_at,
    place_at,
    said_words,
    stakes_of,
    urgency_reasons,
    words_of,
)
from schemas import Sentiment
from schemas.churn import Stakes
from tests.responders.support.desk_samples import NOW, angry

SHARES = st.one_of(st.none(), st.floats(0, 1))
WORDS = st.builds(
    SaidWords,
    label=st.sampled_from([None, "negative", "neutral", "positive"]),
    negative=SHARES,
    frustration=st.floats(0, 1),
    threat=SHARES,
    sarcasm=SHARES,
    reasons=st.lists(
        st.sampled_from(["waiting", "threat_to_leave", "escalation", "urgent"]), unique=True
    ).map(tuple),
)
STAKES = st.builds(
    Stakes,
    seats=st.one_of(st.none(), st.integers(0, 500)),
    annual_revenue=st.one_of(st.none(), st.floats(0, 1e6)),
    renewal_on=st.one_of(st.none(), st.integers(-60, 60).map(lambda days: NOW + timedelta(days=days))),
)
ALERTS = st.sampled_from([None, "watch", "warning", "critical"])


def plea(said: SaidWords | None = None, *, alert: str | None = None, **stakes: Any) -> Plea:
    return Plea(said, Stakes(**stakes), alert, NOW - timedelta(hours=3))


def told(of: Plea) -> list[str]:
    return [reason.text for reason in urgency_reasons(of, now=NOW)]


@given(st.one_of(st.none(), WORDS), STAKES, ALERTS)
def test_the_level_has_an_allowed_time_and_each_sign_shortens_it(
    said: SaidWords | None, stakes: Stakes, alert: str | None
) -> None:
    ticket = Plea(said, stakes, alert, NOW)
    assert ticket.due_at - NOW == ALLOWED[ticket.level]
    threatened = Plea(SaidWords("negative", threat=1.0, frustration=1.0), stakes, alert, NOW)
    assert threatened.due_at <= ticket.due_at
    assert Plea(said, stakes, "critical", NOW).due_at <= ticket.due_at


@given(st.one_of(st.none(), WORDS), STAKES, ALERTS, st.integers(0, 10_000))
def test_every_level_above_0_has_a_reason_besides_the_waiting_time(
    said: SaidWords | None, stakes: Stakes, alert: str | None, hours: int
) -> None:
    ticket = Plea(said, stakes, alert, NOW)
    reasons = urgency_reasons(ticket, now=NOW + timedelta(hours=hours))
    assert reasons[-1].text.startswith("waiting ")
    assert all(reason.text for reason in reasons)
    if ticket.level and not (said and said.frustration >= 0.5):
        assert len(reasons) > 1


@pytest.mark.parametrize(
    ("of", "level"),
    [
        (plea(), 0),
        (plea(SaidWords("positive")), 0),
        (plea(SaidWords("neutral", negative=0.4)), 0),
        (plea(SaidWords(None, negative=0.5)), 1),
        (plea(SaidWords("neutral", sarcasm=0.6)), 1),
        (plea(SaidWords("negative")), 1),
        (plea(SaidWords("neutral", frustration=0.5)), 1),
        (plea(SaidWords("negative", frustration=0.9)), 2),
        (plea(SaidWords("neutral", threat=0.5)), 2),
        (plea(SaidWords("neutral", reasons=("threat_to_leave",))), 2),
        (plea(SaidWords("neutral", threat=0.2, reasons=("threat_to_leave",))), 0),
        (plea(SaidWords("negative", frustration=0.6, threat=0.9), alert="watch"), 5),
        (plea(SaidWords("neutral", reasons=("escalation",))), 2),
        (plea(SaidWords("negative", frustration=0.6, threat=0.9, reasons=("escalation",))), 4),
        (plea(alert="critical", seats=500, annual_revenue=1e6, renewal_on=NOW), 1),
        (plea(seats=99, annual_revenue=49_999.0, renewal_on=NOW + timedelta(days=RENEWAL_DAYS + 1)), 0),
        (plea(renewal_on=NOW + timedelta(days=RENEWAL_DAYS)), 1),
        (plea(renewal_on=NOW - timedelta(days=1)), 0),
    ],
)
def test_the_level_counts_the_signs(of: Plea, level: int) -> None:
    assert of.level == level


def test_the_reasons_are_told_in_words_with_the_customers_own() -> None:
    words = {"threat_to_leave": "cancel our subscription", "repeated_contact": "for the third time"}
    said = SaidWords("negative", frustration=0.9, threat=0.9, reasons=tuple(words), words=words)
    ticket = plea(said, alert="critical", renewal_on=NOW + timedelta(days=12), seats=120)
    assert told(ticket) == [
        "threatens to leave",
        "third contact",
        "critical churn alert",
        "renewal in 12 days",
        "120 seats",
        "waiting 3 h",
    ]
    assert [reason.words for reason in urgency_reasons(ticket, now=NOW)[:3]] == [*words.values(), ""]


@pytest.mark.parametrize(
    ("of", "texts"),
    [
        (plea(), ["waiting 3 h"]),
        (plea(SaidWords("negative")), ["unhappy", "waiting 3 h"]),
        (plea(SaidWords("neutral", sarcasm=0.9)), ["sarcastic", "waiting 3 h"]),
        (plea(SaidWords("negative", reasons=("waiting",))), ["tired of waiting", "waiting 3 h"]),
        (plea(SaidWords(reasons=("repeated_contact",))), ["has asked before", "waiting 3 h"]),
        (plea(SaidWords(reasons=("a_new_reason",))), ["a new reason", "waiting 3 h"]),
        (plea(annual_revenue=84_000.0), ["pays 84,000 a year", "waiting 3 h"]),
        (plea(renewal_on=NOW), ["renewal today", "waiting 3 h"]),
        (plea(renewal_on=NOW + timedelta(days=1)), ["renewal tomorrow", "waiting 3 h"]),
    ],
)
def test_each_reason_has_its_words(of: Plea, texts: list[str]) -> None:
    assert told(of) == texts


def test_a_renewal_that_passes_while_the_ticket_waits_is_told_as_past() -> None:
    ticket = plea(renewal_on=NOW)
    days = (1, 3)
    assert [urgency_reasons(ticket, now=NOW + timedelta(days=n))[0].text for n in days] == [
        "renewal yesterday",
        "renewal 3 days ago",
    ]


def test_a_calm_question_passes_a_new_angry_message_in_the_end() -> None:
    calm = due_at(NOW - timedelta(hours=21), 0)
    assert due_at(NOW - timedelta(minutes=1), 2) > calm > due_at(NOW - timedelta(minutes=1), 3)
    months_ago = NOW - timedelta(days=30)
    assert all(place_at(months_ago, 0) < place_at(NOW, level) for level in range(len(ALLOWED)))


def test_a_formal_notice_comes_before_calm_questions_of_the_days_before_it() -> None:
    """The demo showed a formal notice on place 14: every answer was overdue, so the oldest came first."""
    notice = plea(SaidWords("negative", frustration=0.9, threat=0.2, reasons=("escalation",)))
    days = (13, 10, 6, 3, 1)
    waiting = {f"calm for {n} days": place_at(NOW - timedelta(days=n), 0) for n in days}
    waiting |= {f"unhappy for {n} days": place_at(NOW - timedelta(days=n), 1) for n in days}
    waiting["formal notice"] = place_at(NOW - timedelta(hours=2), notice.level)
    order = sorted(waiting, key=waiting.__getitem__)
    assert {*order[:4]} == {f"{kind} for {n} days" for kind in ("calm", "unhappy") for n in (13, 10)}
    assert order[4] == "formal notice"


def test_a_higher_level_never_has_a_smaller_head_start() -> None:
    assert list(HEAD_START) == sorted(HEAD_START)
    assert len(HEAD_START) == len(ALLOWED)


@given(WORDS)
def test_a_mood_that_a_person_gave_decides_the_level(said: SaidWords) -> None:
    assert said.heard_as(None) == said
    assert said.heard_as("neutral").level == said.heard_as("positive").level == 0
    assert said.heard_as("negative").level >= max(1, said.level)


def test_the_time_to_answer_by_is_never_later_than_the_latest_time() -> None:
    assert due_at(datetime.max.replace(tzinfo=UTC), 0) == LATEST


def test_a_stored_sentiment_reads_like_the_sentiment_itself() -> None:
    row = angry("t", threat=0.7, sarcasm=0.1, frustration_words={"waiting": "still waiting"})
    assert said_words(row.label, row.record) == words_of(Sentiment.model_validate(row.record))


@pytest.mark.parametrize("value", ["high", True, [], {}, None])
def test_a_stored_value_of_a_wrong_type_is_not_known(value: object) -> None:
    names = ("probabilities", "frustration", "threat", "sarcasm", "frustration_reasons", "frustration_words")
    said = said_words(None, dict.fromkeys(names, value))
    assert said is not None
    assert said.level == 0
    assert stakes_of("a", {"name": "A", "seats": value, "renewal_on": value}).seats is None
