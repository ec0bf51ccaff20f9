"""Select, explain and discard dead letters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import actions
from responders.store import letters as store
from responders.store.actions import OperatorAction
from schemas.tables import DeadLetterRow
from streams.kafka.brokers import Broker, partition_counts

AUDITED_IDS: Final = 1_000
"""How many letter ids an audit row names; its count covers all letters."""


@dataclass(frozen=True)
class Chosen:
    """The letters that a command selects, by topic, partition and offset, without value and headers.

    `kept` gives the reason for each letter that was named and is not selected.
    """

    rows: list[DeadLetterRow]
    kept: dict[str, str]

    @property
    def ids(self) -> list[str]:
        """Return the letters' ids."""
        return [row.letter_id for row in self.rows]

    @property
    def records(self) -> int:
        """Return the number of records: letters of several groups may share one record."""
        return len({(row.topic, row.partition, row.record_offset) for row in self.rows})


def choose(engine: Engine, filters: store.Filters, *, limit: int) -> Chosen:
    """Return the oldest letters that match, and why the other named letters do not."""
    with Session(engine) as session:
        rows = list(store.list_letters(session, filters, limit=limit, oldest_first=True))
        found = {row.letter_id for row in rows}
        missing = [name for name in dict.fromkeys(filters.ids) if name not in found]
        kept = reasons(session, missing, states=filters.states, otherwise="does not match the filters")
        session.expunge_all()
    rows.sort(key=lambda row: (row.topic, row.partition, row.record_offset, row.letter_id))
    return Chosen(rows, kept)


def plan(engine: Engine, broker: Broker, filters: store.Filters, *, limit: int) -> Chosen:
    """Return the letters that a replay would send, and why the others cannot go back to their topic."""
    chosen = choose(engine, filters, limit=limit)
    partitions = partition_counts(broker, {row.topic for row in chosen.rows})
    stuck = {row.letter_id: unsendable(row.topic, row.partition, partitions) for row in chosen.rows}
    rows = [row for row in chosen.rows if stuck[row.letter_id] is None]
    return Chosen(rows, chosen.kept | {name: why for name, why in stuck.items() if why is not None})


def discard(
    engine: Engine,
    letter_ids: Sequence[str],
    *,
    action: OperatorAction,
    states: Sequence[store.LetterState] = ("new",),
    now: datetime,
) -> Chosen:
    """Mark letters as discarded and write the audit row in one transaction; the bytes are kept.

    Return no rows, only the reasons why some of the letters were not discarded.
    """
    with Session(engine) as session, session.begin():
        done = store.discard(session, letter_ids, states=states, now=now)
        closed = set(done)
        if done:
            details = {"letter_ids": done[:AUDITED_IDS]}
            actions.record(session, action, affected=len(done), details=details, now=now)
        others = [name for name in letter_ids if name not in closed]
        return Chosen([], reasons(session, others, states=states, otherwise="held by another command"))


def unsendable(topic: str, partition: int, partitions: Mapping[str, int]) -> str | None:
    """Return why a record cannot go back to its partition, or None if it can.

    >>> unsendable("support.tickets", 8, {"support.tickets": 8})
    'support.tickets no longer has partition 8'
    """
    if partition >= partitions.get(topic, 0):
        return f"{topic} no longer has partition {partition}"
    return None


def reasons(
    session: Session, letter_ids: Sequence[str], *, states: Sequence[str], otherwise: str
) -> dict[str, str]:
    """Return why a command for letters in `states` leaves the letters alone; `otherwise` if not by state."""
    found = store.states_of(session, letter_ids)
    known = {
        "new": "neither replayed nor discarded yet",
        "replayed": "replayed before",
        "discarded": "discarded before",
    }
    known |= dict.fromkeys(states, otherwise)
    return {name: known[found[name]] if name in found else "there is no such letter" for name in letter_ids}


def visible(data: bytes) -> str:
    r"""Return bytes as text that is safe on a terminal: characters that are not printable are escaped.

    >>> visible(b"caf\xc3\xa9\x1b[2J\xff") == 'café\\x1b[2J\\xff'
    True
    """
    return printable(data.decode("utf-8", "backslashreplace"))


def printable(text: str) -> str:
    r"""Return text that is safe on a terminal: all but printable characters, tabs and line ends is escaped.

    >>> printable("caf\u00e9\x1b[2J\n") == 'café\\x1b[2J\n'
    True
    """
    return "".join(char if char.isprintable() or char in "\n\t" else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
