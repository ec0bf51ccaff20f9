"""The figures of labelled messages: from scores to numbers, groups, intervals and the file of predictions."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from detectors.sentiment.lexicon import LexiconSentiment
from detectors.sentiment.scores import UNCERTAIN, Probabilities, SentimentScore
from schemas.tickets import Mood
from streams.evaluate.labelled import (
    ColumnsError,
    LabelledText,
    WrongLabelError,
    columns_of,
    labelled_text,
)
from streams.evaluate.mood_report import MoodReport, mood_report
from streams.evaluate.moods import figures, judged
from streams.evaluate.predictions import prediction_rows

MOODS: tuple[Mood, Mood, Mood] = ("negative", "neutral", "positive")


def score(probabilities: Probabilities | None, abstained: str | None = None, **more: Any) -> SentimentScore:
    label = None if abstained or not probabilities else MOODS[int(np.argmax(probabilities))]
    given: dict[str, Any] = {"frustration": 0.0, "frustration_reasons": ()} | more
    return SentimentScore(
        label=label,
        probabilities=probabilities,
        score=None if probabilities is None else probabilities[2] - probabilities[0],
        abstained=abstained,
        language="en",
        language_confidence=1.0,
        windows=1,
        truncated=False,
        model="test",
        **given,
    )


def row(label: int, **more: Any) -> LabelledText:
    return LabelledText(2, "text", label, **more)


def values(rows: Sequence[LabelledText], scores: Sequence[SentimentScore]) -> dict[str, float]:
    found = figures(np.ones((1, len(rows))), judged(rows, scores))
    return {name: float(value[0]) for name, value in found.items()}


NEGATIVE, NEUTRAL, POSITIVE = (0.8, 0.1, 0.1), (0.2, 0.7, 0.1), (0.1, 0.3, 0.6)


def test_the_figures_of_moods_are_counted_from_the_most_probable_mood() -> None:
    rows = [row(0), row(0), row(1), row(1), row(2)]
    found = values(rows, [score(said) for said in (NEGATIVE, NEUTRAL, NEGATIVE, NEUTRAL, POSITIVE)])
    assert found["accuracy"] == 0.6
    assert found["macro_f1"] == pytest.approx((0.5 + 0.5 + 1) / 3)
    assert found["recall_negative"] == 0.5
    assert found["neutral_called_negative"] == 0.5
    assert found["precision_positive"] == 1.0
    assert found["auc_negative"] == pytest.approx((0.5 + 1 + 1 + 0 + 0.5 + 1) / 6)
    assert found["coverage.100"] == 0.6
    assert found["error_among_kept"] == pytest.approx(0.4)
    assert "recall_sarcasm" not in found


def test_an_uncertain_row_counts_with_its_most_probable_mood_and_as_abstained() -> None:
    found = values([row(0), row(1)], [score((0.4, 0.35, 0.25), UNCERTAIN), score(NEGATIVE)])
    assert found["accuracy"] == 0.5
    assert found["recall_negative"] == 1.0
    assert (found["abstained.uncertain"], found["abstained.all"]) == (0.5, 0.5)
    assert found["error_among_kept"] == 1.0


def test_a_row_without_probabilities_is_wrong_and_has_a_third_of_each_mood() -> None:
    rows = [row(1), row(0), row(2)]
    found = values(rows, [score(None, "empty_text"), score(NEGATIVE), score(POSITIVE)])
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["auc_negative"] == 1.0
    assert found["coverage.50"] == 1.0
    assert found["ece"] == pytest.approx(0.3)
    assert found["abstained.empty_text"] == pytest.approx(1 / 3)
    assert found["error_among_kept"] == 0.0


def test_if_no_row_has_probabilities_nothing_is_right_and_nothing_is_calibrated() -> None:
    found = values([row(0)], [score(None, "unsupported_language")])
    assert found["accuracy"] == 0.0
    assert math.isnan(found["ece"])
    assert math.isnan(found["error_among_kept"])


def test_frustration_is_judged_on_the_rows_that_are_labelled_for_it() -> None:
    rows = [row(0, frustrated=True), row(0, frustrated=False), row(0)]
    scores = [score(NEGATIVE, frustration=level) for level in (0.6, 0.2, 0.9)]
    assert values(rows, scores)["auc_frustration"] == 1.0


def test_a_threat_is_found_by_its_probability_or_else_by_the_reasons() -> None:
    rows = [row(0, threat=True), row(0, threat=True), row(0, threat=False), row(0)]
    by_head = [score(NEGATIVE, threat=value) for value in (0.5, 0.49, 0.7, 0.9)]
    found = values(rows, by_head)
    assert (found["recall_threat"], found["precision_threat"]) == (0.5, 0.5)
    reasons = [("threat_to_leave",), ("waiting",), (), ("threat_to_leave",)]
    by_reasons = [score(NEGATIVE, frustration_reasons=named) for named in reasons]
    found = values(rows, by_reasons)
    assert (found["recall_threat"], found["precision_threat"]) == (0.5, 1.0)


def test_the_recall_of_sarcasm_is_the_share_of_its_rows_that_are_called_negative() -> None:
    rows = [row(0, category="sarcasm"), row(0, category="sarcasm"), row(0, category="angry")]
    found = values(rows, [score(NEGATIVE), score(POSITIVE), score(POSITIVE)])
    assert found["recall_sarcasm"] == 0.5


def report(count: int = 60, industries: int = 6) -> MoodReport:
    rows = [
        row(number % 3, category=("calm", "angry")[number % 2], industry=f"i{number // 6 % industries}")
        for number in range(count)
    ]
    said = (NEGATIVE, NEUTRAL, POSITIVE)
    good = [score(said[one.label if number % 10 else 1]) for number, one in enumerate(rows)]
    return mood_report(rows, good, [score(NEUTRAL) for _ in rows], seed=1, draws=200)


def test_the_report_has_each_figure_with_its_interval_beside_the_baseline() -> None:
    told = report().as_json()
    assert told["rows"] == 60
    assert told["resampled"] == "industries"
    assert set(told["coverage"]) == {"100", "95", "90", "80", "70", "50"}
    for name in ("accuracy", "macro_f1", "auc_negative", "recall_negative", "neutral_called_negative"):
        for found in (told[name], told["categories"]["angry"][name], told["industries"]["i0"][name]):
            assert found["value"] is None or found["low"] <= found["value"] <= found["high"], name
    assert told["accuracy"]["value"] == pytest.approx(1 - 4 / 60, abs=1e-6)
    assert told["baseline"]["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert told["gain"]["accuracy"]["low"] > 0.3
    assert told["precision_threat"] == {"value": None, "low": None, "high": None}


def test_the_groups_together_have_all_rows_and_the_same_hits() -> None:
    told = report().as_json()
    for groups in (told["categories"], told["industries"]):
        assert sum(group["rows"] for group in groups.values()) == 60
        hits = sum(group["rows"] * group["accuracy"]["value"] for group in groups.values())
        assert hits / 60 == pytest.approx(told["accuracy"]["value"], abs=1e-5)


def test_few_industries_are_not_drawn_as_a_whole() -> None:
    assert report(industries=4).resampled == "rows"


def test_equal_scores_give_an_equal_report() -> None:
    assert report().as_json() == report().as_json()


def test_rows_and_scores_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="one score is needed for each row"):
        judged([row(0)], [])


def test_predictions_tell_the_most_probable_mood_and_why_a_row_abstains() -> None:
    scores = [
        score(NEGATIVE, frustration=0.5, threat=0.25),
        score((0.4, 0.35, 0.25), UNCERTAIN, frustration_reasons=("threat_to_leave",)),
        score(None, "empty_text"),
    ]
    assert [",".join(cells) for cells in prediction_rows(scores)] == [
        "0.800000,0.100000,0.100000,negative,0,,0.500000,0.250000",
        "0.400000,0.350000,0.250000,negative,1,uncertain,0.000000,1",
        ",,,,1,empty_text,0.000000,0",
    ]


def test_a_real_model_that_abstains_is_judged() -> None:
    rows = [row(0), row(2), row(1)]
    texts = ["This is terrible and useless", "Thanks, this is great work", "> only a quote"]
    found = values(rows, LexiconSentiment().score(texts))
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["abstained.empty_text"] == pytest.approx(1 / 3)


def test_columns_are_found_in_any_case_and_missing_or_doubled_ones_are_told() -> None:
    assert columns_of([" LABEL ", "Text", "other"]) == {"label": " LABEL ", "text": "Text"}
    with pytest.raises(ColumnsError, match=r"has no column label \(columns: text, mood\)"):
        columns_of(["text", "mood"])
    with pytest.raises(ColumnsError, match="has no column text and no column label"):
        columns_of(["id"])
    with pytest.raises(ColumnsError, match="has the column text more than once"):
        columns_of(["text", "label", "Text"])


COLUMNS = {name: name for name in ("text", "label", "frustrated", "threat")}


@pytest.mark.parametrize(
    ("said", "meant"), [("0", False), ("False", False), ("1", True), ("TRUE", True), (" ", None), ("", None)]
)
def test_a_flag_may_be_blank_or_any_of_four_words(said: str, meant: bool | None) -> None:
    cells = {"text": "x", "label": "neutral", "frustrated": said, "threat": said}
    found = labelled_text(2, cells, COLUMNS)
    assert (found.frustrated, found.threat) == (meant, meant)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"label": "cross"}, "label 'cross' is not negative, neutral or positive"),
        ({"label": ""}, "label '' is not"),
        ({"frustrated": "2"}, "frustrated '2' is not 0, 1, true, false or blank"),
        ({"threat": "y" * 90}, "threat 'y{40}…' is not"),
    ],
)
def test_a_wrong_cell_is_named(cells: dict[str, str], told: str) -> None:
    given = {"text": "x", "label": "neutral", "frustrated": "", "threat": ""} | cells
    with pytest.raises(WrongLabelError, match=told):
        labelled_text(2, given, COLUMNS)
