"""How well the trend of a mood is told: accounts that slide, stay stable or recover."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

from detectors.sentiment.scores import SentimentScore
from detectors.sentiment.trend import ScoredMessage, keep_all, scored_message, trend_of
from schemas.trend import Trend
from streams.evaluate.proportion import Proportion
from streams.evaluate.reading import WrongRow

TrendClass = Literal["slide", "stable", "recovers"]
TREND_CLASSES: Final[tuple[TrendClass, ...]] = get_args(TrendClass)
_CLASS_OF: Final[dict[str, TrendClass]] = {"sliding": "slide", "recovered": "recovers", "stable": "stable"}

TEXTS_AT_ONCE: Final = 512
"""Texts of whole accounts that are scored together at least, so that batches are full. Chosen by hand."""

ScoreTexts = Callable[[Sequence[str]], Sequence[SentimentScore]]
"""A model: one score per text, in order."""


@dataclass(frozen=True, slots=True)
class TimedText:
    """One message: its id, which is its number in the row from 1, its time and its text."""

    event_id: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class TrendAccount:
    """One labelled account: the number of its line (from 1), its messages and its expected trend."""

    line: int
    account_id: str
    messages: tuple[TimedText, ...]
    expected: TrendClass


@dataclass(frozen=True, slots=True)
class TrendTold:
    """An account and the trend that was told after its last message; None if no message had a score."""

    account: TrendAccount
    trend: Trend | None

    @property
    def decided(self) -> TrendClass:
        """The class of the final standing."""
        return "stable" if self.trend is None else _CLASS_OF[self.trend.standing]

    @property
    def pair(self) -> tuple[TrendClass, TrendClass]:
        """The expected and the decided class."""
        return self.account.expected, self.decided

    def as_json(self) -> dict[str, object]:
        """Return the account with its result, as one line of the output file."""
        account, trend = self.account, self.trend
        told: dict[str, object] = {"account_id": account.account_id, "expected": account.expected}
        told |= {"decided": self.decided, "messages": len(account.messages)}
        if trend is None:
            return told | {"trend": None, "made_by": []}
        made = [message for message in account.messages if message.event_id in trend.event_ids]
        figures = trend.model_dump(mode="json", exclude={"event_ids", "schema_version"})
        made_by = [{"message": int(m.event_id), "at": m.at.isoformat()} for m in made]
        return told | {"trend": figures, "made_by": made_by}


def trend_accounts_of(lines: Iterable[bytes]) -> Iterator[TrendAccount | WrongRow]:
    r"""Yield each non-blank line as an account, or as a wrong row with its reason; in order.

    A time without a zone is taken as UTC.

    >>> list(trend_accounts_of([b'{"account_id": "a", "messages": [], "expected": "slide"}']))
    [WrongRow(line=1, reason='messages is missing, empty or no list')]
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _account(number, json.loads(line.decode("utf-8-sig")))
            except UnicodeDecodeError:
                yield WrongRow(number, "not UTF-8")
            except json.JSONDecodeError:
                yield WrongRow(number, "not JSON")
            except (ValueError, RecursionError) as error:
                yield WrongRow(number, str(error))


def _account(number: int, row: Any) -> TrendAccount:
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    account_id, messages = row.get("account_id"), row.get("messages")
    expected = next((known for known in TREND_CLASSES if known == row.get("expected")), None)
    if not isinstance(account_id, str) or not account_id:
        raise ValueError("account_id is missing or no text")
    if not isinstance(messages, list) or not messages:
        raise ValueError("messages is missing, empty or no list")
    if expected is None:
        raise ValueError(f"expected is not one of {', '.join(TREND_CLASSES)}")
    read = tuple(_message(place, message) for place, message in enumerate(messages, start=1))
    return TrendAccount(number, account_id, read, expected)


def _message(place: int, message: Any) -> TimedText:
    at, text = (message.get("at"), message.get("text")) if isinstance(message, dict) else (None, None)
    if not isinstance(text, str):
        raise ValueError(f"message {place} has no text")
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else None
        moment = moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
        if moment is not None:
            return TimedText(str(place), moment.astimezone(UTC), text)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"message {place} has no time in ISO 8601")


def tell_trends(accounts: Iterable[TrendAccount], score: ScoreTexts) -> Iterator[TrendTold]:
    """Yield each account with its trend, in order; the texts of several accounts are scored together."""
    for batch in _batches(accounts):
        texts = [message.text for account in batch for message in account.messages]
        scores = iter(score(texts))
        for account in batch:
            yield TrendTold(account, trend_of(_scored(account, scores)))


def _batches(accounts: Iterable[TrendAccount]) -> Iterator[list[TrendAccount]]:
    batch: list[TrendAccount] = []
    for account in accounts:
        batch.append(account)
        if sum(len(waiting.messages) for waiting in batch) >= TEXTS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _scored(account: TrendAccount, scores: Iterator[SentimentScore]) -> tuple[ScoredMessage, ...]:
    """Return the scored messages of an account; takes one score per message from `scores`."""
    return keep_all([scored_message(m.event_id, m.at, next(scores)) for m in account.messages])


@dataclass(frozen=True, slots=True)
class TrendFigures:
    """Counts of accounts by (expected, decided), and the shares that follow from them."""

    counts: dict[tuple[TrendClass, TrendClass], int]

    @classmethod
    def of(cls, pairs: Iterable[tuple[TrendClass, TrendClass]]) -> "TrendFigures":
        """Count pairs of an expected and a decided class."""
        found = Counter(pairs)
        return cls({(e, d): found[e, d] for e in TREND_CLASSES for d in TREND_CLASSES})

    @property
    def accuracy(self) -> Proportion:
        """The share of accounts whose trend is told right."""
        right = sum(self.counts[known, known] for known in TREND_CLASSES)
        return Proportion(right, sum(self.counts.values()))

    def recall(self, known: TrendClass) -> Proportion:
        """Return the share of accounts of this class that are told so."""
        return Proportion(self.counts[known, known], sum(self.counts[known, d] for d in TREND_CLASSES))

    def precision(self, known: TrendClass) -> Proportion:
        """Return the share of accounts told to be of this class that are of it."""
        return Proportion(self.counts[known, known], sum(self.counts[e, known] for e in TREND_CLASSES))

    @property
    def false_slides(self) -> Proportion:
        """The share of stable accounts that are told to slide."""
        stable = sum(self.counts["stable", decided] for decided in TREND_CLASSES)
        return Proportion(self.counts["stable", "slide"], stable)

    def as_json(self) -> dict[str, object]:
        """Return the figures with their 95 % intervals."""
        recall = {known: self.recall(known) for known in TREND_CLASSES}
        precision = {known: self.precision(known) for known in TREND_CLASSES}
        return {
            "accounts": self.accuracy.total,
            "accuracy": self.accuracy.share,
            "accuracy_interval": list(self.accuracy.interval),
            "recall": {known: found.share for known, found in recall.items()},
            "recall_interval": {known: list(found.interval) for known, found in recall.items()},
            "precision": {known: found.share for known, found in precision.items()},
            "precision_interval": {known: list(found.interval) for known, found in precision.items()},
            "confusion": {e: {d: self.counts[e, d] for d in TREND_CLASSES} for e in TREND_CLASSES},
            "false_slides": self.false_slides.count,
            "false_slides_share": self.false_slides.share,
            "false_slides_interval": list(self.false_slides.interval),
        }
