"""What a desk learned about moods, in the process that scores: applies the champion, and learns new clicks.

One process of the sentiment group learns at a time; PostgreSQL's advisory lock says which. It writes what it
learned into one row, and every process takes the champion from there. So a restart, a move of a partition
and several workers all give the same scores: the state depends on the clicks and their order alone.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.sentiment.adaptation.corrections import Correction, CorrectionLog
from detectors.sentiment.adaptation.drift import ScoreDrift
from detectors.sentiment.adaptation.figures import figures_of
from detectors.sentiment.adaptation.learner import DeskLearner, DeskState
from detectors.sentiment.adaptation.model import DeskModel
from detectors.sentiment.adaptation.packing import (
    DamagedDeskError,
    pack_model,
    pack_state,
    unpack_model,
    unpack_state,
)
from detectors.sentiment.adaptation.rescoring import rescored
from detectors.sentiment.scores import SentimentScore
from responders.store import moods
from responders.store.moods import Click
from schemas.tables import DeskMoodModelRow
from streams.process.metrics import Metrics
from streams.sentiment import TextScorer, text_of

logger = logging.getLogger(__name__)

CLICKS_AT_ONCE: Final = 50
"""Clicks that are learned in one transaction at most. Chosen by hand."""


class DeskMoods:
    """The desk's model on top of one shipped model. Any thread may score; one thread calls `refresh`."""

    def __init__(self, engine: Engine, scorer: TextScorer, *, base_model: str, metrics: Metrics) -> None:
        self._engine = engine
        self._scorer = scorer
        self._base_model = base_model
        self._metrics = metrics
        self._drift = ScoreDrift()
        self._current: tuple[DeskModel | None, int] = (None, 0)
        self._champion_bytes: bytes | None = None
        self._learner: DeskLearner | None = None
        self._learner_at = (-1, -1)

    def adapted(self, scores: Sequence[SentimentScore]) -> list[SentimentScore]:
        """Return the scores with the champion's probabilities, in order.

        A score without states or probabilities is unchanged, and so are all while the shipped model is the
        desk's.
        """
        champion, version = self._current
        found = [score if champion is None else _applied(champion, score, version) for score in scores]
        self._drift.observe(score.probabilities[0] for score in found if score.probabilities)
        if (index := self._drift.index) is not None:
            self._metrics.mood_drift.set(index)
        return found

    def refresh(self, *, now: datetime) -> None:
        """Take over the stored champion, then learn all new clicks unless another process does."""
        with Session(self._engine) as session:
            row, newest = moods.desk_model(session, self._base_model), moods.newest_click(session)
        if row is not None:
            self._take_over(row)
        while (row.learned_to if row is not None else 0) < newest:
            learned = self._learn(now)
            if learned is None:
                return
            row = learned
            self._take_over(row)

    def _learn(self, now: datetime) -> DeskMoodModelRow | None:
        """Learn the next clicks and write the row; return it, or None if another process was faster.

        The fits take seconds, so no transaction is open meanwhile; the row is written only if it is still the
        one that was read.
        """
        with Session(self._engine) as session:
            row = moods.desk_model(session, self._base_model) or self._nothing_learned(now)
            session.expunge_all()
        read = (row.learned_to, row.starts_after)
        learner = self._learner_of(row)
        with Session(self._engine) as session:
            clicks = moods.clicks_after(session, row.learned_to, limit=CLICKS_AT_ONCE)
            newest = moods.newest_click(session)
        before = (0, 0) if learner is None else (learner.state.version, learner.state.demotions)
        self._learner_at = (-1, -1)
        learner = self._learned(learner, clicks, row.version)
        fresh = _row_of(row, learner, clicks[-1].correction_id if clicks else newest, now)
        if not self._is_written(fresh, read):
            return None
        self._learner, self._learner_at = learner, (fresh.learned_to, fresh.starts_after)
        if learner is not None:
            self._count(before, learner.state)
        return fresh

    def _is_written(self, fresh: DeskMoodModelRow, read: tuple[int, int]) -> bool:
        """Write the row unless another process learns, has learned, or has reset the desk since."""
        with Session(self._engine) as session, session.begin():
            if not moods.may_learn(session):
                return False
            present = moods.desk_model(session, self._base_model)
            if present is not None and (present.learned_to, present.starts_after) != read:
                return False
            moods.save_desk_model(session, fresh)
            return True

    def _learner_of(self, row: DeskMoodModelRow) -> DeskLearner | None:
        if (row.learned_to, row.starts_after) == self._learner_at:
            return self._learner
        if row.learner is None:
            return None
        try:
            return DeskLearner(unpack_state(row.learner))
        except DamagedDeskError as error:
            logger.error("desk_moods_damaged", extra={"error": str(error)})
            row.learned_to = row.starts_after
            return None

    def _learned(
        self, learner: DeskLearner | None, clicks: Sequence[Click], version: int
    ) -> DeskLearner | None:
        """Give the clicks to the learner in order; a message without text or states teaches nothing."""
        given = [click for click in clicks if click.mood is not None and click.ticket is not None]
        scores = iter(self._scorer.score([text_of(click.ticket) for click in given if click.ticket]))
        known = {click.correction_id: next(scores) for click in given}
        for click in clicks:
            if click.mood is None:
                if learner is not None:
                    learner.forget(click.event_id)
                continue
            score = known.get(click.correction_id)
            if score is None or score.states is None or score.probabilities is None:
                continue
            correction = Correction(click.event_id, click.mood, score.states, score.probabilities)
            if learner is None:
                log = CorrectionLog.empty(len(score.states))
                learner = DeskLearner(DeskState(log, version=version))
            learner.learn(correction)
        return learner

    def _take_over(self, row: DeskMoodModelRow) -> None:
        if row.champion != self._champion_bytes or row.version != self._current[1]:
            try:
                champion = None if row.champion is None else unpack_model(row.champion)
            except DamagedDeskError as error:
                logger.error("desk_moods_damaged", extra={"error": str(error)})
                champion = None
            self._current, self._champion_bytes = (champion, row.version), row.champion
        for role, values in row.figures.get("models", {}).items():
            self._metrics.desk_mood_log_loss.labels(role).set(values["log_loss"])
            self._metrics.desk_mood_accuracy.labels(role).set(values["accuracy"])
            self._metrics.desk_mood_calibration_error.labels(role).set(values["calibration_error"])

    def _count(self, before: tuple[int, int], state: DeskState) -> None:
        self._metrics.desk_mood_changes.labels("promoted").inc(max(0, state.version - before[0]))
        self._metrics.desk_mood_changes.labels("demoted").inc(max(0, state.demotions - before[1]))

    def _nothing_learned(self, now: datetime) -> DeskMoodModelRow:
        return DeskMoodModelRow(base_model=self._base_model, figures={}, promoted_at=None, updated_at=now)


class AdaptedScorer:
    """A scorer whose scores have the desk's champion applied."""

    def __init__(self, scorer: TextScorer, desk: DeskMoods) -> None:
        self._scorer = scorer
        self._desk = desk

    def score(self, texts: Sequence[str], *, max_tokens: int = 16_384) -> list[SentimentScore]:
        """Return one score per text, in order; never raises for odd text."""
        return self._desk.adapted(self._scorer.score(texts, max_tokens=max_tokens))


def _applied(champion: DeskModel, score: SentimentScore, version: int) -> SentimentScore:
    if score.states is None or score.probabilities is None:
        return score
    found = champion.probabilities(score.states[None, :], np.array([score.probabilities]))
    return rescored(score, found[0].tolist(), version=version)


def _row_of(
    row: DeskMoodModelRow, learner: DeskLearner | None, learned_to: int, now: datetime
) -> DeskMoodModelRow:
    if learner is None:
        return DeskMoodModelRow(**(row.model_dump() | {"learned_to": learned_to, "updated_at": now}))
    state = learner.state
    champion = None if state.champion is None else pack_model(state.champion)
    return DeskMoodModelRow(
        base_model=row.base_model,
        learned_to=learned_to,
        starts_after=row.starts_after,
        version=state.version,
        champion=champion,
        learner=pack_state(state),
        figures=_figures(state),
        promoted_at=now if state.version > row.version else row.promoted_at,
        updated_at=now,
    )


def _figures(state: DeskState) -> dict[str, Any]:
    return {
        "corrections": len(state.log.event_ids),
        "learned": state.learned,
        "demotions": state.demotions,
        "tried": len(state.window),
        "models": {role: asdict(found) for role, found in figures_of(state.window).items()},
    }
