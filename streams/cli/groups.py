"""Build one group's app from settings. Imported only by `rapport worker`: Faust is heavy."""

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from streams.app import GroupApp, Membership, build_app
from streams.cli.service import build_id, tolerance_of
from streams.consume import Options, Pipeline
from streams.kafka import Broker
from streams.metrics import Metrics
from streams.settings import Settings


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


class SharedEncoder:
    """The sentiment model's encoder as retrieval wants it: one encoder serves both."""

    def __init__(self, encode: Callable[..., npt.NDArray[np.float32]], *, max_tokens: int) -> None:
        self._encode = encode
        self._max_tokens = max_tokens

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return L2-normalised embeddings, shape (texts, 384)."""
        return self._encode(texts, max_tokens=self._max_tokens)


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


def _options(group: str, settings: Settings) -> Options:
    is_usage = group == "usage"
    return Options(
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
    """Load the sentiment model onto the configured device."""
    import torch
    from transformers.utils import logging as transformers_logging

    from detectors.sentiment import SentimentModel

    transformers_logging.disable_progress_bar()
    torch.set_num_threads(settings.torch_threads)
    device = device_of(settings)
    weights = Path(settings.sentiment_weights) if settings.sentiment_weights else None
    dtype = torch.bfloat16 if device.startswith("cuda") else None
    return SentimentModel.load(weights=weights, device=device, dtype=dtype)


def shared_encoder(model: Any, settings: Settings) -> SharedEncoder:
    """Return the model's encoder for retrieval."""
    return SharedEncoder(model.encoder.encode, max_tokens=token_limit(settings))


def device_scorer(model: Any, parts: Parts) -> Any:
    """Return the model behind the thread that owns the device, with its batches observed."""
    from streams.gpu import GpuRunner
    from streams.sentiment import DeviceScorer

    items = parts.metrics.model_batch_items.labels("sentiment")
    runner = GpuRunner(
        max_tokens=token_limit(parts.settings), on_batch=lambda batch: items.observe(batch.items)
    )
    return DeviceScorer(model, runner)


def _sentiment(parts: Parts) -> list[Any]:
    from streams.sentiment import SentimentHandler

    scorer = device_scorer(load_sentiment(parts.settings), parts)
    return [
        SentimentHandler(
            scorer, metrics=parts.metrics, max_tokens=token_limit(parts.settings), tolerance=parts.tolerance
        )
    ]


def _usage(parts: Parts) -> list[Any]:
    from streams.history import history_of
    from streams.topics import USAGE_EVENTS
    from streams.usage import UsageHandler

    history = history_of(parts.broker, USAGE_EVENTS)
    return [UsageHandler(metrics=parts.metrics, tolerance=parts.tolerance, history=history)]


def _churn(parts: Parts) -> list[Any]:
    from streams.churn import ChurnHandler

    return [ChurnHandler(metrics=parts.metrics)]


def _drafting(parts: Parts) -> list[Any]:
    from responders.drafting import Drafter, Rules
    from responders.generation import Composer
    from responders.store.knowledge import SqlKnowledge
    from streams.drafting import DraftingHandler, OutreachHandler

    model = load_sentiment(parts.settings)
    knowledge = SqlKnowledge(parts.engine, shared_encoder(model, parts.settings))
    rules = Rules(
        threshold=parts.settings.draft_threshold,
        allowed_hosts=frozenset(parts.settings.link_hosts),
        signature=parts.settings.draft_signature,
        metric_names=parts.settings.metric_names,
    )
    drafter = Drafter(knowledge, Composer(), rules)
    scorer = device_scorer(model, parts)
    replies = DraftingHandler(parts.engine, drafter, scorer, metrics=parts.metrics, tolerance=parts.tolerance)
    return [replies, OutreachHandler(parts.engine, drafter, metrics=parts.metrics)]


_BUILDERS: dict[str, Callable[[Parts], list[Any]]] = {
    "sentiment": _sentiment,
    "usage": _usage,
    "churn": _churn,
    "drafting": _drafting,
}
