"""A model behind any server that speaks the OpenAI protocol: vLLM, llama.cpp, Ollama, the cloud ones.

Nothing is streamed: a draft is checked as a whole before anybody sees it.
"""

import asyncio
import json
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, Final, Literal

import openai

from responders.generation.models.chat import ChatPrompt, ChatReply, ModelFailureError

AnswerFormat = Literal["json_schema", "json_object", "text"]
"""How the server is asked for JSON; older servers know only the later ones."""

MAX_RESPONSE_BYTES: Final = 1_000_000
"""Bytes of a response that is read as JSON; a longer one is malformed."""

MAX_RETRY_AFTER: Final = 3_600.0
"""Seconds that a server may ask to wait; a longer time counts as this."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where the server is, the name of the model, the key, and how it is asked for JSON."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    answer_format: AnswerFormat = "json_schema"
    temperature: float = 0.0


class ServerModel:
    """Asks a server. Requests run on an event loop of their own, so that each ends at its deadline.

    Several threads may ask at once. Retries are the caller's.
    """

    def __init__(self, options: ServerOptions) -> None:
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="generator", daemon=True)
        self._thread.start()
        self._client = openai.AsyncOpenAI(
            api_key=options.key or "none", base_url=options.url, max_retries=0, timeout=None
        )

    @property
    def name(self) -> str:
        """Return the name of the model and its parameters."""
        return f"{self._options.model[:120]} by server, temperature {self._options.temperature:g}"

    def reply(self, prompt: ChatPrompt, *, seconds: float) -> ChatReply:
        """Return the server's answer; the request is cancelled after `seconds`. Raises ModelFailureError."""
        return asyncio.run_coroutine_threadsafe(self._reply(prompt, seconds), self._loop).result()

    def close(self) -> None:
        """End the connections and the thread."""
        asyncio.run_coroutine_threadsafe(self._client.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _reply(self, prompt: ChatPrompt, seconds: float) -> ChatReply:
        try:
            async with asyncio.timeout(seconds):
                return await self._sent(prompt)
        except (TimeoutError, openai.APITimeoutError) as error:
            raise ModelFailureError("timeout") from error
        except openai.APIStatusError as error:
            raise _failure_of(error) from error
        except openai.APIConnectionError as error:
            raise ModelFailureError("unreachable") from error
        except openai.OpenAIError as error:
            raise ModelFailureError("malformed") from error

    async def _sent(self, prompt: ChatPrompt) -> ChatReply:
        arguments: dict[str, Any] = {
            "model": self._options.model,
            "messages": [
                {"role": "system", "content": prompt.instructions},
                {"role": "user", "content": prompt.data},
            ],
            "max_tokens": prompt.max_tokens,
            "temperature": self._options.temperature,
            "seed": prompt.seed,
            **_asked_format(self._options.answer_format, prompt),
        }
        response = await self._client.chat.completions.with_raw_response.create(**arguments)
        return _reply_of(response.content)


def _asked_format(answer_format: AnswerFormat, prompt: ChatPrompt) -> dict[str, Any]:
    if answer_format == "text":
        return {}
    if answer_format == "json_object":
        return {"response_format": {"type": "json_object"}}
    schema = {"name": "answers", "strict": True, "schema": json.loads(prompt.answer_schema)}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _reply_of(content: bytes) -> ChatReply:
    """Return the text and the tokens of a response. Raises ModelFailureError, `malformed`.

    >>> _reply_of(b'{"choices": [{"message": {"content": "Hi"}}], "usage": {"prompt_tokens": 3}}')
    ChatReply(text='Hi', prompt_tokens=3, answer_tokens=0)
    """
    try:
        if len(content) > MAX_RESPONSE_BYTES:
            raise ValueError("the response is too long")
        found = json.loads(content)
        text = found["choices"][0]["message"]["content"]
        usage = found.get("usage") or {}
        counts = [max(0, int(usage.get(name) or 0)) for name in ("prompt_tokens", "completion_tokens")]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ModelFailureError("malformed") from error
    if not isinstance(text, str):
        raise ModelFailureError("malformed")
    return ChatReply(text, *counts)


def _failure_of(error: openai.APIStatusError) -> ModelFailureError:
    if error.status_code == 429:
        return ModelFailureError(
            "rate_limited", retry_after=_seconds(error.response.headers.get("retry-after"))
        )
    if error.status_code in {408, 504}:
        return ModelFailureError("timeout")
    return ModelFailureError("server_error" if error.status_code >= 500 else "refused")


def _seconds(written: str | None) -> float | None:
    """Return the seconds of a Retry-After header; None for a date or anything else.

    >>> _seconds("1.5"), _seconds("Sat, 31 Jan 2026 09:00:00 GMT"), _seconds(None)
    (1.5, None, None)
    """
    try:
        seconds = float(written or "")
    except ValueError:
        return None
    return min(seconds, MAX_RETRY_AFTER) if seconds >= 0 else None
