"""The known exports of help desks: the lists they have, and how a ticket becomes its events."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from streams.ingest.formats.chatwoot import CHATWOOT
from streams.ingest.formats.freshdesk import FRESHDESK
from streams.ingest.formats.intercom import INTERCOM
from streams.ingest.formats.threads import (
    NO_EVENT,
    Author,
    ExportedPerson,
    People,
    Thread,
    first_of,
    thread_events,
)
from streams.ingest.formats.twcs import COLUMNS as TWCS_COLUMNS
from streams.ingest.formats.twcs import Conversations
from streams.ingest.formats.zammad import ZAMMAD
from streams.ingest.formats.zendesk import ZENDESK
from streams.ingest.rows import WRAPPERS, FileRow, IngestError, RejectedRow, RowReader

PEOPLE: Final = frozenset({"users", "organizations", "companies", "contacts"})
"""Names of the lists that an export has next to its tickets."""

Rows = Iterator[FileRow | RejectedRow]


@dataclass
class Unfolding:
    """The rows that tickets become, the number of tickets, and the parts left out, counted by reason.

    The counts grow while the rows are read; `tickets` is None if each row is a message by itself.
    """

    rows: Rows
    left_out: Counter[str] = field(default_factory=Counter)
    tickets: int | None = None


@dataclass(frozen=True)
class Format:
    """One kind of export: the lists of its tickets, and how they unfold to rows.

    `look_ahead` gets the rows of the file once before they are unfolded, and returns the facts about all of
    them that `unfold` needs. `columns` are the columns that a CSV export must have.
    """

    name: str
    lists: frozenset[str]
    unfold: Callable[[RowReader, Any], Unfolding]
    look_ahead: Callable[[Iterable[FileRow | RejectedRow]], Any]
    columns: tuple[str, ...] = ()


def _format(thread: Thread, *lists: str) -> Format:
    def unfold(reader: RowReader, people: People) -> Unfolding:
        if reader.columns is not None:
            raise IngestError(f"--format {thread.name} reads JSON exports; this file is CSV.")
        unfolding = Unfolding(iter(()), tickets=0)
        unfolding.rows = _events(thread, reader, people, unfolding)
        return unfolding

    return Format(thread.name, WRAPPERS | PEOPLE | frozenset(lists), unfold, _beside_tickets)


def _events(thread: Thread, reader: RowReader, people: People, unfolding: Unfolding) -> Rows:
    for row in reader.rows:
        if isinstance(row, FileRow) and row.section in PEOPLE:
            continue
        unfolding.tickets = (unfolding.tickets or 0) + 1
        if isinstance(row, RejectedRow):
            yield row
            continue
        if first_of(row.cells, thread.ticket_id) is None:
            yield row.rejected(f"{thread.ticket_id[0]}: missing, so this is no ticket of {thread.name}")
            continue
        events = 0
        for event in thread_events(thread, row.cells, people, unfolding.left_out):
            events += 1
            yield replace(row, cells=dict(event))
        if not events:
            unfolding.left_out[NO_EVENT] += 1


def people_of(rows: Iterable[FileRow | RejectedRow]) -> People:
    """Return the people and organizations among the rows of an export, or of a file that has only them."""
    people = People()
    for row in rows:
        if isinstance(row, FileRow) and "id" in row.cells:
            _remember(people, row.section, row.cells)
    return people


def _beside_tickets(rows: Iterable[FileRow | RejectedRow]) -> People:
    return people_of(row for row in rows if isinstance(row, FileRow) and row.section in PEOPLE)


def _remember(people: People, section: str, cells: Mapping[str, Any]) -> None:
    ident = str(cells["id"])
    if section in {"organizations", "companies"} or (not section and not {"role", "email"} & cells.keys()):
        people.organizations[ident] = {name: cells.get(name) for name in ("id", "name", "external_id")}
    elif section in PEOPLE or not section:
        author: Author = "customer" if cells.get("role", "end-user") == "end-user" else "staff"
        name, email = cells.get("name"), cells.get("email")
        people.persons[ident] = ExportedPerson(author, name, email, cells.get("organization_id"))


def _unfold_twcs(reader: RowReader, conversations: Conversations) -> Unfolding:
    return Unfolding(row if isinstance(row, RejectedRow) else conversations.event(row) for row in reader.rows)


FORMATS: Final[Mapping[str, Format]] = {
    export.name: export
    for export in (
        _format(ZENDESK, "tickets"),
        _format(ZAMMAD, "tickets"),
        _format(CHATWOOT, "conversations"),
        _format(FRESHDESK, "tickets"),
        _format(INTERCOM, "conversations"),
        Format("twcs", WRAPPERS, _unfold_twcs, Conversations, TWCS_COLUMNS),
    )
}
