"""The drafting group's third topic: replies that must be written again because a source of theirs changed."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Protocol

from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlmodel import Session
from typing_extensions import override

from responders.drafting.message import draft_id_of
from responders.store.heads import hold
from responders.store.outdated import hold_sources
from responders.store.tickets import unanswered_messages
from schemas.redrafts import Redraft
from schemas.tickets import Draft, SourceKind, Ticket
from streams.consume.decode import SIGNAL_TOLERANCE, check_key, check_time, content_hash, decode_json
from streams.consume.handler import Computed, Dropped, Failed, Handler
from streams.kafka.records import RawRecord
from streams.kafka.topics import DRAFTING, REDRAFTS
from streams.process.clock import utc_now
from streams.process.metrics import Metrics

REDRAFT: TypeAdapter[Redraft] = TypeAdapter(Redraft)

_KINDS: Final[dict[SourceKind, str]] = {
    "article": "article",
    "macro": "macro",
    "solved_ticket": "solved ticket",
}
_CHANGES: Final = {"source_changed": "changed", "source_withdrawn": "was withdrawn"}


class ReplyDrafts(Protocol):
    """Writes the drafts of replies, as the handler of tickets does."""

    def write_all(self, messages: Sequence[Ticket]) -> list[Draft]:
        """Return the draft of each customer message, in order; no transaction is open."""
        ...

    def publish(self, session: Session, draft: Draft, *, attempt: int) -> bool:
        """Store a draft and its outbox row."""
        ...

    def count(self, drafts: Sequence[Draft | None]) -> None:
        """Count drafts after their commit."""
        ...


class RedraftHandler(Handler[Redraft, Draft | None, None]):
    """Write a reply again, unless its message was answered, followed or erased in the meantime.

    The retirement that led to the request is counted here: a command without metrics may have made it.
    """

    group = DRAFTING
    topic = REDRAFTS

    def __init__(self, engine: Engine, replies: ReplyDrafts, *, metrics: Metrics) -> None:
        self._engine = engine
        self._replies = replies
        self._metrics = metrics

    @override
    def decode(self, record: RawRecord) -> Redraft:
        """Return the request; raise InvalidRecord."""
        redraft = decode_json(record, REDRAFT)
        check_key(record, redraft.account_id)
        check_time(redraft.requested_at, utc_now(), SIGNAL_TOLERANCE)
        return redraft

    @override
    def identity(self, item: Redraft) -> tuple[str, bytes]:
        """Return the request's id and content hash."""
        return item.redraft_id, content_hash(item)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[Redraft]]]) -> Computed[Draft | None, None]:
        """Draft the replies of the whole batch; no transaction is open while a model computes."""
        redrafts = [redraft for _, items in work for redraft in items]
        with Session(self._engine) as session:
            found = unanswered_messages(session, [redraft.based_on for redraft in redrafts])
        drafts = {draft.based_on: draft for draft in self._replies.write_all(list(found.values()))}
        outcomes: list[list[Draft | Dropped | Failed | None]] = [
            [written_again(drafts.get(redraft.based_on), redraft) for redraft in items] for _, items in work
        ]
        return Computed(outcomes)

    @override
    def write(self, session: Session, effects: Sequence[tuple[Redraft, Draft | None]], extra: None) -> None:
        """Write the drafts and their outbox rows."""
        drafts = [draft for _, draft in effects if draft is not None]
        hold_sources(session, drafts)
        hold(session, (redraft.ticket_id for redraft, _ in effects))
        for redraft, draft in effects:
            if draft is not None:
                self._replies.publish(session, draft, attempt=redraft.attempt + 1)

    @override
    def committed(self, effects: Sequence[tuple[Redraft, Draft | None]], extra: None) -> None:
        """Count the written drafts, and the retirements that asked for them."""
        self._replies.count([draft for _, draft in effects])
        for reason, count in Counter(redraft.reason for redraft, _ in effects).items():
            self._metrics.drafts_retired.labels(reason).inc(count)


def written_again(draft: Draft | None, redraft: Redraft) -> Draft | None:
    """Return the draft with an id of its own and the line that says why there is another one."""
    if draft is None:
        return None
    return draft.model_copy(
        update={"draft_id": draft_id_of(redraft.redraft_id), "again": what_changed(redraft)}
    )


def what_changed(redraft: Redraft) -> str:
    """Return what changed since the last draft, as a sentence.

    >>> from datetime import UTC, datetime
    >>> ids = {"redraft_id": "r", "draft_id": "d", "ticket_id": "t", "account_id": "a", "based_on": "e"}
    >>> told = {"reason": "source_changed", "source_kind": "article", "title": "Seats"}
    >>> what_changed(Redraft(**ids, **told, requested_at=datetime(2026, 1, 1, tzinfo=UTC)))
    'Drafted again: the article “Seats” changed.'
    """
    kind = _KINDS.get(redraft.source_kind, "source")
    return f"Drafted again: the {kind} “{redraft.title}” {_CHANGES[redraft.reason]}."
