"""The fit of the prior: it finds what decides, is calibrated, and says when nothing can be learned."""

import numpy as np
import pytest
from pydantic import ValidationError

from detectors.churn.hazard.fitting import OneOutcomeError, Origin, TrainingDays, calibrate, fit_prior
from detectors.churn.hazard.names import NAMES
from detectors.churn.hazard.prior import Curve, HazardCalibration, Prior
from detectors.churn.hazard.shipped import load_prior

ORIGIN = Origin(seed=7, data={}, versions={})


def generated(rows: int = 3_000, seed: int = 5) -> TrainingDays:
    """Return days whose outcome depends on the measure `gap` alone, with half its log-odds as slope."""
    random = np.random.default_rng(seed)
    measures = random.normal(size=(rows, len(NAMES))).astype(np.float32)
    chance = 1.0 / (1.0 + np.exp(2.0 - 2.0 * measures[:, NAMES.index("gap")]))
    account = np.arange(rows) // 10
    return TrainingDays(measures, account, np.arange(rows) % 10, random.random(rows) < chance, step=1)


def test_the_fit_finds_the_measure_that_decides_and_its_probabilities_are_right() -> None:
    prior, days = fit_prior(generated(), ORIGIN), generated(seed=6)
    reach = {curve.measure: max(curve.log_odds) - min(curve.log_odds) for curve in prior.curves}
    assert max(reach, key=lambda name: reach[name]) == "gap"
    log_odds = prior.calibration.apply(prior.terms(days.measures.astype(float)).sum(axis=1) + prior.intercept)
    probability = 1.0 / (1.0 + np.exp(-log_odds))
    assert probability.mean() == pytest.approx(days.dark.mean(), abs=0.03)
    high = probability > 0.5
    assert days.dark[high].mean() == pytest.approx(probability[high].mean(), abs=0.08)


def test_equal_seeds_give_equal_priors_and_json_gives_the_prior_back() -> None:
    prior = fit_prior(generated(600), ORIGIN)
    assert prior == fit_prior(generated(600), ORIGIN)
    assert Prior.model_validate_json(prior.model_dump_json()) == prior


def test_a_lower_budget_has_a_higher_threshold() -> None:
    prior = load_prior()
    assert prior.threshold(0.01) > prior.threshold(0.02) > prior.threshold(0.1)


def test_one_outcome_alone_cannot_be_learned() -> None:
    days = generated(100)
    with pytest.raises(OneOutcomeError):
        fit_prior(TrainingDays(days.measures, days.account, days.day, np.zeros(100, bool)), ORIGIN)


def test_a_calibration_never_makes_two_scores_equal() -> None:
    random = np.random.default_rng(2)
    raw = random.normal(size=500)
    found = calibrate(raw, random.random(500) < 0.3)
    assert (np.diff(found.apply(np.sort(raw))) > 0.0).all()


@pytest.mark.parametrize(
    "wrong", [{"knots": (1.0, 1.0), "log_odds": (0.0, 1.0)}, {"knots": (0.0,), "log_odds": (float("nan"),)}]
)
def test_a_damaged_curve_is_refused(wrong: dict[str, tuple[float, ...]]) -> None:
    with pytest.raises(ValidationError):
        Curve.model_validate({"measure": "gap", **wrong})


def test_a_falling_calibration_and_a_prior_with_other_measures_are_refused() -> None:
    with pytest.raises(ValidationError):
        HazardCalibration(raw=(0.0, 1.0), calibrated=(1.0, 0.0))
    shipped = load_prior()
    with pytest.raises(ValidationError):
        Prior.model_validate(shipped.model_dump() | {"curves": shipped.curves[1:]})
