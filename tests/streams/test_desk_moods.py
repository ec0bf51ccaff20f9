"""Clicks on moods become the desk's model, which scores: with a made-up scorer and a real PostgreSQL."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.sentiment.lexicon import LexiconSentiment
from detectors.sentiment.scores import LABELS, SentimentScore
from responders.store import moods
from responders.store.desk.mood_clicks import correct_mood, undo_mood
from streams.desk_moods import AdaptedScorer, DeskMoods
from streams.desk_watch import DeskWatch
from streams.process.metrics import Metrics
from tests.detectors.sentiment.adaptation.desks import desk
from tests.patience import Patience
from tests.responders.support.desk_samples import NOW, event_row, put

MESSAGES = desk(160, seed=3, skill=0.5)
BLANK = LexiconSentiment().score(["How do I add a reviewer to the project?"])[0]


class MadeUp:
    """A scorer of texts that are numbers of messages of a made-up desk; it guesses their moods."""

    version = "made-up"

    def __init__(self, *, states: bool = True) -> None:
        self._states = states

    def score(self, texts: Sequence[str], *, max_tokens: int = 16_384) -> list[SentimentScore]:
        return [self._one(int(text)) for text in texts]

    def _one(self, row: int) -> SentimentScore:
        first, second, third = (float(value) for value in MESSAGES.probabilities[row])
        label = LABELS[int(np.argmax((first, second, third)))]
        states = MESSAGES.states[row] if self._states else None
        return replace(
            BLANK, states=states, probabilities=(first, second, third), label=label, model="made-up"
        )


@pytest.fixture
def engine(tables: Engine) -> Engine:
    """Tables as migrations leave them, with the messages of the made-up desk."""
    put(tables, *(event_row(f"m{row}", subject="", body=str(row)) for row in range(len(MESSAGES.labels))))
    return tables


def click(engine: Engine, rows: Sequence[int]) -> None:
    """Give each message its true mood: a correction if the scorer is wrong, a confirmation if it is right."""
    with Session(engine) as session, session.begin():
        for row in rows:
            mood = LABELS[MESSAGES.labels[row]]
            correct_mood(session, f"m{row}-1", mood, corrected_by="kim", now=NOW)


def desk_of(engine: Engine, metrics: Metrics | None = None, *, states: bool = True) -> DeskMoods:
    scorer = MadeUp(states=states)
    return DeskMoods(engine, scorer, base_model=scorer.version, metrics=metrics or Metrics())


def right(desk_moods: DeskMoods) -> int:
    """Return how many of the last forty messages, which nobody clicks, get their true mood."""
    held = range(120, 160)
    found = AdaptedScorer(MadeUp(), desk_moods).score([str(row) for row in held])
    return sum(score.label == LABELS[MESSAGES.labels[row]] for row, score in zip(held, found, strict=True))


def test_clicks_become_a_model_that_scores_better_and_names_itself(engine: Engine) -> None:
    metrics = Metrics()
    learning = desk_of(engine, metrics)
    before = right(learning)
    click(engine, range(120))
    learning.refresh(now=NOW)
    assert right(learning) >= before + 10
    (score,) = AdaptedScorer(MadeUp(), learning).score(["150"])
    with Session(engine) as session:
        row = moods.desk_model(session, "made-up")
    assert row is not None
    assert score.model == f"made-up+desk-{row.version}"
    assert row.promoted_at == NOW
    assert row.figures["corrections"] == 120
    promoted = metrics.registry.get_sample_value("rapport_desk_mood_changes_total", {"change": "promoted"})
    assert promoted == row.version
    shown = metrics.registry.get_sample_value("rapport_desk_mood_accuracy_ratio", {"model": "champion"})
    assert shown == row.figures["models"]["champion"]["accuracy"]


def test_another_process_and_a_restart_score_bit_equal(engine: Engine) -> None:
    click(engine, range(120))
    first, second = desk_of(engine), desk_of(engine)
    first.refresh(now=NOW)
    second.refresh(now=NOW)
    texts = [str(row) for row in range(120, 160)]
    expected = AdaptedScorer(MadeUp(), first).score(texts)
    assert AdaptedScorer(MadeUp(), second).score(texts) == expected
    assert expected != MadeUp().score(texts)


def test_learning_in_two_processes_by_turns_gives_the_same_bytes_as_learning_in_one(engine: Engine) -> None:
    learners = [desk_of(engine), desk_of(engine)]
    for turn in range(6):
        click(engine, range(turn * 10, turn * 10 + 10))
        learners[turn % 2].refresh(now=NOW)
    with Session(engine) as session, session.begin():
        row = moods.desk_model(session, "made-up")
        assert row is not None
        by_turns = row.learner
        session.delete(row)
    desk_of(engine).refresh(now=NOW)
    with Session(engine) as session:
        row = moods.desk_model(session, "made-up")
    assert row is not None
    assert row.learner == by_turns


def test_a_correction_taken_back_is_forgotten(engine: Engine) -> None:
    click(engine, range(20))
    learning = desk_of(engine)
    learning.refresh(now=NOW)
    with Session(engine) as session, session.begin():
        undo_mood(session, "m3-1", undone_by="kim", now=NOW)
    learning.refresh(now=NOW)
    with Session(engine) as session:
        row = moods.desk_model(session, "made-up")
    assert row is not None
    assert row.figures["corrections"] == 19


def test_a_reset_gives_the_shipped_model_back_and_new_clicks_are_learned(engine: Engine) -> None:
    click(engine, range(110))
    learning = desk_of(engine)
    learning.refresh(now=NOW)
    with Session(engine) as session, session.begin():
        moods.reset_desk(session, now=NOW + timedelta(minutes=1))
    learning.refresh(now=NOW)
    texts = [str(row) for row in range(120, 160)]
    assert AdaptedScorer(MadeUp(), learning).score(texts) == MadeUp().score(texts)
    click(engine, range(110, 120))
    learning.refresh(now=NOW)
    with Session(engine) as session:
        row = moods.desk_model(session, "made-up")
    assert row is not None
    assert row.figures["corrections"] == 10


def test_a_damaged_state_is_learned_again_from_the_clicks(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    click(engine, range(30))
    desk_of(engine).refresh(now=NOW)
    with Session(engine) as session, session.begin():
        row = moods.desk_model(session, "made-up")
        assert row is not None
        whole, row.learner = row.learner, b"damaged"
        session.add(row)
    click(engine, [30])
    desk_of(engine).refresh(now=NOW)
    with Session(engine) as session:
        row = moods.desk_model(session, "made-up")
    assert row is not None
    assert row.learner not in (whole, b"damaged")
    assert row.figures["corrections"] == 31
    assert "desk_moods_damaged" in caplog.text


class Slow(MadeUp):
    """A scorer during whose work another process learns the same clicks, or resets the desk."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._meanwhile: Callable[[], None] | None = meanwhile

    def score(self, texts: Sequence[str], *, max_tokens: int = 16_384) -> list[SentimentScore]:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().score(texts)


def test_the_slower_of_two_processes_writes_nothing_and_takes_over_what_the_other_learned(
    engine: Engine,
) -> None:
    click(engine, range(120))
    faster = desk_of(engine)
    scorer = Slow(lambda: faster.refresh(now=NOW))
    slower = DeskMoods(engine, scorer, base_model="made-up", metrics=Metrics())
    slower.refresh(now=NOW + timedelta(minutes=1))
    with Session(engine) as session:
        row = moods.desk_model(session, "made-up")
    assert row is not None
    assert row.updated_at == NOW
    slower.refresh(now=NOW + timedelta(minutes=2))
    texts = [str(row) for row in range(120, 160)]
    assert AdaptedScorer(MadeUp(), slower).score(texts) == AdaptedScorer(MadeUp(), faster).score(texts)


def test_a_model_without_states_learns_nothing_and_scores_as_before(engine: Engine) -> None:
    click(engine, range(120))
    learning = desk_of(engine, states=False)
    learning.refresh(now=NOW)
    assert learning.adapted(MadeUp(states=False).score(["150"])) == MadeUp(states=False).score(["150"])


def test_the_watch_learns_in_its_own_thread_and_ends(engine: Engine) -> None:
    click(engine, range(10))
    watch = DeskWatch(desk_of(engine), lambda: NOW)
    watch.start()
    patience = Patience(60)
    while not has_learned(engine):
        assert not patience.is_over()
        time.sleep(0.05)
    watch.close()


def has_learned(engine: Engine) -> bool:
    with Session(engine) as session:
        return moods.desk_model(session, "made-up") is not None
