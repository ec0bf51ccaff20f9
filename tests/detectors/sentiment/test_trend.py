"""The trend of a mood: slides, recoveries, silence while nothing changes, any order of arrival."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.sentiment.scores import UNCERTAIN
from detectors.sentiment.trend import (
    ScoredMessage,
    TrendPolicy,
    keep_all,
    message_of,
    signal_of,
    trend_of,
    trend_of_sentiments,
)
from schemas.tickets import Sentiment
from schemas.trend import Trend

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
PROBABILITIES = {
    "-": (0.86, 0.1, 0.04),
    "0": (0.07, 0.83, 0.1),
    "+": (0.03, 0.12, 0.85),
    "?": (0.4, 0.35, 0.25),
}


def sentiment(number: int, mood: str, *, days_apart: float = 4.0, **changes: object) -> Sentiment:
    moods = PROBABILITIES[mood]
    at = START + timedelta(days=days_apart * number)
    fields = {
        "event_id": f"e{number}",
        "ticket_id": "t",
        "account_id": "acme",
        "label": None,
        "probabilities": moods,
        "score": moods[2] - moods[0],
        "model": "m",
        "occurred_at": at,
        "scored_at": at,
    }
    return Sentiment.model_validate({**fields, **changes})


def sentiments(moods: str) -> list[Sentiment]:
    return [sentiment(number, mood) for number, mood in enumerate(moods)]


def told(moods: str) -> Trend:
    found = trend_of_sentiments(sentiments(moods))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("moods", "standing"),
    [
        ("0+0+0+", "stable"),
        ("0+0+0-", "stable"),
        ("0+-0+0-0+0", "stable"),
        ("----------", "stable"),
        ("-0--0---0--", "stable"),
        ("-----0+0+0+", "stable"),
        ("0+0+0+++++", "stable"),
        ("0+0+0+----", "sliding"),
        ("0000000---", "sliding"),
        ("0+0+0-0--0----", "sliding"),
        ("0+0+0----0+0+", "recovered"),
        ("0+0+0----0+0+0----", "sliding"),
    ],
)
def test_the_moods_of_an_account_have_a_standing(moods: str, standing: str) -> None:
    assert told(moods).standing == standing


def test_a_slide_names_its_messages_and_both_horizons_with_their_texts() -> None:
    found = told("0+0+0+----")
    assert found.event_ids == ("e6", "e7", "e8", "e9")
    assert found.since == sentiment(6, "-").occurred_at
    assert found.past is not None
    assert (found.texts, found.recent.texts, found.past.texts) == (10, 4, 6)
    assert found.recent.mean < -0.7 < found.past.mean
    assert 3.0 < found.recent.weight < 4.0


def test_a_recovery_names_its_messages_and_keeps_the_slide_apart_from_the_past() -> None:
    found = told("0+0+0+----0+0+0")
    assert found.event_ids == tuple(f"e{number}" for number in range(10, 15))
    assert found.slid is not None
    assert found.past is not None
    assert found.slid.texts == 4
    assert found.past.texts == 6
    assert found.slid.mean < -0.7 < found.past.mean


def test_each_change_signals_once_with_its_direction() -> None:
    before: Trend | None = None
    signals = []
    moods = "0+0+0+------0+0+0+0+----"
    for number in range(len(moods)):
        after = told(moods[: number + 1])
        signal = signal_of(before, after, sentiment(number, "0").occurred_at)
        signals += [signal.direction] if signal else []
        before = after
    assert signals == ["slide", "recovers", "slide"]


def test_more_messages_make_a_slide_more_certain() -> None:
    certain = [told("0+0+0+" + "-" * count).certainty for count in (2, 3, 4)]
    assert certain == sorted(certain)


def test_a_newer_message_weighs_more_in_the_recent_mean() -> None:
    rising, falling = told("+-"), told("-+")
    three = told("0" * 4 + "-0+")
    assert three.recent.mean > told("0" * 4 + "+0-").recent.mean
    assert (rising.standing, falling.standing) == ("stable", "stable")


def test_uncertain_scores_count_by_their_probabilities_and_other_abstentions_do_not() -> None:
    unsure = sentiment(0, "?", abstained=UNCERTAIN)
    assert message_of(unsure) is not None
    silent = sentiment(0, "?", abstained="empty_text", probabilities=None, score=None)
    assert message_of(silent) is None
    assert trend_of_sentiments([silent]) is None
    assert told("0+0+0+----").certainty > told("0+0+0+????").certainty
    assert told("0+0+0+????").standing == "stable"


def test_frustration_and_threat_lower_the_mood() -> None:
    plain = message_of(sentiment(0, "0"))
    frustrated = message_of(sentiment(0, "0", frustration=1.0))
    threatened = message_of(sentiment(0, "0", threat=1.0))
    assert plain is not None
    assert frustrated is not None
    assert threatened is not None
    assert plain.value > frustrated.value > threatened.value
    assert (plain.negative or 0.0) < (frustrated.negative or 0.0) < (threatened.negative or 0.0)


def test_a_burst_in_one_hour_is_less_certain_than_the_same_messages_over_days() -> None:
    fine = [sentiment(number, "0") for number in range(6)]
    last = START + timedelta(days=24)
    burst = [sentiment(6 + n, "-", occurred_at=last + timedelta(minutes=n)) for n in range(3)]
    spread = [sentiment(6 + n, "-") for n in range(3)]
    together, apart = trend_of_sentiments(fine + burst), trend_of_sentiments(fine + spread)
    assert together is not None
    assert apart is not None
    assert apart.standing == "sliding"
    assert together.standing == "stable" or together.certainty < apart.certainty


def test_a_message_that_an_older_build_kept_counts_by_its_value() -> None:
    old = [{"event_id": f"e{n}", "at": sentiment(n, "0").occurred_at, "value": 0.5} for n in range(6)]
    old += [{"event_id": f"e{n}", "at": sentiment(n, "0").occurred_at, "value": -0.9} for n in range(6, 10)]
    found = trend_of([ScoredMessage.model_validate(message) for message in old])
    assert found is not None
    assert found.standing == "sliding"


MESSAGES = [message_of(found) for found in sentiments("0+0-+0----0+0+")]


@given(order=st.permutations(range(len(MESSAGES))), repeats=st.lists(st.integers(0, 13), max_size=5))
@settings(max_examples=25, deadline=None)
def test_the_order_of_arrival_and_repetition_change_nothing(order: list[int], repeats: list[int]) -> None:
    assert keep_all([MESSAGES[at] for at in [*order, *repeats]]) == keep_all(MESSAGES)


@given(moods=st.text("0+-?", min_size=1, max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_moods_have_a_bounded_trend(moods: str) -> None:
    found = told(moods)
    assert 0.0 <= found.certainty <= 1.0
    assert found.texts <= TrendPolicy().max_messages
    assert found.recent.weight <= found.recent.texts + 1e-9
    assert (found.standing == "stable") == (found.event_ids == ())
