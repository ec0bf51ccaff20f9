"""One desk's learner: it predicts each corrected message first, then learns it.

The champion is the model that scores messages: the shipped model at first, which is no model here. The
challenger is fitted again as corrections arrive. Each correction is first predicted by both; the challenger
is promoted only if it has won by then (`Contest`), and the shipped model returns if the champion loses to it.
So nothing changes until there is evidence, and any number of corrections leaves the desk at least where the
shipped model was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.sentiment.adaptation.corrections import Correction, CorrectionLog
from detectors.sentiment.adaptation.evidence import ALPHA, NOTHING_SHOWN, Contest, not_below_start, wealth
from detectors.sentiment.adaptation.model import DeskModel, fit_desk
from detectors.sentiment.adaptation.selection import importance_of
from detectors.sentiment.arrays import Float32, Float64

LEAST_FITTED: Final = 8
"""Corrections before a challenger is fitted. Chosen by hand."""

GROWTH: Final = 1.1
"""Growth of the log after which the challenger is fitted again; below 30 corrections, after each. By hand."""

RENEWAL: Final = 1.2
"""Growth of the log since the last promotion after which a leading challenger is promoted. By hand."""

EACH_TIME: Final = 30
"""Corrections up to which the challenger is fitted after each. Chosen by hand."""

WINDOW: Final = 200
"""Newest predictions from which the figures of the models are computed. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One prediction before its correction was learned: of the shipped model, champion and challenger.

    `truth` has the probabilities of the person's mood, `top` the greatest ones, `right` whether the most
    probable mood was the person's; each is (shipped, champion, challenger).
    """

    truth: tuple[float, float, float]
    top: tuple[float, float, float]
    right: tuple[bool, bool, bool]


@dataclass(frozen=True, slots=True)
class DeskState:
    """All that a learner knows. `version` counts the promotions; `champion` None is the shipped model.

    `fitted` and `promoted` are the lengths of the log at the last fit and promotion. `learned` counts the
    corrections ever learned.
    """

    log: CorrectionLog
    challenger: DeskModel | None = None
    champion: DeskModel | None = None
    fitted: int = 0
    promoted: int = 0
    version: int = 0
    demotions: int = 0
    learned: int = 0
    contest: Contest = NOTHING_SHOWN
    fallen: Contest = NOTHING_SHOWN
    window: tuple[Tried, ...] = ()


class DeskLearner:
    """Learns the corrections of one desk in order; equal corrections in equal order give an equal state.

    `sampled` tells that the corrected messages were chosen without a look at their moods.
    """

    def __init__(self, state: DeskState, *, sampled: bool = False) -> None:
        self._sampled = sampled
        self._log = state.log
        self._challenger, self._champion = state.challenger, state.champion
        self._fitted, self._promoted = state.fitted, state.promoted
        self._version, self._demotions, self._learned = state.version, state.demotions, state.learned
        self._contest, self._fallen = state.contest, state.fallen
        self._window = list(state.window)

    @classmethod
    def fresh(cls, width: int, *, sampled: bool = False) -> "DeskLearner":
        """Return a learner without corrections, for states of `width` numbers."""
        return cls(DeskState(CorrectionLog.empty(width)), sampled=sampled)

    @property
    def state(self) -> DeskState:
        """The whole state, from which an equal learner can be made."""
        return DeskState(
            log=self._log,
            challenger=self._challenger,
            champion=self._champion,
            fitted=self._fitted,
            promoted=self._promoted,
            version=self._version,
            demotions=self._demotions,
            learned=self._learned,
            contest=self._contest,
            fallen=self._fallen,
            window=tuple(self._window),
        )

    @property
    def champion(self) -> DeskModel | None:
        """The model that scores messages, or None for the shipped model."""
        return self._champion

    def learn_all(self, corrections: Sequence[Correction]) -> None:
        """Learn corrections in order."""
        for correction in corrections:
            self.learn(correction)

    def learn(self, correction: Correction) -> None:
        """Predict the message, then learn its mood.

        A message corrected before counts with its last mood only: the same mood again changes nothing, and
        another mood replaces the first without a prediction, because the models have seen the message.
        """
        known = correction.event_id in self._log.event_ids
        if known and self._log.labels[self._log.event_ids.index(correction.event_id)] == correction.label:
            return
        self._log = self._log.with_correction(correction)
        self._learned += 1
        if known:
            self._fit()
            return
        self._try(correction)
        self._fit_if_due()
        self._decide()

    def forget(self, event_id: str) -> None:
        """Take a correction back; a message without one changes nothing."""
        shorter = self._log.without(event_id)
        if shorter is not self._log:
            self._log = shorter
            self._fit()

    def probabilities(self, states: Float32, shipped: Float64) -> Float64:
        """Return the champion's (n, 3) probabilities from states (n, d) and the shipped probabilities (n, 3).

        They are the shipped ones, unchanged, while the shipped model is the champion.
        """
        return shipped if self._champion is None else self._champion.probabilities(states, shipped)

    def _try(self, correction: Correction) -> None:
        states = correction.states[None, :]
        shipped = np.array([correction.probabilities])
        holder = self.probabilities(states, shipped)[0]
        rival = holder if self._challenger is None else self._challenger.probabilities(states, shipped)[0]
        weight = float(importance_of(self._log, sampled=self._sampled)[-1])
        if self._challenger is not None:
            self._contest = self._contest.after(holder, rival, correction.label, weight=weight)
        if self._champion is not None:
            fallen = self._fallen.after(holder, shipped[0], correction.label, weight=weight)
            self._fallen = Contest(not_below_start(fallen.capitals))
        self._window = [*self._window, _tried((shipped[0], holder, rival), correction.label)][-WINDOW:]

    def _fit_if_due(self) -> None:
        count = len(self._log.event_ids)
        if count <= EACH_TIME or count >= self._fitted * GROWTH or count == self._log.capacity:
            self._fit()

    def _fit(self) -> None:
        count = len(self._log.event_ids)
        enough = count >= LEAST_FITTED
        self._challenger = (
            fit_desk(self._log, importance_of(self._log, sampled=self._sampled)) if enough else None
        )
        self._fitted = count

    def _decide(self) -> None:
        if wealth(self._fallen.capitals) >= 1 / ALPHA:
            self._champion, self._demotions = None, self._demotions + 1
            self._start_again()
        elif self._challenger is not None and self._has_won():
            self._champion, self._version = self._challenger, self._version + 1
            self._start_again()

    def _has_won(self) -> bool:
        if self._champion is None or self._contest.is_proven:
            return self._contest.is_proven
        return self._contest.is_lead and len(self._log.event_ids) >= self._promoted * RENEWAL

    def _start_again(self) -> None:
        self._promoted = len(self._log.event_ids)
        self._contest, self._fallen = NOTHING_SHOWN, NOTHING_SHOWN


def _tried(predictions: tuple[Float64, Float64, Float64], label: int) -> Tried:
    first, second, third = predictions
    return Tried(
        truth=(_share(first[label]), _share(second[label]), _share(third[label])),
        top=(_share(first.max()), _share(second.max()), _share(third.max())),
        right=(
            bool(first.argmax() == label),
            bool(second.argmax() == label),
            bool(third.argmax() == label),
        ),
    )


def _share(value: float) -> float:
    """Return a probability without the rounding that may put it just above 1."""
    return min(1.0, float(value))
