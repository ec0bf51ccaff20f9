"""Build the sentiment model and the embedder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streams.cli.composition.devices import device_of, prepared_device, without_progress_bar
from streams.cli.sentences import NotConfiguredError
from streams.process.metrics import Metrics
from streams.process.settings import Settings

CPU_MAX_TOKENS: Final = 1_024
"""Limit of padded tokens in one model batch on a CPU, where padding costs more than batching saves.

One text takes 4.7 ms at 1,024 padded tokens and 16.1 ms at 16,384 (`python -m tests.benchmarks tokens`).
"""


def token_limit(settings: Settings) -> int:
    """Return how many padded tokens one model batch may have on the configured device."""
    on_cpu = device_of(settings) == "cpu"
    return min(settings.max_tokens, CPU_MAX_TOKENS) if on_cpu else settings.max_tokens


@dataclass(frozen=True, slots=True)
class LoadedModels:
    """The scorer of moods, the encoder of retrieval, and the models over the encoder without adapters.

    All of them run on one thread, which owns the device.
    """

    scorer: Any
    embedder: Any
    listener: Any


def load_models(settings: Settings, metrics: Metrics) -> LoadedModels:
    """Load scorer and encoder onto the configured device; `metrics` observe its batches.

    Raises as `load_sentiment` does.
    """
    from streams.gpu import DeviceEmbedder
    from streams.sentiment import DeviceScorer

    runner = device_runner(settings, metrics)
    scorer = DeviceScorer(load_sentiment(settings), runner)
    embedder = DeviceEmbedder(_retrieval(settings), runner)
    return LoadedModels(scorer, embedder, _listener(_encoder(settings), runner))


def load_sentiment(settings: Settings) -> Any:
    """Load the configured sentiment model onto the configured device: the shipped one, or a checkpoint.

    Raises NotConfiguredError for an unusable device, checkpoint or damaged weights, OSError for unreadable
    files.
    """
    if settings.sentiment_model is not None:
        return _checkpoint(settings, settings.sentiment_model)
    from detectors.sentiment import DamagedWeightsError, SentimentModel

    device, dtype = prepared_device(settings)
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


def _checkpoint(settings: Settings, folder: Path) -> Any:
    from detectors.sentiment.checkpoint import CheckpointModel
    from detectors.sentiment.checkpoint_folder import CheckpointError

    if settings.sentiment_weights is not None:
        raise NotConfiguredError("Set RAPPORT_SENTIMENT_MODEL or RAPPORT_SENTIMENT_WEIGHTS, not both.")
    device, dtype = prepared_device(settings)
    without_progress_bar()
    try:
        return CheckpointModel.load(folder, device=device, dtype=dtype)
    except CheckpointError as error:
        raise NotConfiguredError(f"RAPPORT_SENTIMENT_MODEL cannot be used: {error}.") from error


def _encoder(settings: Settings) -> Any:
    from detectors.sentiment import TextEncoder

    device, dtype = prepared_device(settings)
    return TextEncoder.load(device, dtype=dtype)


def _retrieval(settings: Settings) -> Any:
    """Load the encoder that matches questions with the sections that answer them."""
    from detectors.matching.weights_file import MatchingWeights
    from detectors.sentiment import TextEncoder

    device, dtype = prepared_device(settings)
    return TextEncoder.load(device, dtype=dtype, adapters=MatchingWeights.load().adapters)


def load_text_encoder() -> Any:
    """Load the encoder without adapters onto the CPU, for a training."""
    from detectors.sentiment import TextEncoder

    return TextEncoder.load()


def load_listener(settings: Settings) -> Any:
    """Load what hears messages for a command that reads texts, with a device thread of its own."""
    return _listener(_encoder(settings), device_runner(settings))


def _listener(encoder: Any, runner: Any) -> Any:
    from detectors.injections.model import OrderModel
    from detectors.personal.model import PersonalModel
    from detectors.routes.model import RouteModel
    from streams.hearing import DeviceListener, MessageHeads
    from streams.personal import NameLists

    personal = PersonalModel.load(encoder, NameLists())
    heads = MessageHeads(RouteModel.load(encoder), OrderModel.load(encoder), personal)
    return DeviceListener(encoder, heads, runner)


def device_runner(settings: Settings, metrics: Metrics | None = None) -> Any:
    """Return the one thread of this process that owns the device; `metrics` observe its batches."""
    from streams.gpu import GpuRunner, ObservedBatch

    def observe(batch: ObservedBatch) -> None:
        if metrics is not None:
            metrics.model_batch_items.labels(batch.task).observe(batch.items)

    return GpuRunner(max_tokens=token_limit(settings), on_batch=observe)


@dataclass(frozen=True, slots=True)
class IndexModels:
    """What indexes knowledge: the embedder, and what hears personal values in solved tickets."""

    embedder: Any
    personal: Any


def load_index_models(settings: Settings) -> IndexModels:
    """Load the models of the index for a command; both use one device thread."""
    from streams.gpu import DeviceEmbedder

    runner = device_runner(settings)
    return IndexModels(DeviceEmbedder(_retrieval(settings), runner), _listener(_encoder(settings), runner))


def personal_version() -> str:
    """Return the id of the shipped model of personal values without loading the encoder."""
    from detectors.personal.model import SHIPPED_WEIGHTS
    from detectors.personal.weights_file import PersonalWeights

    return PersonalWeights.load(SHIPPED_WEIGHTS).version


def load_embedder(settings: Settings) -> Any:
    """Load the encoder for a command that embeds texts, with a device thread of its own."""
    from streams.gpu import DeviceEmbedder

    return DeviceEmbedder(_retrieval(settings), device_runner(settings))
