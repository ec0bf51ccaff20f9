"""Build the device, the sentiment model and the embedder."""

from typing import Any, Final

from streams.cli.sentences import NotConfiguredError
from streams.process.database import first_line
from streams.process.metrics import Metrics
from streams.process.settings import Settings

CPU_MAX_TOKENS: Final = 1_024
"""Limit of padded tokens in one model batch on a CPU, where padding costs more than batching saves.

One text takes 4.7 ms at 1,024 padded tokens and 16.1 ms at 16,384 (`python -m tests.benchmarks tokens`).
"""


def device_of(settings: Settings) -> str:
    """Return the configured device; `auto` becomes `cuda` if there is a GPU, else `cpu`."""
    import torch

    if settings.device != "auto":
        return settings.device
    return "cuda" if torch.cuda.is_available() else "cpu"


def token_limit(settings: Settings) -> int:
    """Return how many padded tokens one model batch may have on the configured device."""
    on_cpu = device_of(settings) == "cpu"
    return min(settings.max_tokens, CPU_MAX_TOKENS) if on_cpu else settings.max_tokens


def load_sentiment(settings: Settings) -> Any:
    """Load the sentiment model onto the configured device.

    Raises NotConfiguredError for an unusable device or damaged weights, OSError for unreadable files.
    """
    import torch

    from detectors.sentiment import DamagedWeightsError, SentimentModel

    device = _prepared_device(settings)
    dtype = torch.bfloat16 if device.startswith("cuda") else None
    try:
        return SentimentModel.load(
            weights=settings.sentiment_weights,
            device=device,
            dtype=dtype,
            target_error=settings.sentiment_target_error,
        )
    except DamagedWeightsError as error:
        if settings.sentiment_weights is None:
            raise
        raise NotConfiguredError(f"RAPPORT_SENTIMENT_WEIGHTS cannot be used: {error}.") from error


def load_baseline() -> Any:
    """Return the model of word lists, which every other model must beat; it needs no device."""
    from detectors.sentiment import LexiconSentiment

    return LexiconSentiment()


def _refuse_unusable_device(device: str) -> None:
    import torch

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise NotConfiguredError(
            f"RAPPORT_DEVICE cannot be used: {first_line(error)}. Set cpu, cuda, cuda:N or auto."
        ) from error


def device_runner(settings: Settings, metrics: Metrics | None = None) -> Any:
    """Return the one thread of this process that owns the device; `metrics` observe its batches."""
    from streams.gpu import GpuRunner, ObservedBatch

    def observe(batch: ObservedBatch) -> None:
        if metrics is not None:
            metrics.model_batch_items.labels(batch.task).observe(batch.items)

    return GpuRunner(max_tokens=token_limit(settings), on_batch=observe)


def load_embedder(settings: Settings) -> Any:
    """Load the encoder for a command that embeds texts, with a device thread of its own."""
    from streams.gpu import DeviceEmbedder

    return DeviceEmbedder(load_encoder(settings), device_runner(settings))


def load_encoder(settings: Settings) -> Any:
    """Load the encoder of retrieval onto the configured device; it has no adapters.

    Raises NotConfiguredError for an unusable device, OSError for unreadable files.
    """
    import torch

    from detectors.sentiment import TextEncoder

    device = _prepared_device(settings)
    return TextEncoder.load(device, dtype=torch.bfloat16 if device.startswith("cuda") else None)


def _prepared_device(settings: Settings) -> str:
    import torch
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    torch.set_num_threads(settings.torch_threads)
    device = device_of(settings)
    _refuse_unusable_device(device)
    return device
