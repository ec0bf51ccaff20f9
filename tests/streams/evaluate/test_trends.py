"""How well trends are told: rows, batches, decisions, figures, and the made accounts that tuned the trend."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from detectors.sentiment.corpus.messages import read_messages
from detectors.sentiment.scores import SentimentScore
from streams.evaluate.reading import WrongRow
from streams.evaluate.trends import (
    TEXTS_AT_ONCE,
    TREND_CLASSES,
    TrendAccount,
    TrendFigures,
    tell_trends,
    trend_accounts_of,
)
from tests.benchmarks.mood_trends import as_row, baseline, judge, label_scores, make

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SHARES = {"bad": (0.9, 0.08, 0.02), "so": (0.05, 0.9, 0.05), "good": (0.02, 0.08, 0.9)}


def score_of(text: str) -> SentimentScore:
    moods = SHARES[text]
    return SentimentScore(
        label=None,
        probabilities=moods,
        score=moods[2] - moods[0],
        abstained=None,
        language="en",
        language_confidence=1.0,
        frustration=0.0,
        frustration_reasons=(),
        windows=1,
        truncated=False,
        model="words",
    )


def row(account_id: str, expected: str, texts: str) -> bytes:
    messages = [
        {"at": (START + timedelta(days=3 * n)).isoformat(), "text": text}
        for n, text in enumerate(texts.split())
    ]
    return json.dumps({"account_id": account_id, "messages": messages, "expected": expected}).encode()


FINE = "so good so good so good "
ROWS = [
    row("a", "slide", FINE + "bad bad bad bad"),
    row("b", "stable", FINE + "bad"),
    row("c", "recovers", FINE + "bad bad bad bad so good so good"),
    row("d", "stable", "so so so bad bad bad bad"),
]


def accounts_of(rows: Sequence[bytes]) -> list[TrendAccount]:
    return [found for found in trend_accounts_of(rows) if isinstance(found, TrendAccount)]


def test_each_account_is_decided_by_its_standing_at_the_end() -> None:
    told = list(tell_trends(accounts_of(ROWS), lambda texts: [score_of(text) for text in texts]))
    assert [one.decided for one in told] == ["slide", "stable", "recovers", "slide"]
    line = told[0].as_json()
    assert [made["message"] for made in line["made_by"]] == [7, 8, 9, 10]  # type: ignore[attr-defined]
    assert json.loads(json.dumps(line))["trend"]["recent"]["texts"] == 4


def test_messages_are_followed_in_order_of_time_whatever_their_order_in_the_row() -> None:
    given = json.loads(ROWS[0])
    random.Random(1).shuffle(given["messages"])
    shuffled = accounts_of([json.dumps(given).encode()])
    (told,) = tell_trends(shuffled, lambda texts: [score_of(text) for text in texts])
    assert told.decided == "slide"


def test_the_texts_of_many_accounts_are_scored_in_large_parts() -> None:
    parts = []

    def score(texts: Sequence[str]) -> list[SentimentScore]:
        parts.append(len(texts))
        return [score_of(text) for text in texts]

    told = list(tell_trends(accounts_of(ROWS * 60), score))
    assert len(told) == 240
    assert min(parts[:-1]) >= TEXTS_AT_ONCE
    assert sum(parts) == sum(len(one.account.messages) for one in told)


def test_figures_count_recall_precision_confusion_and_false_slides() -> None:
    told = tell_trends(accounts_of(ROWS), lambda texts: [score_of(text) for text in texts])
    figures = TrendFigures.of(one.pair for one in told).as_json()
    assert figures["accuracy"] == 0.75
    assert figures["recall"] == {"slide": 1.0, "stable": 0.5, "recovers": 1.0}
    assert figures["precision"] == {"slide": 0.5, "stable": 1.0, "recovers": 1.0}
    assert figures["false_slides"] == 1
    assert figures["confusion"] == {
        "slide": {"slide": 1, "stable": 0, "recovers": 0},
        "stable": {"slide": 1, "stable": 1, "recovers": 0},
        "recovers": {"slide": 0, "stable": 0, "recovers": 1},
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"oops", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[1]", "not a JSON object"),
        (b'{"messages": [], "expected": "slide"}', "account_id is missing or no text"),
        (row("a", "falls", "so"), "expected is not one of slide, stable, recovers"),
        (row("a", "slide", ""), "messages is missing, empty or no list"),
        (
            b'{"account_id": "a", "expected": "slide", "messages": [{"at": 5, "text": "x"}]}',
            "message 1 has no time",
        ),
        (b'{"account_id": "a", "expected": "slide", "messages": ["x"]}', "message 1 has no text"),
    ],
)
def test_a_line_that_is_no_labelled_account_is_named_with_its_reason(line: bytes, reason: str) -> None:
    (found,) = trend_accounts_of([line])
    assert isinstance(found, WrongRow)
    assert found.line == 1
    assert found.reason.startswith(reason)


def test_a_time_without_a_zone_is_in_utc() -> None:
    line = (
        b'{"account_id": "a", "expected": "slide", "messages": [{"at": "2026-01-05T09:00:00", "text": "x"}]}'
    )
    (account,) = accounts_of([line])
    assert account.messages[0].at == START


def test_made_accounts_are_told_better_than_by_the_baseline() -> None:
    """The full figures come from `python -m tests.benchmarks.mood_trends`."""
    messages = [message for message in read_messages() if message.writer in ("w01", "w02")]
    made = list(make(messages, 120, seed=5))
    assert {one.account.expected for one in made} == set(TREND_CLASSES)
    assert accounts_of([as_row(made[0].account).encode()])[0].messages == made[0].account.messages
    trend, simple, by_kind = judge(made, label_scores(messages, right=0.9, seed=5))
    assert trend.accuracy.share >= 0.8
    assert trend.accuracy.share >= simple.accuracy.share + 0.05
    assert trend.recall("recovers").share >= 0.7
    assert sum(found.accuracy.total for found in by_kind.values()) == 120
    assert baseline([0.0] * 3) == "stable"
