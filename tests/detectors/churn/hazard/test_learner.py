"""The River model: equal to its packed form, a usable estimator, and able to follow its population."""

import numpy as np
import pytest

from detectors.churn.hazard.evidence import AccountEvidence, evidence_terms
from detectors.churn.hazard.learner import HazardLearner
from detectors.churn.hazard.names import GROUPS, INDICATORS, NAMES, TERM_NAMES, TERMS
from detectors.churn.hazard.shipped import load_prior

PRIOR = load_prior()


def random_terms(rows: int, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    random = np.random.default_rng(seed)
    measures = random.normal(size=(rows, len(NAMES)))
    evidence = [AccountEvidence(threat=float(one)) for one in random.random(rows)]
    return np.concatenate([PRIOR.terms(measures), evidence_terms(evidence)], axis=1)


def test_the_first_score_is_the_prior_and_hand_weights_add_to_it() -> None:
    terms = random_terms(4)
    expected = PRIOR.intercept + terms[:, : len(GROUPS) + len(TERMS)].sum(axis=1)
    assert HazardLearner(PRIOR).raw(terms) == pytest.approx(expected)


def test_the_packed_form_scores_as_the_river_pipeline_does_before_and_after_learning() -> None:
    learner, random = HazardLearner(PRIOR), np.random.default_rng(4)
    pipeline = learner.pipeline()
    measures = random.normal(size=(40, len(NAMES)))
    unknown = np.zeros((40, len(TERMS) + len(INDICATORS)))
    terms = np.concatenate([PRIOR.terms(measures), unknown], axis=1)
    for row, one in zip(terms, measures, strict=True):
        x = dict(zip(NAMES, one.tolist(), strict=True))
        packed = 1.0 / (1.0 + np.exp(-learner.raw(row[None])[0]))
        assert pipeline.predict_proba_one(x)[True] == pytest.approx(packed, abs=1e-12)
        learner.learn(row, bool(random.random() < 0.5))


def test_the_model_learns_that_a_term_means_nothing_here() -> None:
    learner = HazardLearner(PRIOR)
    place = TERM_NAMES.index("threats")
    terms = np.zeros(len(TERM_NAMES))
    terms[place] = 2.0
    for _ in range(1_500):
        learner.learn(terms, False)
    assert learner.weights[place] < 0.9
    assert learner.labels == 1_500


def test_a_changed_population_is_found_as_a_drift_and_a_steady_one_is_not() -> None:
    random = np.random.default_rng(8)
    terms = np.zeros(len(TERM_NAMES))
    steady, changed = HazardLearner(PRIOR), HazardLearner(PRIOR)
    chance = 1.0 / (1.0 + np.exp(-PRIOR.intercept))
    for label in range(4_000):
        is_dark = bool(random.random() < chance)
        steady.learn(terms, is_dark)
        changed.learn(terms, is_dark if label < 2_000 else bool(random.random() < 0.6))
    assert steady.drifts == 0
    assert changed.drifts >= 1


def test_a_restored_learner_goes_on_as_the_first_bit_for_bit() -> None:
    first, second = HazardLearner(PRIOR), HazardLearner(PRIOR)
    terms = random_terms(300)
    for place, row in enumerate(terms[:200]):
        first.learn(row, place % 7 == 0)
    second.restore(first.state())
    for place, row in enumerate(terms[200:]):
        for learner in (first, second):
            learner.learn(row, place % 3 == 0)
    assert second.state() == first.state()


def test_evidence_raises_the_log_odds_in_the_order_of_its_weight() -> None:
    asks = [frozenset({one}) for one in ("export_all", "fewer_seats", "closing")]
    found = evidence_terms([AccountEvidence(), *(AccountEvidence(asks=one) for one in asks)])[
        :, TERMS.index("asks")
    ]
    assert found.tolist() == sorted(found.tolist())
    assert found[0] == 0.0


def test_a_lower_p_value_weighs_more_up_to_a_bound() -> None:
    found = evidence_terms([AccountEvidence(fall_p=p) for p in (1.0, 0.05, 1e-4, 1e-9, 0.0)])
    assert (np.diff(found[:, 0]) >= 0.0).all()
    assert np.isfinite(found).all()
