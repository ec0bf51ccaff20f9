"""The trend of a mood: two horizons, the standing, and the signal of a change."""

from typing import Literal

from pydantic import Field

from schemas.base import Id, Instant, Record, Share

MoodStanding = Literal["stable", "sliding", "recovered"]
MoodDirection = Literal["slide", "recovers"]

MOST_IDS = 50
"""Ids of messages that a record names at most, as in `schemas.churn.Contribution`."""


class Horizon(Record):
    """The decayed mean of the mood over some messages, in about [-1.8, 1].

    `texts` counts the messages. `weight` is the number of equally weighted messages that would make the mean
    as certain: at most `texts`, less if most of them are old. `error` is the standard error of the mean, from
    the account's own variance shrunk to that of ordinary messages.
    """

    mean: float
    texts: int = Field(ge=1)
    weight: float = Field(gt=0.0)
    error: float = Field(ge=0.0)


class Trend(Record):
    """The mood of one account or conversation now, against its own past.

    `certainty` is the probability of the standing. `recent` has the messages since the last change, or the
    newest messages while the mood is stable; `past` has the messages before them, without a slide that is
    over. `slid` is the mood during the newest slide, if there was one. `since` is the time of the first
    message of `event_ids`; these are the messages that made a slide or a recovery, at most 50, oldest first.
    """

    standing: MoodStanding
    certainty: Share
    texts: int = Field(ge=1)
    recent: Horizon
    past: Horizon | None = None
    slid: Horizon | None = None
    since: Instant | None = None
    event_ids: tuple[Id, ...] = Field(default=(), max_length=MOST_IDS)


class MoodSignal(Record):
    """The mood of an account or conversation changed: its direction, certainty and messages."""

    direction: MoodDirection
    certainty: Share
    at: Instant
    trend: Trend
