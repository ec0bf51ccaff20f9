"""A model behind a breaker, a retry budget and a daily budget of tokens; every request is counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from responders.generation.models.chat import ChatModel, ChatPrompt, ChatReply, ModelFailureError
from responders.generation.models.outcomes import FailureReason
from streams.generators.breaker import CircuitBreaker, DailyTokens, RetryBudget
from streams.generators.observing import GeneratorMetrics
from streams.process.backoff import Backoff

CHARS_PER_TOKEN: Final = 4
"""Characters of a prompt that count as one token, for reservations and for models that do not tell."""

RETRIED: Final[frozenset[FailureReason]] = frozenset({"unreachable", "rate_limited", "server_error"})
"""Failures after which the same request may work a moment later."""

FAULTS: Final[frozenset[FailureReason]] = RETRIED | {"timeout", "refused", "malformed"}
"""Failures that say something about the model, and count for the breaker."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What surrounds a model. `clock` returns growing seconds; `sleep` waits for seconds."""

    breaker: CircuitBreaker
    retries: RetryBudget
    tokens: DailyTokens
    metrics: GeneratorMetrics
    clock: Callable[[], float]
    sleep: Callable[[float], None]


class GuardedModel:
    """Asks a model only when the breaker and the account's budget admit it; repeats brief failures."""

    def __init__(self, model: ChatModel, guards: Guards) -> None:
        self._model = model
        self._guards = guards

    @property
    def name(self) -> str:
        """Return the name of the model."""
        return self._model.name

    def reply(self, prompt: ChatPrompt, *, seconds: float) -> ChatReply:
        """Return the answer within `seconds`, retries included. Raises ModelFailureError."""
        guards, account = self._guards, prompt.account_id
        asked = (len(prompt.instructions) + len(prompt.data)) // CHARS_PER_TOKEN
        reserved = asked + prompt.max_tokens
        if not guards.tokens.reserve(account, reserved):
            guards.metrics.request("budget", 0.0)
            raise ModelFailureError("budget")
        used = 0
        try:
            reply = self._tried(prompt, guards.clock() + seconds)
            used = _tokens(reply, asked)
            return reply
        finally:
            guards.tokens.settle(account, reserved=reserved, used=used)

    def _tried(self, prompt: ChatPrompt, deadline: float) -> ChatReply:
        backoff = Backoff(first_seconds=0.2, limit_seconds=2.0)
        while True:
            try:
                return self._once(prompt, deadline)
            except ModelFailureError as error:
                wait = max(backoff.next_seconds(), error.retry_after or 0.0)
                if error.reason not in RETRIED or self._guards.clock() + wait >= deadline:
                    raise
                if not self._guards.retries.spend():
                    raise
                self._guards.sleep(wait)

    def _once(self, prompt: ChatPrompt, deadline: float) -> ChatReply:
        guards = self._guards
        if not guards.breaker.admits():
            guards.metrics.request("breaker_open", 0.0)
            raise ModelFailureError("breaker_open")
        guards.retries.earn()
        started = guards.clock()
        try:
            reply = self._model.reply(prompt, seconds=max(0.0, deadline - started))
        except ModelFailureError as error:
            if error.reason in FAULTS:
                guards.breaker.failed()
            guards.metrics.request(error.reason, guards.clock() - started)
            guards.metrics.breaker(is_open=guards.breaker.is_open)
            raise
        guards.breaker.succeeded()
        guards.metrics.breaker(is_open=False)
        guards.metrics.request("answered", guards.clock() - started)
        guards.metrics.tokens(reply.prompt_tokens, reply.answer_tokens)
        return reply


def _tokens(reply: ChatReply, asked: int) -> int:
    told = reply.prompt_tokens + reply.answer_tokens
    return told or asked + len(reply.text) // CHARS_PER_TOKEN
