"""Prompts of several threads become batches of one model on the device."""

import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Thread
from typing import Final

from responders.generation.models.chat import ChatPrompt, ChatReply, ModelFailureError
from streams.process.errors import Fatal

GATHER_SECONDS: Final = 0.02
"""How long the first prompt of a batch waits for others. Chosen by hand."""

AnswerAll = Callable[[Sequence[ChatPrompt]], Sequence[ChatReply]]
"""Answers a batch, in order; called in one thread only."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    prompt: ChatPrompt
    until: float
    answer: "Future[ChatReply]" = field(default_factory=Future)


class BatchedModel:
    """Gathers the prompts that wait and answers them together; a prompt past its time is not started."""

    def __init__(self, name: str, answer_all: AnswerAll, *, at_once: int) -> None:
        self._name = name
        self._answer_all = answer_all
        self._at_once = at_once
        self._waiting: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        Thread(target=self._work, name="generator", daemon=True).start()

    @property
    def name(self) -> str:
        """Return the name of the model."""
        return self._name

    def reply(self, prompt: ChatPrompt, *, seconds: float) -> ChatReply:
        """Return the answer to one prompt. Raises ModelFailureError, and Fatal if the device is gone."""
        waiting = _Waiting(prompt, time.monotonic() + seconds)
        self._waiting.put(waiting)
        try:
            reply = waiting.answer.result(timeout=seconds)
        except TimeoutError as error:
            raise ModelFailureError("timeout") from error
        if not reply.text and not reply.prompt_tokens:
            raise ModelFailureError("too_long")
        return reply

    def _work(self) -> None:
        while True:
            batch = self._gathered()
            current = [one for one in batch if time.monotonic() < one.until]
            if current:
                self._answer(current)

    def _gathered(self) -> list[_Waiting]:
        """Wait for a prompt, and take others that come soon after it, at most `at_once`."""
        batch = [self._waiting.get()]
        until = time.monotonic() + GATHER_SECONDS
        while len(batch) < self._at_once:
            try:
                batch.append(self._waiting.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        return batch

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        try:
            replies = self._answer_all([one.prompt for one in batch])
        except Fatal as error:
            for one in batch:
                one.answer.set_exception(error)
        except (RuntimeError, ValueError, MemoryError) as error:
            for one in batch:
                failure = ModelFailureError("server_error")
                failure.__cause__ = error
                one.answer.set_exception(failure)
        else:
            for one, reply in zip(batch, replies, strict=True):
                one.answer.set_result(reply)
