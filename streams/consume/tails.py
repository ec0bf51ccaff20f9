"""Partitions at rest: how long the client has stood at one position, and what was found after it."""

from collections.abc import Mapping
from typing import NamedTuple

TURNS_AT_REST = 5
"""After so many idle turns, of a second each, nothing that was fetched is on its way any more."""


class ReadPosition(NamedTuple):
    """Where the client began to read a partition since its assignment, if known, and what it reads next."""

    origin: int | None
    position: int


class Tails:
    """Tell when a partition's end is to be compared with the database: again and again while it rests.

    >>> tails = Tails(turns=2)
    >>> at_rest = {0: ReadPosition(0, 7)}
    >>> [tails.due(at_rest) for _ in range(5)]
    [[], [], [0], [], [0]]
    >>> tails.due({0: ReadPosition(0, 8)})
    []
    """

    def __init__(self, turns: int = TURNS_AT_REST) -> None:
        self._turns = turns
        self._stood: dict[int, tuple[int, int]] = {}

    def due(self, reads: Mapping[int, ReadPosition]) -> list[int]:
        """Note where each owned partition stands in this turn; return those to be compared now."""
        stood = {}
        for partition, read in reads.items():
            position, turns = self._stood.get(partition, (None, 0))
            stood[partition] = (read.position, turns + 1 if position == read.position else 0)
        self._stood = stood
        return [partition for partition, (_, turns) in stood.items() if turns and turns % self._turns == 0]

    def missed(self, read: ReadPosition, next_offset: int | None) -> tuple[int, int] | None:
        """Return the offsets that were fetched and have no fate, if any.

        `next_offset` is the database's; None where the group has no row: then all since the origin.
        """
        begin = read.origin if next_offset is None else next_offset
        if begin is None or begin >= read.position:
            return None
        return begin, read.position
