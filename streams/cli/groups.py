"""Build one group's app from settings. Imported only by `rapport worker`: Faust is heavy."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from streams.cli.sentences import NotConfiguredError
from streams.cli.service import build_id, tolerance_of
from streams.consume import Pipeline, PipelineOptions
from streams.kafka.app import GroupApp, Membership, build_app
from streams.kafka.brokers import Broker
from streams.process.database import first_line
from streams.process.metrics import Metrics
from streams.process.settings import Settings


@dataclass(frozen=True)
class Parts:
    """What every handler is built from."""

    settings: Settings
    engine: Engine
    broker: Broker
    metrics: Metrics

    @property
    def tolerance(self) -> timedelta:
        """Return how far ahead of our clock an event may be dated."""
        return tolerance_of(self.settings)


def build_group(group: str, parts: Parts) -> GroupApp:
    """Return the group's app with its pipelines and models; nothing is consumed yet."""
    settings, options = parts.settings, _options(group, parts.settings)
    pipelines = [
        Pipeline(handler, parts.engine, metrics=parts.metrics, options=options)
        for handler in _BUILDERS[group](parts)
    ]
    membership = Membership(
        group,
        instance_id=settings.group_instance_id,
        session_timeout_seconds=settings.session_timeout_seconds,
        shutdown_seconds=settings.shutdown_seconds,
    )
    return build_app(pipelines, parts.broker, membership)


def _options(group: str, settings: Settings) -> PipelineOptions:
    is_usage = group == "usage"
    return PipelineOptions(
        max_records=settings.usage_snapshot_records if is_usage else settings.max_batch_records,
        max_wait_seconds=settings.usage_snapshot_seconds if is_usage else settings.max_wait_seconds,
        max_record_bytes=settings.max_record_bytes,
        owner=settings.group_instance_id or f"{socket.gethostname()}-{os.getpid()}",
        build=build_id(),
    )


CPU_MAX_TOKENS = 1_024
"""On a CPU padding costs more than batching saves: 4.7 ms a text at 1,024 padded tokens, 16.1 at 16,384
(`python -m tests.benchmarks tokens`)."""


def device_of(settings: Settings) -> str:
    """Return the configured device; `auto` is a GPU where one is."""
    import torch

    if settings.device != "auto":
        return settings.device
    return "cuda" if torch.cuda.is_available() else "cpu"


def token_limit(settings: Settings) -> int:
    """Return the padded tokens of one model batch on the configured device."""
    on_cpu = device_of(settings) == "cpu"
    return min(settings.max_tokens, CPU_MAX_TOKENS) if on_cpu else settings.max_tokens


def load_sentiment(settings: Settings) -> Any:
    """Load the sentiment model onto the configured device. Raises NotConfiguredError, or OSError."""
    import torch
    from transformers.utils import logging as transformers_logging

    from detectors.sentiment import DamagedWeightsError, SentimentModel

    transformers_logging.disable_progress_bar()
    torch.set_num_threads(settings.torch_threads)
    device = device_of(settings)
    _refuse_unusable(device)
    dtype = torch.bfloat16 if device.startswith("cuda") else None
    try:
        return SentimentModel.load(weights=settings.sentiment_weights, device=device, dtype=dtype)
    except DamagedWeightsError as error:
        if settings.sentiment_weights is None:
            raise
        raise NotConfiguredError(f"RAPPORT_SENTIMENT_WEIGHTS cannot be used: {error}.") from error


def _refuse_unusable(device: str) -> None:
    import torch

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise NotConfiguredError(
            f"RAPPORT_DEVICE cannot be used: {first_line(error)}. Set cpu, cuda, cuda:N or auto."
        ) from error


def device_runner(settings: Settings, metrics: Metrics | None = None) -> Any:
    """Return the one thread of this process that owns the device, with its batches observed in `metrics`."""
    from streams.gpu import GpuRunner, ObservedBatch

    def observe(batch: ObservedBatch) -> None:
        if metrics is not None:
            metrics.model_batch_items.labels(batch.task).observe(batch.items)

    return GpuRunner(max_tokens=token_limit(settings), on_batch=observe)


def load_embedder(settings: Settings) -> Any:
    """Load the encoder for a command that embeds texts: on a device thread of its own."""
    from streams.gpu import DeviceEmbedder

    return DeviceEmbedder(load_sentiment(settings).encoder, device_runner(settings))


def _sentiment(parts: Parts) -> list[Any]:
    from streams.sentiment import DeviceScorer, SentimentHandler

    scorer = DeviceScorer(load_sentiment(parts.settings), device_runner(parts.settings, parts.metrics))
    return [
        SentimentHandler(
            scorer, metrics=parts.metrics, max_tokens=token_limit(parts.settings), tolerance=parts.tolerance
        )
    ]


def _usage(parts: Parts) -> list[Any]:
    from streams.kafka.history import history_of
    from streams.kafka.topics import USAGE_EVENTS
    from streams.usage.handler import UsageHandler

    history = history_of(parts.broker, USAGE_EVENTS)
    return [UsageHandler(metrics=parts.metrics, tolerance=parts.tolerance, history=history)]


def _churn(parts: Parts) -> list[Any]:
    from streams.churn import ChurnHandler

    return [ChurnHandler(metrics=parts.metrics)]


def _drafting(parts: Parts) -> list[Any]:
    from responders.drafting import Drafter, Rules
    from responders.generation import Composer
    from responders.store.knowledge import SqlKnowledge
    from streams.drafting import DraftingHandler, Models, OutreachHandler
    from streams.gpu import DeviceEmbedder
    from streams.sentiment import DeviceScorer

    model, runner = load_sentiment(parts.settings), device_runner(parts.settings, parts.metrics)
    models = Models(DeviceScorer(model, runner), DeviceEmbedder(model.encoder, runner))
    rules = Rules(
        threshold=parts.settings.draft_threshold,
        allowed_hosts=frozenset(parts.settings.link_hosts),
        signature=parts.settings.draft_signature,
        metric_names=parts.settings.metric_names,
    )
    drafter = Drafter(SqlKnowledge(parts.engine), Composer(), rules)
    replies = DraftingHandler(parts.engine, drafter, models, metrics=parts.metrics, tolerance=parts.tolerance)
    return [replies, OutreachHandler(parts.engine, drafter, models.embedder, metrics=parts.metrics)]


_BUILDERS: dict[str, Callable[[Parts], list[Any]]] = {
    "sentiment": _sentiment,
    "usage": _usage,
    "churn": _churn,
    "drafting": _drafting,
}
