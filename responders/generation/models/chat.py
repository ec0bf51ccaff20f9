"""A language model as the drafting of replies sees it: one prompt in, one text out, within a time."""

from dataclasses import dataclass
from typing import Protocol

from responders.generation.models.outcomes import FailureReason
from schemas.base import Id


@dataclass(frozen=True, slots=True)
class ChatPrompt:
    """Instructions, and apart from them one JSON document of data.

    `answer_schema` is the JSON schema of the answer. `max_tokens` bounds the answer. `account_id` tells whose
    budget pays; it is not sent.
    """

    instructions: str
    data: str
    answer_schema: str
    max_tokens: int
    seed: int = 0
    account_id: Id | None = None


@dataclass(frozen=True, slots=True)
class ChatReply:
    """The text of an answer, and the tokens that prompt and answer took; 0 if the model does not tell."""

    text: str
    prompt_tokens: int = 0
    answer_tokens: int = 0


class ModelFailureError(RuntimeError):
    """A model gave no answer; `reason` says why.

    `retry_after` are the seconds that the server asks to wait, or None.
    """

    def __init__(self, reason: FailureReason, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class ChatModel(Protocol):
    """A language model that answers prompts; several threads may ask at once."""

    @property
    def name(self) -> str:
        """Return the name of the model with its parameters, as a draft records them."""
        ...

    def reply(self, prompt: ChatPrompt, *, seconds: float) -> ChatReply:
        """Return the answer to one prompt within `seconds`. Raises ModelFailureError."""
        ...
