"""Count the fates of all inputs: effects lost, not reached, doubled; poison kept. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.delivery.inputs import Message, positions


@dataclass(frozen=True)
class Final:
    """The state at the end of a run.

    `applied` holds the event id of every applied effect, with repeats; `committed` the next offset of the
    group by partition, empty if the broker does not hold it; `kept` the values of kept poison.
    """

    applied: Sequence[str]
    balances: Mapping[str, int]
    committed: Mapping[int, int]
    kept: Iterable[bytes]


@dataclass(frozen=True)
class Tally:
    """The delivery of one run. Good events are counted by id; `balance_error` is in units of amount.

    A good event without an effect is lost if the group's offset has passed all its records, or if the broker
    holds no offsets of the system; it is not reached if the offset is still before one of its records.
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
    """Compare the end of a run with its input."""
    good = {f"e{message.number:010d}": message for message in messages if message.kind == "good"}
    poison = {message.value for message in messages if message.kind == "poison"}
    applied = Counter(final.applied)
    missing = good.keys() - applied.keys()
    waiting = missing & _ahead(messages, final.committed)
    expected = sum(message.amount for message in good.values())
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
    """Return the ids of the good events at or after the committed offset of their partition."""
    if not committed:
        return set()
    return {
        f"e{message.number:010d}"
        for message, (partition, offset) in zip(messages, positions(messages), strict=True)
        if message.kind != "poison" and offset >= committed.get(partition, 0)
    }
