"""The learner of decisions: each decision is predicted first and learned after that.

It keeps nothing between two runs: the lessons are a function of the newest decisions in their order. So every
worker comes to the same lessons, a restart changes nothing, and a decision that was taken back has no effect.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from detectors.decisions.contest import Duel, log_loss
from detectors.decisions.decided import Decided, worth
from detectors.decisions.sources import SourceBook
from schemas.lessons import MOST_OFFSET, Lessons

CAUTION: Final = 4.0
"""Precision of the prior of the offset, which is 0: a standard deviation of .5 log-odds. Chosen by hand."""

HIGHEST: Final = 1.0 - 1e-6
"""Probabilities are cut to this and to 1 - this before their log-odds are taken. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Mean log losses in nats of the predictions of `scored` decisions, each made before it was learned.

    `champion` is what drafts were written with, `challenger` what was learned by then. Both are 0 without a
    decision.
    """

    scored: int = 0
    shipped: float = 0.0
    champion: float = 0.0
    challenger: float = 0.0


@dataclass(frozen=True, slots=True)
class Learned:
    """The lessons, and how good the predictions were that led to them.

    `offset` is the challenger's, also while the lessons do not use it. `is_ranked` tells whether sources have
    shown that they predict decisions better than the desk's mean. `means` has each source's posterior mean.
    """

    lessons: Lessons
    offset: float
    desk_mean: float
    means: dict[str, float]
    is_ranked: bool
    confidence: Loss
    ranking: Loss


@dataclass(slots=True)
class _Sums:
    scored: int = 0
    shipped: float = 0.0
    champion: float = 0.0
    challenger: float = 0.0

    def add(self, shipped: float, champion: float, challenger: float) -> None:
        self.scored += 1
        self.shipped += shipped
        self.champion += champion
        self.challenger += challenger

    def means(self) -> Loss:
        count = max(1, self.scored)
        return Loss(self.scored, self.shipped / count, self.champion / count, self.challenger / count)


@dataclass(slots=True)
class _Offset:
    """An offset of log-odds, learned by one Newton step per decision; duels change the champion."""

    challenger: float = 0.0
    champion: float = 0.0
    precision: float = CAUTION
    won: Duel = field(default_factory=Duel)
    lost: Duel = field(default_factory=Duel)
    sums: _Sums = field(default_factory=_Sums)

    def learn(self, probability: float, kept: float) -> None:
        odds = _log_odds(probability)
        losses = [log_loss(_share(odds + moved), kept) for moved in (0.0, self.champion, self.challenger)]
        self.sums.add(*losses)
        self.won = self.won.after(losses[1], losses[2])
        self.lost = self.lost.after(losses[1], losses[0], recent=True)
        self._step(odds, kept)
        self._decide()

    def _step(self, odds: float, kept: float) -> None:
        predicted = _share(odds + self.challenger)
        self.precision += predicted * (1.0 - predicted)
        stepped = self.challenger + (kept - predicted) / self.precision
        self.challenger = max(-MOST_OFFSET, min(MOST_OFFSET, stepped))

    def _decide(self) -> None:
        if self.champion and self.lost.is_won:
            self.champion = 0.0
        elif self.won.is_won:
            self.champion = self.challenger
        else:
            return
        self.won, self.lost = Duel(), Duel()


@dataclass(slots=True)
class _Ranking:
    """The posteriors of sources against the desk's mean; they rank only after they have won."""

    book: SourceBook = field(default_factory=SourceBook)
    is_used: bool = False
    won: Duel = field(default_factory=Duel)
    lost: Duel = field(default_factory=Duel)
    sums: _Sums = field(default_factory=_Sums)

    def learn(self, source_ids: Sequence[str], kept: float) -> None:
        alike, told = (
            log_loss(mean, kept) for mean in (self.book.desk_mean, self.book.predicted(source_ids))
        )
        self.sums.add(alike, told if self.is_used else alike, told)
        self.won = self.won.after(alike, told)
        self.lost = self.lost.after(told, alike, recent=True)
        self.book.learn(source_ids, kept)
        if (self.lost if self.is_used else self.won).is_won:
            self.is_used = not self.is_used
            self.won, self.lost = Duel(), Duel()


def learned_from(decisions: Sequence[Decided]) -> Learned:
    """Return what decisions teach, given oldest first; the same decisions always teach the same.

    >>> learned_from([]).lessons == Lessons()
    True
    """
    offset, ranking = _Offset(), _Ranking()
    for decided in decisions:
        kept = worth(decided)
        if kept is None:
            continue
        if decided.probability is not None:
            offset.learn(decided.probability, kept)
        if decided.source_ids:
            ranking.learn(decided.source_ids, kept)
    bonuses = ranking.book.bonuses() if ranking.is_used else {}
    known = sorted({source_id for decided in decisions for source_id in decided.source_ids})
    return Learned(
        lessons=Lessons(offset=round(offset.champion, 6), bonuses=bonuses),
        offset=offset.challenger,
        desk_mean=ranking.book.desk_mean,
        means={source_id: ranking.book.mean(source_id) for source_id in known},
        is_ranked=ranking.is_used,
        confidence=offset.sums.means(),
        ranking=ranking.sums.means(),
    )


def _log_odds(probability: float) -> float:
    cut = max(1.0 - HIGHEST, min(HIGHEST, probability))
    return math.log(cut / (1.0 - cut))


def _share(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))
