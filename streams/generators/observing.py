"""The metrics of the model that writes drafts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from responders.generation.models.outcomes import FailureReason, Fallback, ShadowOutcome
from streams.process.metrics import Metrics

RequestOutcome = FailureReason | Literal["answered"]


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in the operator's currency."""

    prompt: float = 0.0
    answer: float = 0.0

    def of(self, prompt_tokens: int, answer_tokens: int) -> float:
        """Return the cost of a request.

        >>> Prices(prompt=0.5, answer=2.0).of(1_000_000, 500_000)
        1.5
        """
        return (prompt_tokens * self.prompt + answer_tokens * self.answer) / 1_000_000


class GeneratorMetrics:
    """Counts requests, tokens, cost, sentences, answers and hidden drafts of one kind of model."""

    def __init__(self, metrics: Metrics, generator: str, prices: Prices) -> None:
        self._metrics = metrics
        self._generator = generator
        self._prices = prices

    def request(self, outcome: RequestOutcome, seconds: float) -> None:
        """Count one request and its time in seconds."""
        self._metrics.generator_requests.labels(self._generator, outcome).inc()
        self._metrics.generator_seconds.labels(self._generator).observe(seconds)

    def tokens(self, prompt: int, answer: int) -> None:
        """Count the tokens of one request and their cost."""
        self._metrics.generator_tokens.labels(self._generator, "prompt").inc(prompt)
        self._metrics.generator_tokens.labels(self._generator, "answer").inc(answer)
        self._metrics.generator_cost.labels(self._generator).inc(self._prices.of(prompt, answer))

    def breaker(self, *, is_open: bool) -> None:
        """Show the state of the breaker."""
        self._metrics.generator_breaker_open.labels(self._generator).set(is_open)

    def sentences(self, passed: int, refused: int) -> None:
        """Count checked sentences."""
        self._metrics.generator_sentences.labels(self._generator, "passed").inc(passed)
        self._metrics.generator_sentences.labels(self._generator, "refused").inc(refused)

    def answers(self, written: int, fallbacks: Sequence[Fallback]) -> None:
        """Count answers of the model, and those of the composer by reason."""
        self._metrics.generator_answers.labels(self._generator, "written").inc(written)
        for reason in fallbacks:
            self._metrics.generator_answers.labels(self._generator, reason).inc()

    def shadowed(self, outcome: ShadowOutcome) -> None:
        """Count one hidden draft."""
        self._metrics.generator_shadow.labels(self._generator, outcome).inc()
