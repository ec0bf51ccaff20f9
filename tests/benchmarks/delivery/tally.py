"""Count what became of every input: effects lost, not reached, doubled; poison kept. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.delivery.inputs import Message, positions


@dataclass(frozen=True)
class Final:
    """What stands at the end of a run.

    `applied` holds the event id of every effect, as often as it was applied; `committed` the group's next
    offset by partition, empty where the broker does not know; `kept` the values of kept poison.
    """

    applied: Sequence[str]
    balances: Mapping[str, int]
    committed: Mapping[int, int]
    kept: Iterable[bytes]


@dataclass(frozen=True)
class Tally:
    """The delivery of one run. Good events are counted by id; `balance_error` is in units of amount.

    A good event without an effect is lost where the group's offset has passed all its records, or where the
    system never went back to it; it is not reached where the offset still lies before one of them.
    """

    good: int
    lost: int
    not_reached: int
    doubled: int
    balance_error: int
    poison: int
    poison_kept: int

    @property
    def is_exact(self) -> bool:
        """Whether every good event has exactly one effect and all poison is kept."""
        wrong = self.lost + self.not_reached + self.doubled + abs(self.balance_error)
        return not wrong and self.poison_kept == self.poison


def tally(messages: Sequence[Message], final: Final) -> Tally:
    """Hold the end of a run against its input."""
    good = {f"e{one.number:010d}": one for one in messages if one.kind == "good"}
    poison = {one.value for one in messages if one.kind == "poison"}
    applied = Counter(final.applied)
    missing = good.keys() - applied.keys()
    waiting = missing & _ahead(messages, final.committed)
    expected = sum(one.amount for one in good.values())
    return Tally(
        good=len(good),
        lost=len(missing) - len(waiting),
        not_reached=len(waiting),
        doubled=sum(times - 1 for times in applied.values()),
        balance_error=sum(final.balances.values()) - expected,
        poison=len(poison),
        poison_kept=len(poison & set(final.kept)),
    )


def _ahead(messages: Sequence[Message], committed: Mapping[int, int]) -> set[str]:
    """Return the ids of the good events that lie at or behind their partition's committed offset."""
    if not committed:
        return set()
    return {
        f"e{message.number:010d}"
        for message, (partition, offset) in zip(messages, positions(messages), strict=True)
        if message.kind != "poison" and offset >= committed.get(partition, 0)
    }
