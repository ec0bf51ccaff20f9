"""A worker of the next version: it reads tickets of version 2 too, and writes states of its own layout.

    python -m tests.faults.next_version KIND

Everything else is the present version, started by `tests.faults.worker`.
"""

import sys
from typing import Any, Literal

from schemas.base import ShortText
from schemas.tickets import Ticket
from tests.faults.failpoints import patched

NEXT = 2


class NextTicket(Ticket):
    """A ticket of the next version."""

    schema_version: Literal[1, 2] = 1  # type: ignore[assignment]
    priority: ShortText | None = None


def read_both_versions_of_tickets() -> None:
    from pydantic import TypeAdapter

    from streams import sentiment
    from streams.consume import InvalidRecord

    adapter = TypeAdapter(NextTicket)

    def wrap(_: Any) -> Any:
        def decode_both(record: Any, _adapter: Any) -> Any:
            value = record.value or b""
            try:
                return adapter.validate_json(value)
            except ValueError as error:
                raise InvalidRecord("invalid_record", type(error).__name__) from None

        return decode_both

    patched(sentiment, "decode_json", wrap)


def write_states_of_the_next_layout() -> None:
    from streams.usage import sealing

    def wrap(present: int) -> int:
        return present + 1

    patched(sealing, "_LAYOUT", wrap)


if __name__ == "__main__":
    read_both_versions_of_tickets()
    write_states_of_the_next_layout()
    from tests.faults.worker import main

    main(sys.argv[1:])
