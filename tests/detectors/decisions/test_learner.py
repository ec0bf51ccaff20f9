"""What decisions teach: nothing without evidence, the right direction with it, and never much."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.decisions.contest import log_loss
from detectors.decisions.decided import Decided, worth
from detectors.decisions.learner import learned_from
from detectors.decisions.sources import LEAST_BONUS, SourceBook
from schemas.lessons import MOST_BONUS, MOST_OFFSET, Lessons

PLACES = ("article:a", "article:b", "macro:c")


def decided(kept: bool, probability: float | None = 0.5, source_id: str = "article:a") -> Decided:
    if kept:
        return Decided("sent", probability, (source_id,))
    return Decided("dismissed", probability, (source_id,), reason="off_topic")


def chances(true_shift: float, count: int, *, seed: int, sources: Sequence[str] = PLACES) -> list[Decided]:
    """Return decisions of people who keep drafts with the stated log-odds plus `true_shift`."""
    chosen = random.Random(seed)
    made = []
    for _ in range(count):
        odds = chosen.gauss(0.5, 1.2)
        stated, real = (1 / (1 + math.exp(-odds - shift)) for shift in (0.0, true_shift))
        made.append(decided(chosen.random() < real, stated, chosen.choice(sources)))
    return made


decisions = st.lists(
    st.builds(
        Decided,
        action=st.sampled_from(("sent", "edited", "dismissed")),
        probability=st.none() | st.floats(0, 1),
        source_ids=st.lists(st.sampled_from(PLACES), unique=True, max_size=3).map(tuple),
        reason=st.none() | st.sampled_from(("wrong", "off_topic", "tone", "handled", "other")),
        similarity=st.none() | st.floats(0, 1),
        has_changed_facts=st.booleans(),
    ),
    max_size=60,
)


@given(decisions)
def test_lessons_stay_in_their_bounds_and_are_a_function_of_the_decisions(given_ones: list[Decided]) -> None:
    learned = learned_from(given_ones)
    assert learned_from(list(given_ones)) == learned
    assert abs(learned.lessons.offset) <= MOST_OFFSET
    assert all(LEAST_BONUS <= abs(bonus) <= MOST_BONUS for bonus in learned.lessons.bonuses.values())
    assert all(0.0 < mean < 1.0 for mean in learned.means.values())
    assert Lessons.model_validate_json(learned.lessons.to_bytes()) == learned.lessons


@pytest.mark.parametrize("shift", [1.5, -1.5])
def test_the_offset_follows_a_desk_whose_people_keep_more_or_fewer_drafts_than_stated(shift: float) -> None:
    learned = learned_from(chances(shift, 300, seed=1))
    assert math.copysign(1.0, learned.lessons.offset) == math.copysign(1.0, shift)
    assert abs(learned.lessons.offset) > 0.4
    assert learned.confidence.champion < learned.confidence.shipped


def test_a_desk_that_is_calibrated_already_seldom_gets_an_offset() -> None:
    moved = [learned_from(chances(0.0, 200, seed=seed)).lessons.offset for seed in range(60)]
    assert sum(offset != 0.0 for offset in moved) <= 3


def test_a_few_decisions_change_nothing() -> None:
    assert learned_from([decided(kept=False)] * 11).lessons == Lessons()


def test_a_desk_that_changes_its_mind_returns_to_the_shipped_probabilities() -> None:
    first = learned_from(chances(-1.5, 200, seed=3))
    assert first.lessons.offset < -0.4
    later = learned_from([*chances(-1.5, 200, seed=3), *chances(1.2, 400, seed=4)])
    assert later.lessons.offset > first.lessons.offset + 0.3


def test_a_source_that_people_refuse_gets_a_malus_and_one_that_they_send_a_bonus() -> None:
    mixed = [decided(source_id == "article:a", source_id=source_id) for source_id in PLACES[:2] * 40]
    bonuses = learned_from(mixed).lessons.bonuses
    assert bonuses["article:a"] > 0.02
    assert bonuses["article:b"] < -0.02


def test_sources_that_do_as_well_as_each_other_are_seldom_ranked() -> None:
    ranked = [learned_from(chances(0.0, 200, seed=seed)).is_ranked for seed in range(60)]
    assert sum(ranked) <= 3


def test_a_ranking_that_stopped_being_true_is_taken_back() -> None:
    first = [decided(source_id == "article:a", source_id=source_id) for source_id in PLACES[:2] * 40]
    turned = [decided(source_id == "article:b", source_id=source_id) for source_id in PLACES[:2] * 40]
    assert learned_from(first).is_ranked
    assert not learned_from([*first, *turned]).is_ranked


def test_a_draft_of_another_calibration_teaches_about_sources_only() -> None:
    learned = learned_from([decided(kept=False, probability=None)] * 50)
    assert (learned.offset, learned.confidence.scored, learned.ranking.scored) == (0.0, 0, 50)


@pytest.mark.parametrize("reason", ["tone", "handled", "not_needed", "other", None])
def test_a_dismissal_for_another_reason_says_nothing_about_the_answer(reason: str | None) -> None:
    assert worth(Decided("dismissed", 0.5, PLACES, reason=reason)) is None


def test_a_source_without_decisions_has_the_desks_mean_and_few_decisions_are_shrunk_to_it() -> None:
    book = SourceBook()
    for _ in range(18):
        book.learn(["article:a"], 1.0)
    book.learn(["article:b"], 0.0)
    assert book.mean("article:new") == book.desk_mean
    assert book.desk_mean - 0.11 < book.mean("article:b") < book.desk_mean


def test_a_draft_of_two_sources_counts_half_for_each() -> None:
    alone, shared = SourceBook(), SourceBook()
    alone.learn(["article:a"], 1.0)
    for _ in range(2):
        shared.learn(["article:a", "article:b"], 1.0)
    shared_lead = shared.mean("article:a") - shared.desk_mean
    assert 0.0 < shared_lead
    assert alone.mean("article:a") > alone.desk_mean


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_loss_of_a_prediction_is_least_where_it_equals_what_was_kept(
    predicted: float, kept: float
) -> None:
    assert log_loss(kept, kept) <= log_loss(predicted, kept) + 1e-5
