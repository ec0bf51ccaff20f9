"""The confidence of retrieval and its calibration: numbers in, probabilities out."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.chunks.cutting import chunks_of
from responders.retrieval.calibrating import (
    FEWEST_TRIALS,
    CalibrationTrial,
    calibrated,
    similarity_without_name,
    withheld,
)
from responders.retrieval.chunk_vectors import embed_chunks
from responders.retrieval.confidence import MAX_MARGIN, Confidence, Support, probability_of, support_of
from responders.retrieval.ranking import Passage
from tests.responders.support.drafting_samples import EXPORTS, SEATS, HashingEmbedder, asked

STRONG = Support(similarity=0.7, coverage=0.9, shared=1.6, margin=0.15, contrast=0.4)
WEAK = Support(similarity=0.2, coverage=0.1, shared=0.0, margin=0.0, contrast=0.05)
supports = st.builds(
    Support,
    similarity=st.floats(-1, 1),
    coverage=st.floats(0, 1),
    shared=st.floats(0, 4),
    margin=st.floats(0, MAX_MARGIN),
    contrast=st.floats(-1, 2),
)


@given(supports, st.sampled_from(Support._fields), st.floats(0, 1))
def test_more_support_of_any_kind_never_lowers_the_probability(
    support: Support, name: str, more: float
) -> None:
    raised = support._replace(**{name: getattr(support, name) + more})
    rule = Confidence()
    assert 0.0 < probability_of(rule.log_odds(support)) <= probability_of(rule.log_odds(raised)) < 1.0


def test_the_prior_tells_strong_from_weak_support() -> None:
    assert probability_of(Confidence().log_odds(STRONG)) > 0.9
    assert probability_of(Confidence().log_odds(WEAK)) < 0.05


def passage(source: int, score: float) -> Passage:
    chunk = chunks_of((EXPORTS, SEATS)[source])[0]
    return Passage(chunk=chunk, similarity=0.5, score=score)


def test_the_margin_is_to_the_next_source_and_not_to_the_next_section() -> None:
    found = [passage(0, 0.6), passage(0, 0.59), passage(1, 0.5)]
    support = support_of(asked("export labels"), found)
    assert support is not None
    assert support.margin == pytest.approx(0.1)
    alone = support_of(asked("export labels"), found[:2])
    assert alone is not None
    assert alone.margin == MAX_MARGIN
    assert [one.chunk.source_id for one in withheld(found, "article:exports")] == ["macro:seats"]


def trials(shift: float, count: int = 200) -> list[CalibrationTrial]:
    """Return trials of a desk whose true log-odds are those of the prior plus `shift`."""
    draw, prior = random.Random(5), Confidence()
    found = []
    for number in range(count):
        share = draw.random()
        ends = zip(WEAK, STRONG, strict=True)
        support = Support(*(low + share * (high - low) for low, high in ends))
        is_right = draw.random() < probability_of(prior.log_odds(support) + shift)
        found.append(CalibrationTrial("answered" if number % 2 else "foreign", support, is_right))
    return found


@pytest.mark.parametrize("shift", [-3.0, 3.0])
def test_a_desk_with_other_odds_gets_them_and_keeps_the_order(shift: float) -> None:
    report = calibrated(Confidence(), trials(shift))
    assert report.loss_after < report.loss_before
    before, after = Confidence(), report.confidence
    middle = Support(*((low + high) / 2 for low, high in zip(WEAK, STRONG, strict=True)))
    assert (after.log_odds(middle) - before.log_odds(middle)) * shift > 0
    assert after.log_odds(STRONG) > after.log_odds(WEAK)


def test_few_trials_keep_the_prior() -> None:
    few = trials(3.0, count=2 * FEWEST_TRIALS - 2)
    assert calibrated(Confidence(), few).confidence == Confidence()
    foreign = [replace(one, kind="foreign") for one in trials(3.0)]
    assert calibrated(Confidence(), foreign).confidence == Confidence()


def test_without_its_name_only_the_sentences_of_a_chunk_count() -> None:
    (chunk,) = chunks_of(SEATS)
    parts = embed_chunks([chunk], HashingEmbedder()).parts[0]
    name = HashingEmbedder().embed([SEATS.question])[0]
    told = similarity_without_name(parts, name)
    assert told is not None
    assert told < float(np.max(parts.astype(np.float32) @ name)) / 254
    assert similarity_without_name(parts[:1], name) is None
