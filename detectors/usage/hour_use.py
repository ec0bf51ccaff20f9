"""The use of an hour by account, beside what was expected: what the accounts of all partitions are tested on.

Each closing of buckets adds to it. Bytes of parts join in any order: an account closes an hour once.
"""

from collections.abc import Iterable
from typing import Annotated, Final, NamedTuple

import msgspec

_Amount = Annotated[float, msgspec.Meta(ge=0.0, le=1e12)]


class HourUse(NamedTuple):
    """The bucket of one account that ended in an hour: observed, expected, and its relative variance.

    `is_odd` is true if the account had fallen before on its own.
    """

    observed: _Amount
    expected: _Amount
    spread: _Amount
    is_odd: bool


class ClosedUse(NamedTuple):
    """The use of one account in the bucket that ended with `hour`."""

    hour: int
    account_id: str
    use: HourUse


MOST_USES: Final = 200_000
"""Closed hours that wait to be handed over at most, about 50 MB. Chosen by hand."""


def newest_uses(uses: list[ClosedUse], most: int = MOST_USES) -> list[ClosedUse]:
    """Return the uses, or the newer half of them if there are more than `most`.

    A clock that jumps by weeks closes all hours between at once; nobody acts on the old ones.
    """
    if len(uses) <= most:
        return uses
    return sorted(uses)[len(uses) // 2 :]


class WrongHourUseError(ValueError):
    """The bytes are damaged or of another format."""


class _UsesOfHour(msgspec.Struct, frozen=True):
    uses: dict[str, HourUse]


def pack_uses(uses: Iterable[ClosedUse]) -> dict[int, bytes]:
    """Return the uses by hour, packed."""
    hours: dict[int, dict[str, HourUse]] = {}
    for closed in uses:
        hours.setdefault(closed.hour, {})[closed.account_id] = closed.use
    return {hour: msgspec.msgpack.encode(_UsesOfHour(own)) for hour, own in hours.items()}


def unpack_uses(content: bytes) -> dict[str, HourUse]:
    """Return the uses of one packed hour by account; raise WrongHourUseError."""
    try:
        part = msgspec.msgpack.decode(content, type=_UsesOfHour)
    except msgspec.MsgspecError as error:
        raise WrongHourUseError(f"the use of an hour cannot be read: {error}") from None
    return part.uses
