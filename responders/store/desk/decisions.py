"""The decision of a person on a draft: recorded once, and undone if nothing has followed from it."""

from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import text
from sqlmodel import Session, col, select

from responders.drafting.edits import changed_facts
from responders.store.desk.desk_reply import DeskReply
from responders.store.desk.refusals import DecisionRefused
from responders.store.desk.replies import (
    add_reply,
    make_live,
    newest_event,
    remove_reply,
    reply_event_id,
)
from responders.store.desk.shown_drafts import shown_draft
from responders.store.desk.typed_text import normalised
from responders.store.heads import CLOSING_REASONS, hold
from responders.store.notify import notify
from schemas.table_parts import LIVE_STATES
from schemas.tables import DecisionRow, DraftRow
from schemas.tickets import Action, Decision, Draft, Ticket

COMPARED_CHARACTERS: Final = 4_000
"""Characters of each text that `similarity` compares: the matcher is quadratic and takes seconds for more."""

_NEWER = text(
    """
SELECT newer.kind FROM ticket_events answered
JOIN ticket_events newer ON newer.ticket_id = answered.ticket_id
    AND (newer.occurred_at, newer.event_id) > (answered.occurred_at, answered.event_id)
WHERE answered.event_id = :based_on AND answered.ticket_id = :ticket_id
ORDER BY newer.occurred_at DESC, newer.event_id DESC LIMIT 1
"""
)


@dataclass(frozen=True, slots=True)
class DeskChoice:
    """The choice of a person: a text to send, or a dismissal (`final_text` is None) with a reason."""

    final_text: str | None
    reason: str | None
    decided_by: str


def similarity(drafted: str, final: str) -> float:
    """Return difflib's ratio of matching text in [0, 1]; it is 1 for equal texts.

    Only the first 4,000 characters of each text are compared.

    >>> similarity("Hello", "Hello")
    1.0
    >>> similarity("abcd", "abce")
    0.75
    """
    left, right = drafted[:COMPARED_CHARACTERS], final[:COMPARED_CHARACTERS]
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def closes(reason: str | None) -> bool:
    """Return whether the reason of a dismissal means that the customer needs no reply.

    >>> closes("handled: by phone"), closes("tone"), closes(None)
    (True, False, False)
    """
    return (reason or "").partition(":")[0] in CLOSING_REASONS


def record_decision(session: Session, draft_id: str, choice: DeskChoice, *, now: datetime) -> Decision:
    """Record the choice, move the draft to its end state and notify the desks; return the decision.

    A text for a ticket becomes the newest event of the conversation. A dismissal takes the ticket off the
    queue only if its reason closes the ticket (`closes`); a draft that was dismissed for another reason may
    be dismissed again for a closing reason. The ticket and the draft are locked until the caller commits.
    Raises DecisionRefused if the draft is unknown or no longer live, or if the ticket has an event newer than
    the answered event.
    """
    row = _held_draft(session, draft_id)
    if row.state == "dismissed" and choice.final_text is None and closes(choice.reason):
        return _amended(session, row, choice, now)
    if row.state not in LIVE_STATES:
        raise DecisionRefused(row.state)
    if choice.final_text is not None:
        _refuse_if_outdated(session, row)
    decision = _decision(row, choice, now)
    row.state = decision.action
    row.record = row.record | {"state": decision.action}
    row.updated_at = now
    session.add(row)
    session.add(_decision_row(decision))
    session.flush()
    if decision.final_text is not None and row.ticket_id is not None:
        event = _reply_event(shown_draft(row), row.ticket_id, decision)
        add_reply(session, event, DeskReply(decision.decided_by, now, draft_id))
    notify(session, "draft", draft_id)
    return decision


def undo_decision(session: Session, draft_id: str, *, now: datetime) -> None:
    """Delete the decision on a draft, make the draft live again, and notify the desks.

    A reply can be removed from the conversation within `UNDO_SECONDS` and while it is the newest event; a
    dismissal can be undone until the ticket has a newer event. Raises DecisionRefused: `unknown`,
    `moved_on`, `too_late`, or the state of a draft without a decision.
    """
    row = _held_draft(session, draft_id)
    decision = session.exec(select(DecisionRow).where(DecisionRow.draft_id == draft_id)).first()
    if decision is None:
        raise DecisionRefused(row.state)
    _take_back(session, row, decision, now)
    session.delete(decision)
    make_live(row, now)
    session.add(row)
    session.flush()
    notify(session, "draft", draft_id)


def _held_draft(session: Session, draft_id: str) -> DraftRow:
    # Workers lock the ticket before the draft; another order here could deadlock with them.
    known = session.exec(select(DraftRow.ticket_id).where(DraftRow.draft_id == draft_id)).first()
    if known is not None:
        hold(session, [known])
    wanted = select(DraftRow).where(DraftRow.draft_id == draft_id).with_for_update()
    row = session.exec(wanted.execution_options(populate_existing=True)).first()
    if row is None:
        raise DecisionRefused("unknown")
    return row


def _take_back(session: Session, row: DraftRow, decision: DecisionRow, now: datetime) -> None:
    if row.ticket_id is None:
        reply = DeskReply(decision.decided_by, decision.decided_at, row.draft_id)
        if decision.action != "dismissed" and not reply.can_be_undone(now):
            raise DecisionRefused("too_late")
        return
    if decision.action != "dismissed":
        remove_reply(session, row.ticket_id, draft_id=row.draft_id, now=now)
    newest = newest_event(session, row.ticket_id)
    if (newest is not None and newest.event_id != row.based_on) or _live_draft(session, row.ticket_id):
        raise DecisionRefused("moved_on")


def _live_draft(session: Session, ticket_id: str) -> str | None:
    live = col(DraftRow.state).in_(LIVE_STATES)
    return session.exec(select(DraftRow.draft_id).where(DraftRow.ticket_id == ticket_id, live)).first()


def _amended(session: Session, row: DraftRow, choice: DeskChoice, now: datetime) -> Decision:
    known = session.exec(select(DecisionRow).where(DecisionRow.draft_id == row.draft_id)).first()
    newest = newest_event(session, row.ticket_id) if row.ticket_id else None
    settled = known is None or closes(known.record["reason"])
    if known is None or settled or newest is None or newest.event_id != row.based_on:
        raise DecisionRefused(row.state)
    decision = _decision(row, choice, now)
    known.record, known.decided_by, known.decided_at = decision.to_json(), decision.decided_by, now
    session.add(known)
    session.flush()
    notify(session, "draft", row.draft_id)
    return decision


def _reply_event(draft: Draft, ticket_id: str, decision: Decision) -> Ticket:
    return Ticket(
        event_id=reply_event_id("draft", draft.draft_id),
        ticket_id=ticket_id,
        account_id=draft.account_id,
        kind="human_reply",
        channel=draft.channel,
        subject=draft.subject,
        body=decision.final_text or "",
        occurred_at=decision.decided_at,
    )


def _refuse_if_outdated(session: Session, row: DraftRow) -> None:
    bound = {"based_on": row.based_on, "ticket_id": row.ticket_id}
    newer = session.execute(_NEWER, bound).scalar()
    if newer is not None:
        raise DecisionRefused(f"newer_{newer}")


def _decision(row: DraftRow, choice: DeskChoice, now: datetime) -> Decision:
    drafted = normalised(shown_draft(row).body)
    final = None if choice.final_text is None else normalised(choice.final_text)
    return Decision(
        decision_id=str(uuid5(NAMESPACE_URL, f"rapport:decision:{row.draft_id}")),
        draft_id=row.draft_id,
        action=_action(drafted, final),
        decided_by=choice.decided_by,
        reason=choice.reason,
        final_text=final,
        similarity=None if final is None else similarity(drafted, final),
        changed_facts=changed_facts(drafted, final) if final and drafted else (),
        decided_at=now,
    )


def _action(drafted: str, final: str | None) -> Action:
    if final is None:
        return "dismissed"
    return "sent" if final == drafted else "edited"


def _decision_row(decision: Decision) -> DecisionRow:
    return DecisionRow(
        decision_id=decision.decision_id,
        draft_id=decision.draft_id,
        action=decision.action,
        decided_by=decision.decided_by,
        record=decision.to_json(),
        decided_at=decision.decided_at,
    )
