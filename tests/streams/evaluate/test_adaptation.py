"""Corrections tried on scored rows: which rows take part, what their scores become, what is reported."""

from dataclasses import replace

import numpy as np
import pytest

from detectors.sentiment.lexicon import LexiconSentiment
from detectors.sentiment.scores import LABELS, SentimentScore
from streams.evaluate.adaptation import NothingToLearnError, adapted_scores
from streams.evaluate.labelled import LabelledText
from tests.detectors.sentiment.adaptation.desks import desk


def scored(count: int, *, skill: float = 0.0) -> tuple[list[LabelledText], list[SentimentScore]]:
    """Return rows of a made-up desk with scores that carry its states."""
    messages = desk(count, seed=4, skill=skill)
    blank = LexiconSentiment().score(["How do I add a reviewer to the project?"])[0]
    scores = []
    for states, chances in zip(messages.states, messages.probabilities, strict=True):
        first, second, third = (float(chance) for chance in chances)
        label = LABELS[int(np.argmax(chances))]
        scores.append(replace(blank, states=states, probabilities=(first, second, third), label=label))
    rows = [LabelledText(row + 2, "text", int(label)) for row, label in enumerate(messages.labels)]
    return rows, scores


def test_a_model_that_guesses_is_adapted_and_its_scores_name_the_desks_model() -> None:
    rows, scores = scored(300)
    found = adapted_scores(rows, scores, count=100)
    assert [known.corrections for known in found.curve] == [0, 10, 25, 50, 100]
    assert found.curve[0].before == found.curve[0].after
    assert found.curve[-1].after["accuracy"] > found.curve[-1].before["accuracy"] + 0.3
    assert found.curve[-1].below == 0
    assert found.curve[-1].adapted == 1
    assert len(found.corrected) == 100
    for row, score in enumerate(found.scores):
        assert ("+desk-" in score.model) == (row not in found.corrected)
        assert score.probabilities is not None
        assert score.label == LABELS[int(np.argmax(score.probabilities))]


def test_rows_without_states_or_probabilities_stay_as_they_are() -> None:
    rows, scores = scored(120)
    scores[3] = replace(scores[3], states=None)
    scores[4] = replace(scores[4], probabilities=None, label=None, score=None, abstained="empty_text")
    found = adapted_scores(rows, scores, count=90)
    assert (found.scores[3], found.scores[4]) == (scores[3], scores[4])
    assert not found.corrected & {3, 4}


def test_an_adapted_score_is_uncertain_below_the_same_confidence() -> None:
    rows, scores = scored(200)
    careful = [replace(score, least_confidences=(0.6, 0.6, 0.99)) for score in scores]
    found = adapted_scores(rows, careful, count=100)
    for row, score in enumerate(found.scores):
        assert score.probabilities is not None
        best = int(np.argmax(score.probabilities))
        is_sure = score.probabilities[best] >= careful[row].least_confidences[best]
        if row not in found.corrected:
            assert score.label == (LABELS[best] if is_sure else None)
    assert {score.abstained for score in found.scores} == {None, "uncertain"}


def test_a_model_without_states_cannot_learn() -> None:
    rows, scores = scored(20)
    with pytest.raises(NothingToLearnError, match="gives no states"):
        adapted_scores(rows, [replace(score, states=None) for score in scores], count=5)


@pytest.mark.parametrize("count", [0, 20, 21])
def test_a_row_must_be_corrected_and_a_row_left(count: int) -> None:
    with pytest.raises(NothingToLearnError, match="of 20 usable rows"):
        adapted_scores(*scored(20), count=count)
