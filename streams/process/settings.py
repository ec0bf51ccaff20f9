"""Every setting of the service, read from the environment with the prefix `RAPPORT_`.

Only `streams/cli/composition` reads `Settings`; all other code receives plain values.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from schemas.base import OneLineText
from streams.process.setting_values import (
    HostNames,
    InCapitals,
    JsonObject,
    ListeningHost,
    MetricWords,
    NameList,
    NoneIfEmpty,
    PathPrefix,
    UsageKind,
)


class Settings(BaseSettings):
    """The settings and their defaults; `RAPPORT_` + name in capitals sets a value, unless it is empty."""

    model_config = SettingsConfigDict(env_prefix="RAPPORT_", env_ignore_empty=True, frozen=True)

    bootstrap_servers: Annotated[str | None, NoneIfEmpty] = Field(
        default=None,
        description="Kafka brokers, `host:port` separated by commas. Empty: the embedded broker.",
    )
    security_protocol: Annotated[Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], InCapitals] = (
        Field(default="PLAINTEXT", description="Protocol between us and Kafka.")
    )
    sasl_mechanism: Annotated[Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], InCapitals] = Field(
        default="SCRAM-SHA-512", description="SASL mechanism, if the protocol is a SASL one."
    )
    sasl_username: str | None = Field(default=None, description="SASL user name.")
    sasl_password: SecretStr | None = Field(default=None, description="SASL password.")
    ssl_ca_file: Annotated[Path | None, NoneIfEmpty] = Field(
        default=None, description="CA certificates for Kafka; empty: the system's."
    )
    database_url: Annotated[SecretStr | None, NoneIfEmpty] = Field(
        default=None,
        description="PostgreSQL 15+ with pgvector, `postgresql+psycopg://…`. Empty: the embedded database.",
    )
    data_folder: Path = Field(
        default=Path(".rapport"),
        description="Folder for the data of the embedded broker and database; it must hold nothing else.",
    )
    topic_partitions: int = Field(default=8, ge=1, le=1024, description="Partitions of each topic we create.")
    topic_replication: int = Field(
        default=1, ge=1, le=9, description="Replication factor of each topic we create."
    )
    group_instance_id: Annotated[str | None, NoneIfEmpty] = Field(
        default=None, max_length=200, description="Static member id of this worker, such as the pod's name."
    )
    session_timeout_seconds: float = Field(
        default=20.0,
        ge=6,
        le=300,
        description="Silence of a worker after which the broker gives its partitions to others.",
    )
    max_batch_records: int = Field(
        default=256, ge=1, le=10_000, description="Tickets or signals in one batch."
    )
    max_wait_seconds: float = Field(
        default=0.05, ge=0, le=10, description="How long a batch waits for more records."
    )
    max_tokens: int = Field(
        default=16_384,
        ge=256,
        le=1_000_000,
        description="Padded tokens in one model batch; a CPU takes at most 1,024, because more is slower.",
    )
    max_record_bytes: int = Field(
        default=1_000_000, ge=1_000, le=10_000_000, description="Larger values become dead letters unread."
    )
    usage_snapshot_seconds: float = Field(
        default=1.0, ge=0.05, le=60, description="How often usage detector states and offsets are saved."
    )
    usage_snapshot_records: int = Field(
        default=50_000,
        ge=100,
        le=1_000_000,
        description="Number of usage events after which states are saved at the latest.",
    )
    future_tolerance_seconds: float = Field(
        default=300.0, ge=0, le=86_400, description="Events further ahead of our clock are dead letters."
    )
    device: str = Field(
        default="auto", description="`cpu`, `cuda`, `cuda:N`; `auto` takes a GPU if there is one."
    )
    torch_threads: int = Field(default=1, ge=1, le=128, description="CPU threads of one model process.")
    sentiment_weights: Annotated[Path | None, NoneIfEmpty] = Field(
        default=None, description="Folder with mood.safetensors and mood.json; empty: the shipped weights."
    )
    sentiment_target_error: float = Field(
        default=0.1,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="Share of wrong moods to accept; the model abstains as uncertain to stay below it.",
    )
    sentiment_model: Annotated[Path | None, NoneIfEmpty] = Field(
        default=None,
        description="Folder with a sequence-classification model of transformers; empty: the shipped model.",
    )
    alerts_per_month: float = Field(
        default=0.02,
        ge=0.001,
        le=1,
        allow_inf_nan=False,
        description="Alerts to allow per account and month, for usage and for risk each: the alert budget.",
    )
    alert_score: float = Field(
        default=0.3,
        ge=0.05,
        le=1,
        allow_inf_nan=False,
        description="Anomalies and moods whose common score is lower raise no churn alert.",
    )
    draft_signature: OneLineText = Field(
        default="The support team", max_length=200, description="Signature of drafts."
    )
    draft_threshold: float = Field(
        default=0.4,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="No draft is written if the probability that a source answers is lower.",
    )
    draft_holdout: float = Field(
        default=0.0,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Share of tickets whose drafts are not shown, to measure what drafts change.",
    )
    generator: Literal["composer", "server", "transformers"] = Field(
        default="composer",
        description="What writes drafts: no language model, a server, or a model on this machine.",
    )
    generator_share: float = Field(
        default=1.0,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Share of tickets that the language model writes; the composer writes the others.",
    )
    generator_shadow: bool = Field(
        default=False,
        description="The language model writes for its share of tickets, but only figures of it are kept.",
    )
    generator_url: Annotated[str | None, NoneIfEmpty] = Field(
        default=None,
        max_length=2_000,
        pattern=r"^https?://\S+$",
        description="Base URL of a server that speaks the OpenAI protocol, such as `http://llm:8000/v1`.",
    )
    generator_model: Annotated[OneLineText | None, NoneIfEmpty] = Field(
        default=None, max_length=200, description="Name of the model on that server."
    )
    generator_key: Annotated[SecretStr | None, NoneIfEmpty] = Field(
        default=None, description="Key of that server, if it asks for one."
    )
    generator_format: Literal["json_schema", "json_object", "text"] = Field(
        default="json_schema", description="How that server is asked for JSON; some know only the later ones."
    )
    generator_folder: Annotated[Path | None, NoneIfEmpty] = Field(
        default=None, description="Folder with a causal language model of transformers, as safetensors."
    )
    generator_seconds: float = Field(
        default=20.0,
        ge=1,
        le=600,
        description="Time of the language model for one draft; then the composer writes it.",
    )
    generator_max_tokens: int = Field(
        default=700, ge=50, le=8_000, description="Tokens of one answer of the language model."
    )
    generator_at_once: int = Field(
        default=4, ge=1, le=12, description="Drafts that the language model writes at the same time."
    )
    generator_daily_tokens: int = Field(
        default=0, ge=0, description="Tokens of the language model for each account and day; 0: no limit."
    )
    generator_price_prompt: float = Field(
        default=0.0,
        ge=0,
        allow_inf_nan=False,
        description="Price of a million prompt tokens, for the metrics.",
    )
    generator_price_answer: float = Field(
        default=0.0,
        ge=0,
        allow_inf_nan=False,
        description="Price of a million answer tokens, for the metrics.",
    )
    link_hosts: HostNames = Field(
        default=(),
        description="Hosts that drafts may link to besides those of public articles, separated by commas.",
    )
    metric_names: Annotated[dict[UsageKind, MetricWords], NoDecode, JsonObject] = Field(
        default={}, description='Your words for usage kinds, as a JSON object: `{"api.call": "API calls"}`.'
    )
    desk_host: ListeningHost = Field(default="127.0.0.1", description="Address the desk listens on.")
    desk_port: int = Field(default=8765, ge=0, le=65_535, description="Port of the desk; 0 takes a free one.")
    desk_allowed_hosts: NameList = Field(
        default=(),
        description="Host names that the desk answers to, separated by commas, in addition to localhost.",
    )
    desk_path_prefix: PathPrefix = Field(
        default="",
        description="Path of the desk behind a proxy, such as `/rapport`; the proxy may strip it or not.",
    )
    desk_token: Annotated[SecretStr | None, NoneIfEmpty] = Field(
        default=None,
        min_length=16,
        description="Secret of the desk's start link. Empty: made on 127.0.0.1, not asked for elsewhere.",
    )
    trusted_proxies: NameList = Field(
        default=(),
        description="Addresses and networks of proxies whose forwarded headers count, separated by commas.",
    )
    intake_host: ListeningHost = Field(
        default="127.0.0.1",
        description="Address the intake listens on; any address but loopback needs tokens.",
    )
    intake_port: int = Field(
        default=8767, ge=0, le=65_535, description="Port of the intake; 0 takes a free one and logs it."
    )
    intake_tokens: SecretStr | None = Field(
        default=None,
        description="Bearer tokens of the intake, separated by commas; set two while one replaces the other.",
    )
    intake_max_body_bytes: int = Field(
        default=1_000_000, ge=1_000, le=10_000_000, description="Larger requests to the intake get 413."
    )
    intake_max_in_flight_bytes: int = Field(
        default=32_000_000,
        ge=1_000_000,
        le=1_000_000_000,
        description="Limit of unacknowledged bytes in the intake, 1,000 added per event; above it: 503.",
    )
    intake_ack_seconds: float = Field(
        default=5.0,
        ge=0.5,
        le=60,
        description="How long the intake waits for the broker's acknowledgement before it answers 503.",
    )
    metrics_host: ListeningHost = Field(
        default="127.0.0.1", description="Address of /metrics, /healthz and /readyz."
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65_535, description="Port of /metrics; 0 takes a free one and logs it."
    )
    stall_seconds: float = Field(
        default=60.0,
        ge=1,
        le=3_600,
        description="/healthz fails if records wait this long without progress.",
    )
    shutdown_seconds: float = Field(
        default=25.0, ge=1, le=300, description="How long work in flight may take after SIGTERM."
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], InCapitals] = Field(
        default="INFO", description="Lowest level that is logged."
    )

    @property
    def future_tolerance(self) -> timedelta:
        """How far ahead of our clock an event may be dated."""
        return timedelta(seconds=self.future_tolerance_seconds)
