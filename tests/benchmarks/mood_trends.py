"""A program: made accounts whose mood is stable, slides or recovers, for `rapport evaluate trend`.

Every message is one of the corpus, drawn by mood without repetition in an account. The program writes the
accounts as JSON lines, and prints how the trend and a baseline do on scores made from the labels, of which a
stated share is right: so the trend is measured apart from the model.

Example: python -m tests.benchmarks.mood_trends --writers w01,w02 --accounts 400 --out accounts.jsonl
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Annotated, Final, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from detectors.sentiment.corpus.messages import CorpusMessage, read_messages
from detectors.sentiment.scores import SentimentScore
from schemas.tickets import Mood
from streams.evaluate.trends import (
    TREND_CLASSES,
    TimedText,
    TrendAccount,
    TrendClass,
    TrendFigures,
    tell_trends,
)

MOODS: Final[tuple[Mood, ...]] = ("negative", "neutral", "positive")
START: Final = datetime(2025, 3, 3, 9, tzinfo=UTC)
BURST_DAYS: Final = 0.4

Shares = tuple[float, ...]
Draw = Callable[[random.Random], list[Shares]]

CALM: Final[Shares] = (0.07, 0.83, 0.10)
PLEASED: Final[Shares] = (0.05, 0.45, 0.50)
MIXED: Final[Shares] = (0.33, 0.37, 0.30)
GRUMPY: Final[Shares] = (0.75, 0.20, 0.05)
ANGRY: Final[Shares] = (0.88, 0.12, 0.00)
"""Shares of the moods (negative, neutral, positive) of the messages of an account. Chosen by hand."""


class Kind(NamedTuple):
    """A kind of made account: its name, its expected trend, and the shares of moods of each message."""

    name: str
    expected: TrendClass
    draw: Draw


class Made(NamedTuple):
    """A made account with the messages of the corpus that are its texts."""

    kind: str
    account: TrendAccount
    messages: tuple[CorpusMessage, ...]


def _same(share: Shares) -> Draw:
    return lambda rng: [share] * rng.randint(3, 30)


def _fine(rng: random.Random) -> Shares:
    return rng.choice([CALM, PLEASED])


def _sudden(rng: random.Random) -> list[Shares]:
    return [_fine(rng)] * rng.randint(3, 20) + [ANGRY] * rng.randint(2, 8)


def _gradual(rng: random.Random) -> list[Shares]:
    fine, steps = _fine(rng), rng.randint(3, 8)
    ramp = [
        tuple(a + (b - a) * (n + 1) / (steps + 1) for a, b in zip(fine, ANGRY, strict=True))
        for n in range(steps)
    ]
    return [fine] * rng.randint(2, 10) + ramp + [ANGRY] * rng.randint(2, 6)


def _recovers(rng: random.Random) -> list[Shares]:
    fine = _fine(rng)
    return [fine] * rng.randint(3, 12) + [ANGRY] * rng.randint(3, 8) + [fine] * rng.randint(3, 10)


def _improves(rng: random.Random) -> list[Shares]:
    return [GRUMPY] * rng.randint(3, 10) + [_fine(rng)] * rng.randint(3, 12)


KINDS: Final = (
    Kind("calm", "stable", _same(CALM)),
    Kind("pleased", "stable", _same(PLEASED)),
    Kind("grumpy", "stable", _same(GRUMPY)),
    Kind("mixed", "stable", _same(MIXED)),
    Kind("improves", "stable", _improves),
    Kind("sudden slide", "slide", _sudden),
    Kind("gradual slide", "slide", _gradual),
    Kind("recovers", "recovers", _recovers),
    Kind("recovers", "recovers", _recovers),
)
"""The kinds, each as frequent."""


def make(messages: Sequence[CorpusMessage], count: int, *, seed: int) -> Iterator[Made]:
    """Yield made accounts; the same messages and seed give the same accounts."""
    rng = random.Random(seed)
    by_mood = {mood: [message for message in messages if message.label.mood == mood] for mood in MOODS}
    for number in range(count):
        kind = rng.choice(KINDS)
        used: dict[str, CorpusMessage] = {}
        for share in kind.draw(rng):
            (mood,) = rng.choices(MOODS, share)
            fresh = [m for m in rng.sample(by_mood[mood], 40) if m.message_id not in used]
            used[fresh[0].message_id] = fresh[0]
        times = _times(len(used), rng)
        texts = tuple(
            TimedText(str(place), at, message.text)
            for place, (at, message) in enumerate(zip(times, used.values(), strict=True), start=1)
        )
        account = TrendAccount(number + 1, f"made-{number + 1:04}", texts, kind.expected)
        yield Made(kind.name, account, tuple(used.values()))


def _times(count: int, rng: random.Random) -> list[datetime]:
    """Return times over weeks or months; one message in six follows the one before it within hours."""
    days = rng.uniform(14, 240)
    gaps = [
        rng.uniform(0.02, BURST_DAYS) if rng.random() < 1 / 6 else BURST_DAYS + rng.expovariate(1.0)
        for _ in range(count)
    ]
    stretch = days / sum(gaps)
    at, times = START, []
    for gap in gaps:
        at += timedelta(days=gap if gap <= BURST_DAYS else gap * stretch)
        times.append(at)
    return times


def label_scores(
    messages: Sequence[CorpusMessage], *, right: float, seed: int
) -> Mapping[str, SentimentScore]:
    """Return scores by text as a model would give them that hears this share of the moods right."""
    rng = random.Random(seed)
    return {message.text: _label_score(message, right, rng) for message in messages}


def _label_score(message: CorpusMessage, right: float, rng: random.Random) -> SentimentScore:
    is_right = rng.random() < right
    mood = message.label.mood if is_right else rng.choice([m for m in MOODS if m != message.label.mood])
    sure = rng.uniform(0.6, 0.99) if is_right else rng.uniform(0.45, 0.9)
    part = rng.random()
    rest = iter((part * (1.0 - sure), (1.0 - part) * (1.0 - sure)))
    negative, neutral, positive = (sure if known == mood else next(rest) for known in MOODS)
    heard = rng.random() < right
    return SentimentScore(
        label=mood,
        probabilities=(negative, neutral, positive),
        score=positive - negative,
        abstained=None,
        language="en",
        language_confidence=1.0,
        frustration=min(1.0, 0.45 * len(message.reasons)) if heard else 0.0,
        frustration_reasons=message.reasons if heard else (),
        windows=1,
        truncated=False,
        model="labels",
        threat=0.9 if message.label.is_threat and heard else 0.05,
    )


def baseline(values: Sequence[float]) -> TrendClass:
    """Return `slide` if the mean of the last five moods is .5 below the mean of the others, else `stable`.

    >>> baseline([0.5] * 6 + [-0.5] * 5), baseline([-0.5] * 11)
    ('slide', 'stable')
    """
    last, rest = values[-5:], values[:-5]
    return "slide" if rest and mean(last) <= mean(rest) - 0.5 else "stable"


def judge(
    made: Sequence[Made], scores: Mapping[str, SentimentScore]
) -> tuple[TrendFigures, TrendFigures, dict[str, TrendFigures]]:
    """Return the figures of the trend and of the baseline, and those of the trend by kind."""
    told = list(tell_trends([one.account for one in made], lambda texts: [scores[text] for text in texts]))
    by_kind = {
        kind: TrendFigures.of([t.pair for t, one in zip(told, made, strict=True) if one.kind == kind])
        for kind in dict.fromkeys(kind.name for kind in KINDS)
    }
    simple = [
        (one.account.expected, baseline([scores[m.text].score or 0.0 for m in one.messages])) for one in made
    ]
    return TrendFigures.of([t.pair for t in told]), TrendFigures.of(simple), by_kind


def as_row(account: TrendAccount) -> str:
    """Return an account as a line for `rapport evaluate trend`."""
    messages = [{"at": message.at.isoformat(), "text": message.text} for message in account.messages]
    row = {"account_id": account.account_id, "messages": messages, "expected": account.expected}
    return json.dumps(row, ensure_ascii=False) + "\n"


def table_of(title: str, rows: Mapping[str, TrendFigures]) -> Table:
    """Return the figures as a table."""
    table = Table(title=title)
    for heading in ("", "accounts", "accuracy", *(f"recall {known}" for known in TREND_CLASSES), "false"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for name, found in rows.items():
        recalls = (found.recall(known) for known in TREND_CLASSES)
        cells = [f"{share.share:.3f}" if share.total else "" for share in (found.accuracy, *recalls)]
        table.add_row(name, str(found.accuracy.total), *cells, str(found.false_slides.count))
    return table


def main(
    writers: Annotated[str, typer.Option(help="Writers of the corpus, with commas.")],
    accounts: Annotated[int, typer.Option(min=1)] = 600,
    seed: Annotated[int, typer.Option()] = 0,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="Write the accounts there.")] = None,
) -> None:
    """Make accounts, and judge the trend on scores made from the labels."""
    wanted = set(writers.split(","))
    messages = [message for message in read_messages() if message.writer in wanted and message.is_agreed]
    made = list(make(messages, accounts, seed=seed))
    if out is not None:
        out.write_text("".join(as_row(one.account) for one in made), encoding="utf-8")
    for right in (1.0, 0.9, 0.8):
        whole, simple, by_kind = judge(made, label_scores(messages, right=right, seed=seed))
        rows = {"trend": whole, "baseline": simple, **by_kind}
        Console(width=110).print(table_of(f"Trends, {right:.0%} of the moods right", rows))


if __name__ == "__main__":
    typer.run(main)
