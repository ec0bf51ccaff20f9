"""Dead letters: records that could not be handled, kept byte for byte."""

from typing import Literal

from pydantic import ConfigDict, Field

from schemas.base import Id, Instant, Name, Record, ShortText

Reason = Literal[
    "broken_json",
    "invalid_record",
    "unknown_version",
    "key_mismatch",
    "empty_value",
    "too_large",
    "from_the_future",
    "id_conflict",
    "handler_error",
]


class DeadLetter(Record):
    """One input that became a dead letter: its original key, value and headers, and the reason.

    Bytes are base64 in JSON. `error` names the failure without the customer's text.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    letter_id: Id
    consumer_group: Name
    topic: Name
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    reason: Reason
    error: ShortText
    attempts: int = Field(ge=1)
    build: Name
    created_at: Instant
