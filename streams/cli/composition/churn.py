"""Build the churn models: the shipped one, or one that is trained on cohorts of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from detectors.churn.hazard.fitting import Origin, fit_prior
from detectors.churn.hazard.prior import Prior
from detectors.churn.hazard.shipped import load_prior
from detectors.churn.hazard.watch import HazardWatch
from streams.cli.terminal import fail
from streams.evaluate.account_days import Calendar, DaySpool
from streams.evaluate.churn_challenger import RowScores, boosting
from streams.evaluate.churn_population import HazardPopulation
from streams.evaluate.churn_training import training_days

DEFAULT_BUDGET: Final = 0.02
"""Alerts per account-month: a manager of 200 accounts sees 4 a month. Chosen by hand."""

SEED: Final = 7
_NO_BOOSTING: Final = "scikit-learn is not installed, so nothing stands beside the model."


@dataclass(frozen=True)
class ChurnModels:
    """The prior to judge, the models beside it, the cohorts that trained it, and a note for the person."""

    prior: Prior
    budget: float
    others: Mapping[str, RowScores]
    trained_on: tuple[str, ...] = ()
    note: str = ""

    def population(self) -> HazardPopulation:
        """Return a new population under the watch of the product."""
        return HazardPopulation(lambda day: HazardWatch(self.prior, day=day, budget=self.budget), self.others)

    def judged(self, spool: DaySpool) -> list[str]:
        """Return the cohorts that did not train the prior."""
        return [cohort for cohort in spool.accounts if cohort not in self.trained_on]


def churn_models(
    spool: DaySpool, calendar: Calendar, trained_on: Sequence[str], *, budget: float
) -> ChurnModels:
    """Return the shipped prior, or a prior and boosting trained on cohorts; end the command if impossible."""
    if not trained_on:
        return ChurnModels(load_prior(), budget, {"prior": prior_scores(load_prior())})
    unknown = sorted(set(trained_on) - set(spool.accounts))
    if unknown or set(trained_on) >= set(spool.accounts):
        fail(f"--trained-on names cohorts of the files, not all: {', '.join(sorted(spool.accounts))}.")
    origin = Origin(seed=SEED, data={}, versions={})
    return trained_models(spool, calendar, sorted(set(trained_on)), budget=budget, origin=origin)


def trained_models(
    spool: DaySpool, calendar: Calendar, cohorts: Sequence[str], *, budget: float, origin: Origin
) -> ChurnModels:
    """Return a prior and boosting trained on cohorts; end the command if nothing can be learned."""
    try:
        days = training_days(spool, calendar, cohorts)
        prior = fit_prior(days, origin)
    except ValueError as error:
        fail(f"The cohorts cannot be learned: {error}.")
    others = {"prior": prior_scores(prior)}
    challenger = boosting(days, origin.seed)
    if challenger is None:
        return ChurnModels(prior, budget, others, tuple(cohorts), _NO_BOOSTING)
    return ChurnModels(prior, budget, others | {"boosting": challenger}, tuple(cohorts))


def prior_scores(prior: Prior) -> RowScores:
    """Return the scores of a prior that learns nothing, to show what learning adds."""
    return lambda measures: prior.terms(measures).sum(axis=1)
