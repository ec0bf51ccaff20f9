"""The learner of a desk: what it predicts after corrections, confirmations and changes of mind."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.sentiment.adaptation.corrections import Correction
from detectors.sentiment.adaptation.learner import DeskLearner
from detectors.sentiment.adaptation.packing import pack_state, unpack_state
from detectors.sentiment.adaptation.selection import importance_of
from detectors.sentiment.scores import LABELS
from schemas.tickets import Mood
from tests.detectors.sentiment.adaptation.desks import WIDTH, corrections, desk

KNOWN = corrections(40)
STEPS = st.lists(
    st.tuples(st.integers(0, len(KNOWN) - 1), st.sampled_from([*LABELS, None])), min_size=1, max_size=25
)
Step = tuple[int, Mood | None]


def learner() -> DeskLearner:
    return DeskLearner.fresh(WIDTH, sampled=True)


def walked(steps: list[Step], walker: DeskLearner) -> DeskLearner:
    """Give the messages their moods in order; None takes a correction back."""
    for number, mood in steps:
        if mood is None:
            walker.forget(KNOWN[number].event_id)
        else:
            walker.learn(replace(KNOWN[number], mood=mood))
    return walker


def accuracy(walker: DeskLearner, *, seed: int, skill: float) -> tuple[float, float]:
    """Return the shares of right moods of the shipped model and of the champion on other messages."""
    others = desk(400, seed=seed, skill=skill)
    after = walker.probabilities(others.states, others.probabilities)
    return (
        float((others.probabilities.argmax(axis=1) == others.labels).mean()),
        float((after.argmax(axis=1) == others.labels).mean()),
    )


def test_without_corrections_the_shipped_probabilities_pass_unchanged() -> None:
    messages = desk(5, seed=3, skill=1.0)
    assert np.array_equal(
        learner().probabilities(messages.states, messages.probabilities), messages.probabilities
    )


def test_a_desk_whose_moods_the_shipped_model_guesses_learns_them() -> None:
    walker = learner()
    walker.learn_all(corrections(120))
    before, after = accuracy(walker, seed=8, skill=0.0)
    assert walker.state.version >= 1
    assert after > before + 0.3


@pytest.mark.parametrize("seed", range(4))
def test_a_desk_whose_moods_the_shipped_model_knows_keeps_the_shipped_model(seed: int) -> None:
    walker = learner()
    walker.learn_all(corrections(120, seed=seed, skill=6.0))
    assert walker.champion is None


def test_labels_without_any_pattern_promote_nothing() -> None:
    random = np.random.default_rng(5)
    walker = learner()
    for row in corrections(120, skill=2.0):
        walker.learn(
            replace(
                row, mood=LABELS[random.integers(3)], states=random.standard_normal(WIDTH).astype(np.float32)
            )
        )
    before, after = accuracy(walker, seed=9, skill=2.0)
    assert after >= before


def test_the_shipped_model_returns_when_the_champion_begins_to_lose() -> None:
    walker = learner()
    walker.learn_all(corrections(100))
    assert walker.champion is not None
    opposite = [replace(row, event_id=f"later-{row.event_id}") for row in corrections(300, seed=2, skill=6.0)]
    walker.learn_all([replace(row, states=-row.states) for row in opposite])
    assert walker.state.demotions >= 1
    before, after = accuracy(walker, seed=4, skill=6.0)
    assert after >= before - 0.02


@settings(deadline=None, max_examples=25)
@given(STEPS)
def test_equal_steps_give_equal_bytes_and_a_restart_between_them_changes_nothing(steps: list[Step]) -> None:
    half = len(steps) // 2
    whole = pack_state(walked(steps, learner()).state)
    stopped = pack_state(walked(steps[:half], learner()).state)
    resumed = walked(steps[half:], DeskLearner(unpack_state(stopped), sampled=True))
    assert pack_state(resumed.state) == whole


@settings(deadline=None, max_examples=25)
@given(STEPS)
def test_only_the_last_mood_of_each_message_counts(steps: list[Step]) -> None:
    log = walked(steps, learner()).state.log
    last: dict[str, Mood | None] = {KNOWN[number].event_id: mood for number, mood in steps}
    found = dict(zip(log.event_ids, (LABELS[label] for label in log.labels), strict=True))
    assert found == {event_id: mood for event_id, mood in last.items() if mood is not None}


def test_the_same_correction_twice_changes_nothing() -> None:
    once, twice = learner(), learner()
    once.learn_all(KNOWN[:20])
    for row in KNOWN[:20]:
        twice.learn(row)
        twice.learn(row)
    assert pack_state(once.state) == pack_state(twice.state)


def test_a_correction_taken_back_leaves_no_trace_in_the_fit() -> None:
    with_it, without = learner(), learner()
    with_it.learn_all(KNOWN[:21])
    with_it.forget(KNOWN[20].event_id)
    without.learn_all(KNOWN[:20])
    first, second = with_it.state.challenger, without.state.challenger
    assert first is not None
    assert second is not None
    assert np.array_equal(first.weight, second.weight)
    assert np.array_equal(first.refit, second.refit)


def test_the_log_is_bounded() -> None:
    walker = DeskLearner.fresh(WIDTH, sampled=True)
    log = walker.state.log
    for row in corrections(1_003):
        log = log.with_correction(row)
    assert len(log.event_ids) == log.capacity == 1_000
    assert log.event_ids[0] == "3"


def test_changes_alone_weigh_next_to_nothing_and_confirmations_count_in_full() -> None:
    log = learner().state.log
    for row in corrections(60, skill=3.0):
        shipped = int(np.argmax(row.probabilities))
        log = log.with_correction(replace(row, mood=LABELS[(shipped + 1) % 3]))
    assert importance_of(log, sampled=False).sum() < 2
    assert importance_of(log, sampled=True).sum() == 60
    for row in corrections(60, seed=2, skill=3.0):
        shipped = int(np.argmax(row.probabilities))
        log = log.with_correction(replace(row, event_id=f"agrees-{row.event_id}", mood=LABELS[shipped]))
    weights = importance_of(log, sampled=False)
    assert (weights[60:] == 1).all()
    assert weights[:60].sum() > 5


def test_people_who_correct_only_wrong_moods_do_not_spoil_the_right_ones() -> None:
    walker = DeskLearner.fresh(WIDTH)
    rows = corrections(900, seed=6, skill=2.5)
    walker.learn_all([row for row in rows if LABELS[int(np.argmax(row.probabilities))] != row.mood])
    before, after = accuracy(walker, seed=7, skill=2.5)
    assert after >= before


def test_a_correction_with_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Correction("e", "negative", np.array([np.nan], dtype=np.float32), (0.2, 0.3, 0.5))
