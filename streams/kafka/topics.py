"""The topics: their names, records and consumer groups; `streams/kafka/brokers.py` creates them."""

from dataclasses import dataclass

TICKETS = "support.tickets"
USAGE_EVENTS = "product.usage-events"
SIGNALS = "customer.signals"
CHURN_ALERTS = "success.churn-alerts"
REPLY_DRAFTS = "support.reply-drafts"
REDRAFTS = "rapport.redrafts"
DEAD_LETTERS = "rapport.dead-letters"

SENTIMENT = "sentiment"
USAGE = "usage"
CHURN = "churn"
DRAFTING = "drafting"


@dataclass(frozen=True)
class TopicSpec:
    """One topic: the type of its records, the groups that read it, and how long records are kept."""

    name: str
    record: str
    groups: tuple[str, ...]
    retention_days: int


TOPICS: tuple[TopicSpec, ...] = (
    TopicSpec(TICKETS, "Ticket", (SENTIMENT, DRAFTING), 28),
    TopicSpec(USAGE_EVENTS, "UsageEvent", (USAGE,), 28),
    TopicSpec(SIGNALS, "Signal", (CHURN,), 28),
    TopicSpec(CHURN_ALERTS, "ChurnAlert", (DRAFTING,), 28),
    TopicSpec(REPLY_DRAFTS, "Draft", (), 28),
    TopicSpec(REDRAFTS, "Redraft", (DRAFTING,), 28),
    TopicSpec(DEAD_LETTERS, "DeadLetter", (), 28),
)
"""Every topic of the service."""

TOPIC_NAMES = tuple(spec.name for spec in TOPICS)

GROUPS: dict[str, tuple[str, ...]] = {
    group: tuple(spec.name for spec in TOPICS if group in spec.groups)
    for group in (SENTIMENT, USAGE, CHURN, DRAFTING)
}
"""The topics that each consumer group reads."""
