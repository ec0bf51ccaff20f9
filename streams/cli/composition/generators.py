"""Build the generator of drafts: the composer, or a language model with the composer behind it."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from streams.cli.composition.devices import prepared_device, without_progress_bar
from streams.cli.sentences import NotConfiguredError
from streams.process.metrics import Metrics
from streams.process.settings import Settings

if TYPE_CHECKING:
    from responders.generation.brief import TextGenerator
    from responders.generation.models.chat import ChatModel
    from streams.generators.observing import GeneratorMetrics

MIN_BATCH_TOKENS: Final = 4_096
"""Padded tokens that one batch of a model on this machine may have at least."""


def generator_of(settings: Settings, metrics: Metrics) -> "TextGenerator":
    """Return what writes drafts by the settings. Raises NotConfiguredError if a model cannot be used."""
    from responders.generation.composer import Composer

    composer = Composer()
    if settings.generator == "composer":
        return composer
    from responders.drafting.model_writer import ModelGenerator, WriterLimits
    from responders.drafting.shares import ModelShare, SharedGenerator
    from streams.generators.observing import GeneratorMetrics, Prices

    prices = Prices(settings.generator_price_prompt, settings.generator_price_answer)
    observer = GeneratorMetrics(metrics, settings.generator, prices)
    model = ModelGenerator(
        _guarded(settings, observer),
        composer,
        WriterLimits(settings.generator_seconds, settings.generator_max_tokens),
        observer=observer,
        clock=time.monotonic,
    )
    share = ModelShare(settings.generator_share, shadow=settings.generator_shadow)
    return SharedGenerator(model, composer, share, observer)


def drafts_at_once(settings: Settings) -> int:
    """Return how many drafts are written at the same time; the composer writes one after the other."""
    return 1 if settings.generator == "composer" else settings.generator_at_once


def drafting_records(settings: Settings) -> int:
    """Return how many records one batch of drafting may have.

    A batch with a language model is small, so that it ends within two times the time of a draft.
    """
    if settings.generator == "composer":
        return settings.max_batch_records
    return min(settings.max_batch_records, 2 * settings.generator_at_once)


def _guarded(settings: Settings, observer: "GeneratorMetrics") -> "ChatModel":
    from streams.generators.breaker import CircuitBreaker, DailyTokens, RetryBudget
    from streams.generators.guarding import GuardedModel, Guards

    guards = Guards(
        CircuitBreaker(time.monotonic),
        RetryBudget(),
        DailyTokens(settings.generator_daily_tokens or None, lambda: datetime.now(UTC).date()),
        observer,
        clock=time.monotonic,
        sleep=time.sleep,
    )
    return GuardedModel(_server(settings) if settings.generator == "server" else _local(settings), guards)


def _server(settings: Settings) -> "ChatModel":
    if settings.generator_url is None or settings.generator_model is None:
        raise NotConfiguredError(
            "RAPPORT_GENERATOR=server needs RAPPORT_GENERATOR_URL and RAPPORT_GENERATOR_MODEL."
        )
    from streams.generators.server import ServerModel, ServerOptions

    key = settings.generator_key.get_secret_value() if settings.generator_key else None
    return ServerModel(
        ServerOptions(settings.generator_url, settings.generator_model, key, settings.generator_format)
    )


def _local(settings: Settings) -> "ChatModel":
    if settings.generator_folder is None:
        raise NotConfiguredError("RAPPORT_GENERATOR=transformers needs RAPPORT_GENERATOR_FOLDER.")
    from streams.generators.batching import BatchedModel
    from streams.generators.causal import CausalFolderError, CausalModel
    from streams.gpu import GpuRunner

    device, dtype = prepared_device(settings)
    without_progress_bar()
    try:
        model = CausalModel.load(
            settings.generator_folder, device=device, dtype=dtype, max_seconds=settings.generator_seconds
        )
    except CausalFolderError as error:
        raise NotConfiguredError(f"RAPPORT_GENERATOR_FOLDER cannot be used: {error}.") from error
    runner = GpuRunner(max_tokens=max(MIN_BATCH_TOKENS, settings.max_tokens))

    def answer_all(prompts: Any) -> Any:
        return runner.run_blocking(model, prompts, task="generation")

    return BatchedModel(model.name, answer_all, at_once=settings.generator_at_once)
