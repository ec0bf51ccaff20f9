"""Every metric of the service, declared here and observed only in `streams`.

Labels are bounded: group, topic, partition, fate, reason; never an account, a ticket, a person,
free text or an exception message. Units are base units and part of the name.
"""

from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)

LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""Upper bounds in seconds."""

SIZE_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 8192, 65536)
"""Upper bounds in records or texts."""

DetectorStage = Literal["observe", "advance", "save"]
"""The step in which our code failed on an account's detector: an event, the clock, packing its state."""


class Metrics:
    """The metrics of one process on one registry; a fresh registry in every test."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._declare_records()
        self._declare_stages()
        self._declare_models()
        self._declare_generators()
        self._declare_outbox()
        self._declare_desk()
        self._declare_intake()

    def watch_process(self) -> None:
        """Add `process_*` and `python_*`: memory, CPU seconds, file descriptors, garbage collection."""
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def _declare_records(self) -> None:
        self.records = self._counter(
            "rapport_records",
            "Records by fate: effect, duplicate, late or dead_letter.",
            "consumer_group",
            "topic",
            "fate",
        )
        self.dead_letters = self._counter(
            "rapport_dead_letters", "Dead letters written, by reason.", "consumer_group", "reason"
        )
        self.lag_seconds = self._gauge(
            "rapport_lag_seconds",
            "Age of the oldest record not yet handled; 0 when nothing waits.",
            "consumer_group",
            "topic",
            "partition",
        )
        self.lag_records = self._gauge(
            "rapport_lag_records",
            "Records between the end of the partition and the last one handled.",
            "consumer_group",
            "topic",
            "partition",
        )
        self.last_progress = self._gauge(
            "rapport_last_progress_timestamp_seconds",
            "Unix time of the last committed batch.",
            "consumer_group",
        )
        self.partition_paused = self._gauge(
            "rapport_partition_paused",
            "1 while a partition waits for a person because too many of its records failed.",
            "consumer_group",
            "topic",
            "partition",
        )

        self.redelivered = self._counter(
            "rapport_redelivered_records",
            "Records delivered again and skipped because they had their fate already.",
            "consumer_group",
            "topic",
        )

    def _declare_stages(self) -> None:
        self.stage_seconds = self._histogram(
            "rapport_stage_seconds",
            "Time in one stage of a batch: decode, run, write.",
            "consumer_group",
            "stage",
            buckets=LATENCY_BUCKETS,
        )
        self.end_to_end_seconds = self._histogram(
            "rapport_end_to_end_seconds",
            "Time from the broker's append of a record to the commit of its effect.",
            "consumer_group",
            buckets=LATENCY_BUCKETS,
        )
        self.batch_records = self._histogram(
            "rapport_batch_records", "Records in one batch.", "consumer_group", buckets=SIZE_BUCKETS
        )
        self.retries = self._counter(
            "rapport_retries",
            "Attempts repeated because a dependency was away.",
            "consumer_group",
            "dependency",
        )
        self.fenced = self._counter(
            "rapport_fenced_writes",
            "Writes refused because another worker owns the partition.",
            "consumer_group",
        )

        self.dependency_answered = self._gauge(
            "rapport_dependency_answered_timestamp_seconds",
            "Unix time of a dependency's last answer to this process; 0 if it never answered.",
            "dependency",
        )
        self.clock_correction = self._gauge(
            "rapport_clock_correction_seconds",
            "Seconds by which the database's clock was ahead of this process's at the last query.",
        )

    def _declare_models(self) -> None:
        self.model_batch_items = self._histogram(
            "rapport_model_batch_items", "Texts in one padded model batch.", "model", buckets=SIZE_BUCKETS
        )
        self.abstentions = self._counter(
            "rapport_model_abstentions", "Answers a model declined to give, by reason.", "model", "reason"
        )
        self.moods = self._counter("rapport_sentiments", "Messages scored, by label.", "label")
        self._declare_desk_moods()
        self._declare_desk_lessons()
        self.anomalies = self._counter("rapport_anomalies", "Usage anomalies found, by cause.", "cause")
        self.churn_alerts = self._counter("rapport_churn_alerts", "Churn alerts raised, by cause.", "cause")
        self.cases = self._counter(
            "rapport_cases",
            "Changes of cases: opened, joined, recovered, expired; rested or quietened if none opened.",
            "change",
        )
        self.rule_precision = self._gauge(
            "rapport_rule_precision_ratio",
            "Share of a rule's cases that people called right: mean, and low and high end of 90 %.",
            "rule",
            "bound",
        )
        self.rule_quiet = self._gauge(
            "rapport_rule_paused", "1 while a rule opens no cases because most of them were wrong.", "rule"
        )
        self.incidents = self._counter("rapport_incidents", "Incidents raised for a shared cause.", "cause")
        self.drafts = self._counter(
            "rapport_drafts", "Drafts by outcome: ready, abstained or stale.", "kind", "outcome"
        )
        self.drafts_retired = self._counter(
            "rapport_drafts_retired", "Drafts that became stale before a person decided, by reason.", "reason"
        )
        self.detectors_set_aside = self._counter(
            "rapport_detectors_set_aside",
            "Usage detectors set aside because our code failed on them, by the step that failed.",
            "stage",
        )
        self.budget_spent = self._gauge(
            "rapport_alert_budget_spent_ratio",
            "Usage alerts by those that the budget asks for, half-life 60 days; 1 is on budget, by side.",
            "side",
        )
        self.detector_accounts = self._gauge(
            "rapport_detector_accounts", "Accounts whose usage this process watches."
        )

    def _declare_desk_moods(self) -> None:
        self.desk_mood_changes = self._counter(
            "rapport_desk_mood_changes",
            "Changes of the desk's mood model: promoted, or demoted to the shipped model.",
            "change",
        )
        of_newest = "on the newest 200 corrections, each predicted before it was learned, by model."
        self.desk_mood_log_loss = self._gauge(
            "rapport_desk_mood_log_loss_nats", f"Log loss {of_newest}", "model"
        )
        self.desk_mood_accuracy = self._gauge(
            "rapport_desk_mood_accuracy_ratio", f"Accuracy {of_newest}", "model"
        )
        self.desk_mood_calibration_error = self._gauge(
            "rapport_desk_mood_calibration_error_ratio", f"Calibration error {of_newest}", "model"
        )
        self.mood_drift = self._gauge(
            "rapport_mood_drift_index",
            "Stability index (PSI) of P(negative): the newest 1,000 scores against the first 1,000.",
        )

    def _declare_desk_lessons(self) -> None:
        self.desk_decided_drafts = self._gauge(
            "rapport_desk_decision_records",
            "Newest decisions on drafts that the desk learned from.",
            "action",
        )
        self.desk_sent_unchanged = self._gauge(
            "rapport_desk_sent_unchanged_ratio",
            "Share of decided drafts that were sent unchanged: low and high end of the 95 % interval, share.",
            "bound",
        )
        self.desk_confidence_offset = self._gauge(
            "rapport_desk_confidence_offset_nats",
            "What decisions add to the log-odds that a draft answers; 0 if nothing.",
        )
        self.desk_confidence_log_loss = self._gauge(
            "rapport_desk_confidence_log_loss_nats",
            "Log loss of that probability on decisions, each predicted before it was learned, by model.",
            "model",
        )
        self.desk_lesson_changes = self._counter(
            "rapport_desk_lesson_changes",
            "Changes of what decisions do to drafts: to their confidence, or to the ranking of sources.",
            "change",
        )

    def _declare_generators(self) -> None:
        self.generator_requests = self._counter(
            "rapport_generator_requests",
            "Requests to the language model of drafts: answered, or the reason of the failure.",
            "generator",
            "outcome",
        )
        self.generator_seconds = self._histogram(
            "rapport_generator_request_seconds",
            "Time of a request to the language model.",
            "generator",
            buckets=LATENCY_BUCKETS,
        )
        self.generator_tokens = self._counter(
            "rapport_generator_tokens", "Tokens of prompts and answers.", "generator", "kind"
        )
        self.generator_cost = self._counter(
            "rapport_generator_cost", "Cost of the tokens by the prices in the settings.", "generator"
        )
        self.generator_sentences = self._counter(
            "rapport_generator_sentences",
            "Sentences of the language model that the claim check passed or refused.",
            "generator",
            "result",
        )
        self.generator_answers = self._counter(
            "rapport_generator_answers",
            "Answers to asks: written by the language model, or why the composer's was taken.",
            "generator",
            "outcome",
        )
        self.generator_shadow = self._counter(
            "rapport_generator_shadow_drafts",
            "Hidden drafts of the language model, compared with the shown ones.",
            "generator",
            "outcome",
        )
        self.generator_breaker_open = self._gauge(
            "rapport_generator_paused",
            "1 while the breaker refuses requests to the language model because many failed.",
            "generator",
        )

    def _declare_outbox(self) -> None:
        self.outbox_pending = self._gauge("rapport_outbox_pending_rows", "Outbox rows not yet published.")
        self.outbox_age = self._gauge(
            "rapport_outbox_oldest_age_seconds", "Age of the oldest outbox row not yet published."
        )
        self.published = self._counter("rapport_outbox_published", "Outbox rows published.", "topic")

    def _declare_desk(self) -> None:
        self.decisions = self._counter("rapport_draft_decisions", "Decisions of people on drafts.", "action")
        self.mood_corrections = self._counter(
            "rapport_mood_corrections",
            "Moods that people gave messages, by the model's mood and theirs; equal if they confirmed it.",
            "from",
            "to",
        )
        self.desk_requests = self._histogram(
            "rapport_desk_request_seconds",
            "Time to answer a request of the desk.",
            "route",
            "status",
            buckets=LATENCY_BUCKETS,
        )
        self.ready = self._gauge("rapport_ready", "1 while /readyz answers 200.")
        self.build = Info("rapport_build", "Version of the running build.", registry=self.registry)

    def _declare_intake(self) -> None:
        self.intake_requests = self._histogram(
            "rapport_intake_request_seconds",
            "Time to answer a request of the intake.",
            "route",
            "status",
            buckets=LATENCY_BUCKETS,
        )
        self.intake_records = self._counter(
            "rapport_intake_records",
            "Events sent to the intake: accepted, refused (its request has a wrong event) or unacknowledged.",
            "topic",
            "fate",
        )
        self.intake_in_flight = self._gauge(
            "rapport_intake_in_flight_bytes", "Bytes of requests not yet answered."
        )

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, *labels: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, meaning, labels, buckets=buckets, registry=self.registry)
