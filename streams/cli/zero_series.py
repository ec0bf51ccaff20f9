"""The label sets of every counter that are known in advance; each series is 0 from the first scrape.

Prometheus sees no increase when a series appears together with its first event, so an alert would miss the
first burst. A label set that is not listed here is counted too, but its series appears with its first event.
"""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final, get_args

from prometheus_client import Counter

from schemas.churn import AlertCause
from schemas.letters import Reason
from schemas.redrafts import SourceChange
from schemas.tickets import Action, DraftKind, Mood
from schemas.usage import AnomalyCause
from streams.kafka.topics import CHURN, DRAFTING, GROUPS, SENTIMENT, TICKETS, TOPICS, USAGE, USAGE_EVENTS
from streams.process.metrics import DetectorStage, Metrics

RELAY: Final = "relay"
DESK: Final = "desk"
INTAKE: Final = "intake"
PROCESSES: Final = (*GROUPS, RELAY, DESK, INTAKE)
"""The processes of the service; each has its own metrics."""

FATES: Final = ("effect", "duplicate", "late", "dead_letter")
DEPENDENCIES: Final = ("broker", "database")
NO_MOOD: Final = ("empty_text", "unsupported_language", "not_finite")
"""The reasons why the sentiment model declines to answer."""

NO_DRAFT: Final = (
    "needs_a_person",
    "unsupported_language",
    "nothing_to_answer",
    "no_source",
    "nothing_supported",
)
"""The reasons why no draft is written or shown, besides the hold-out: the part before the colon."""

RETIREMENTS: Final = (
    "newer_message",
    "human_reply",
    "ticket_merged",
    "ticket_closed",
    "overtaken",
    *get_args(SourceChange),
)
"""The counted reasons for which a draft becomes stale."""
DESK_REPLY: Final = "human_reply"
"""The reason of a draft that a reply from the desk retired."""
GENERATORS: Final = ("server", "transformers")
"""The kinds of language models that write drafts."""

LabelSets = Mapping[str, Iterable[tuple[str, ...]]]
"""The label sets of each counter, by its name on `Metrics`, in the order of the counter's labels."""


def start_at_zero(metrics: Metrics, process: str) -> None:
    """Create every known series of the process's counters, with the value 0."""
    for name, label_sets in label_sets_of(process).items():
        counter: Counter = getattr(metrics, name)
        for labels in label_sets:
            counter.labels(*labels)


def label_sets_of(process: str) -> LabelSets:
    """Return the label sets of a process's counters. Raises KeyError for an unknown process.

    >>> label_sets_of("intake")["intake_records"][0]
    ('support.tickets', 'accepted')
    >>> sorted(label_sets_of("relay"))
    ['published', 'retries']
    """
    if process in GROUPS:
        own = _of_drafting() if process == DRAFTING else _OF_MODEL[process]
        return {**_of_group(process), **own}
    return _OF_SERVER[process]


def _of_group(group: str) -> LabelSets:
    topics = GROUPS[group]
    return {
        "records": list(product([group], topics, FATES)),
        "dead_letters": list(product([group], get_args(Reason))),
        "redelivered": list(product([group], topics)),
        "retries": list(product([group], DEPENDENCIES)),
        "fenced": [(group,)],
    }


def _of_drafting() -> LabelSets:
    # Only the drafting group pays for the import of the composer and its rules.
    from responders.drafting.holdout import HELD_OUT
    from responders.generation.models.outcomes import FailureReason, Fallback, ShadowOutcome

    return {
        "drafts": list(product(get_args(DraftKind), ("ready", "abstained", "stale"))),
        "abstentions": list(product([DRAFTING], (*NO_DRAFT, HELD_OUT))),
        "drafts_retired": _each(RETIREMENTS),
        "desk_lesson_changes": _each(("confidence", "ranking")),
        "generator_requests": list(product(GENERATORS, ("answered", *get_args(FailureReason)))),
        "generator_tokens": list(product(GENERATORS, ("prompt", "answer"))),
        "generator_cost": _each(GENERATORS),
        "generator_sentences": list(product(GENERATORS, ("passed", "refused"))),
        "generator_answers": list(product(GENERATORS, ("written", *get_args(Fallback)))),
        "generator_shadow": list(product(GENERATORS, get_args(ShadowOutcome))),
    }


def _each(values: Iterable[str]) -> list[tuple[str, ...]]:
    return [(value,) for value in values]


_OF_MODEL: Final[Mapping[str, LabelSets]] = {
    SENTIMENT: {
        "moods": _each([*get_args(Mood), "abstained"]),
        "desk_mood_changes": _each(("promoted", "demoted")),
        "abstentions": list(product([SENTIMENT], NO_MOOD)),
    },
    USAGE: {
        "anomalies": _each(get_args(AnomalyCause)),
        "detectors_set_aside": _each(get_args(DetectorStage)),
    },
    CHURN: {
        "churn_alerts": _each(get_args(AlertCause)),
        "cases": _each(("opened", "joined", "recovered", "expired", "rested", "quietened")),
        "incidents": _each(get_args(AlertCause)),
    },
}
_OF_SERVER: Final[Mapping[str, LabelSets]] = {
    RELAY: {
        "published": _each(spec.name for spec in TOPICS),
        "retries": list(product([RELAY], DEPENDENCIES)),
    },
    DESK: {
        "decisions": _each(get_args(Action)),
        "drafts_retired": _each((DESK_REPLY,)),
        "mood_corrections": list(product([*get_args(Mood), "none"], get_args(Mood))),
    },
    INTAKE: {
        "intake_records": list(product((TICKETS, USAGE_EVENTS), ("accepted", "refused", "unacknowledged")))
    },
}
