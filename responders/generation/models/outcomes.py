"""What may come of a question to a model, as drafts record it and an operator counts it."""

from typing import Literal

FailureReason = Literal[
    "timeout",
    "unreachable",
    "rate_limited",
    "server_error",
    "refused",
    "malformed",
    "too_long",
    "breaker_open",
    "budget",
]
"""Why a model gave no answer.

`refused` is an answer that says the request is wrong, such as a bad key; `malformed` is an answer that is not
the JSON that was asked for; `too_long` a prompt that does not fit; `budget` a daily budget that is used up.
"""

Fallback = Literal[FailureReason, "unsupported", "no_answer"]
"""Why an answer is the composer's: the model failed, its sentences were refused, or it gave none."""

ShadowOutcome = Literal["same", "different", "fell_back"]
"""How a hidden draft compares with the shown one; `fell_back` if the model wrote nothing of it."""
