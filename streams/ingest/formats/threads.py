"""From a ticket with all its messages to ticket events, by a table of the place of each value."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from streams.ingest.columns import Cells, cell

Author = Literal["customer", "staff", "machine"]

PRIVATE: Final = "private notes"
UNMARKED: Final = "messages without a mark that they are public"
MACHINES: Final = "messages of the system or of a bot"
EMPTY: Final = "messages without text"
NO_MESSAGE: Final = "entries that are no message"
NO_EVENT: Final = "tickets without any event"
EVENT_FIELDS: Final = (
    *("event_id", "ticket_id", "account_id", "kind", "channel", "subject", "body"),
    *("requester_name", "requester_email", "occurred_at"),
)


@dataclass(frozen=True, slots=True)
class ExportedPerson:
    """A person of the export: on the customer's side or the staff's, with name, address and organization."""

    author: Author
    name: str | None = None
    email: str | None = None
    organization_id: Any = None


@dataclass
class People:
    """The people and organizations that an export lists next to its tickets, by id."""

    persons: dict[str, ExportedPerson] = field(default_factory=dict)
    organizations: dict[str, Cells] = field(default_factory=dict)

    def add(self, others: "People") -> None:
        """Add the people and organizations of another file."""
        self.persons.update(others.persons)
        self.organizations.update(others.organizations)

    def __getitem__(self, ident: object) -> ExportedPerson | None:
        return self.persons.get(str(ident))


@dataclass(frozen=True)
class Messages:
    """The place of a ticket's messages, and how each message is read.

    `public` returns None if nothing says whether a message is public; the message is then left out. `author`
    gets the message, its ticket and the people. `is_message` tells messages from other entries of the list.
    """

    path: str
    body: tuple[str, ...]
    public: Callable[[Cells], bool | None]
    author: Callable[[Cells, Cells, People], Author]
    at: tuple[str, ...] = ("created_at",)
    is_message: Callable[[Cells], bool] = bool


@dataclass(frozen=True)
class Opening:
    """The first message if it is in the ticket itself; `alone`: only if the ticket has no other messages."""

    body: tuple[str, ...]
    at: tuple[str, ...] = ("created_at",)
    author: Callable[[Cells], Author] = lambda _: "customer"
    alone: bool = False


@dataclass(frozen=True)
class Ending:
    """The states that end a ticket, the kind of event of each, and the place of the time."""

    state: tuple[str, ...]
    kinds: Mapping[str, str]
    at: tuple[str, ...]


@dataclass(frozen=True)
class Thread:
    """The places of an event's values in the tickets of one product; the first path with a value counts."""

    name: str
    ticket_id: tuple[str, ...]
    account_id: tuple[str, ...]
    subject: tuple[str, ...]
    channel: tuple[str, ...]
    requester_name: tuple[str, ...]
    requester_email: tuple[str, ...]
    messages: Messages
    ending: Ending
    opening: Opening | None = None
    channels: Mapping[str, str] = field(default_factory=dict)


def first_of(cells: Cells, paths: Sequence[str]) -> Any:
    """Return the value at the first path that has one, or None.

    >>> first_of({"via": {"channel": ""}, "source": 2}, ("via.channel", "source"))
    2
    """
    return next((found for path in paths if (found := cell(cells, path)) not in (None, "")), None)


def marked(path: str, *, public: bool) -> Callable[[Cells], bool | None]:
    """Return a function that reads the mark at `path`: it means public, or private if `public` is False.

    >>> is_public = marked("private", public=False)
    >>> is_public({"private": False}), is_public({"private": "true"}), is_public({})
    (True, False, None)
    """

    def read(message: Cells) -> bool | None:
        said = str(cell(message, path)).lower()
        if said in {"true", "1"}:
            return public
        return not public if said in {"false", "0"} else None

    return read


def thread_events(thread: Thread, ticket: Cells, people: People, left_out: Counter[str]) -> Iterator[Cells]:
    """Yield the events of one ticket in the order of its messages, its end last.

    Ids are made from the ids of ticket and message, so a ticket that is exported again gives the same ids.
    `left_out` counts by reason the entries that are no event.
    """
    ticket = _joined(ticket, people)
    common = _common(thread, ticket)
    for message in _messages(thread, ticket, people):
        if message.left_out is not None:
            left_out[message.left_out] += 1
        else:
            yield _event(common, message)
    yield from _ending_event(thread.ending, ticket, common)


@dataclass(frozen=True, slots=True)
class _Message:
    """One message: its id, author, text and time, and the reason to leave it out, if there is one."""

    ident: str
    author: Author
    body: Any
    at: Any
    left_out: str | None


def _messages(thread: Thread, ticket: Cells, people: People) -> Iterator[_Message]:
    listed = cell(ticket, thread.messages.path)
    found = listed if isinstance(listed, list) else [] if listed is None else [listed]
    messages = [entry for entry in found if isinstance(entry, Mapping)]
    opening, shape = thread.opening, thread.messages
    if opening is not None and not (opening.alone and messages):
        author, body = opening.author(ticket), first_of(ticket, opening.body)
        reason = EMPTY if body is None else MACHINES if author == "machine" else None
        yield _Message("opening", author, body, first_of(ticket, opening.at), reason)
    yield from [_Message("", "machine", None, None, NO_MESSAGE)] * (len(found) - len(messages))
    for message in messages:
        author = shape.author(message, ticket, people)
        body, at = first_of(message, shape.body), first_of(message, shape.at)
        ident = message.get("id")
        name = str(ident) if ident is not None else _digest(body, at)
        yield _Message(name, author, body, at, _left_out(shape, message, author, body))


def _joined(ticket: Cells, people: People) -> Cells:
    """Return a ticket with its requester and organization, which some exports list separately."""
    more: dict[str, Any] = {}
    requester = people[ticket.get("requester_id")]
    if requester is not None and not isinstance(ticket.get("requester"), Mapping):
        more["requester"] = {"name": requester.name, "email": requester.email}
        if ticket.get("organization_id") is None:
            more["organization_id"] = requester.organization_id
    organization = people.organizations.get(str(more.get("organization_id") or ticket.get("organization_id")))
    if organization is not None and not isinstance(ticket.get("organization"), Mapping):
        more["organization"] = organization
    return {**ticket, **more}


def _common(thread: Thread, ticket: Cells) -> dict[str, Any]:
    channel = first_of(ticket, thread.channel)
    return {
        # The ticket's own fields stay next to the event's, so that --column finds them by their path.
        **ticket,
        **dict.fromkeys(EVENT_FIELDS),
        "ticket_id": f"{thread.name}-{first_of(ticket, thread.ticket_id)}",
        "account_id": first_of(ticket, thread.account_id),
        "channel": thread.channels.get(str(channel), channel),
        "subject": first_of(ticket, thread.subject),
        "requester_name": first_of(ticket, thread.requester_name),
        "requester_email": first_of(ticket, thread.requester_email),
    }


def _left_out(shape: Messages, message: Cells, author: Author, body: Any) -> str | None:
    if not shape.is_message(message):
        return NO_MESSAGE
    public = shape.public(message)
    if not public:
        return UNMARKED if public is None else PRIVATE
    if author == "machine":
        return MACHINES
    return EMPTY if body is None or not str(body).strip() else None


def _event(common: dict[str, Any], message: _Message) -> dict[str, Any]:
    kind = "customer_message" if message.author == "customer" else "human_reply"
    event_id = f"{common['ticket_id']}-{message.ident}"
    return {**common, "event_id": event_id, "kind": kind, "body": message.body, "occurred_at": message.at}


def _ending_event(ending: Ending, ticket: Cells, common: dict[str, Any]) -> Iterator[Cells]:
    kind = ending.kinds.get(str(first_of(ticket, ending.state)).lower())
    if kind is None:
        return
    at = first_of(ticket, ending.at)
    # A ticket that is reopened and ended again has two ends, so the time is part of the id.
    event_id = f"{common['ticket_id']}-{kind}-{at}"
    yield {**common, "event_id": event_id, "kind": kind, "body": None, "occurred_at": at}


def _digest(*said: Any) -> str:
    return hashlib.blake2b(repr(said).encode(), digest_size=8).hexdigest()
