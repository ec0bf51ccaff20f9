"""What a person does with a draft, recorded once."""

from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import text
from sqlmodel import Session, select

from responders.store.desk.tickets import shown_draft
from responders.store.notify import notify
from schemas import Decision
from schemas.tables import DecisionRow, DraftRow
from schemas.tickets import Action

# A longer pair would cost seconds in the quadratic matcher; the start of both tells enough.
COMPARED_CHARACTERS = 4_000

_NEWER = text(
    """
SELECT newer.kind FROM ticket_events answered
JOIN ticket_events newer ON newer.ticket_id = answered.ticket_id
    AND (newer.occurred_at, newer.event_id) > (answered.occurred_at, answered.event_id)
WHERE answered.event_id = :based_on AND answered.ticket_id = :ticket_id
ORDER BY newer.occurred_at DESC, newer.event_id DESC LIMIT 1
"""
)


class DecisionRefused(Exception):
    """The draft cannot be decided on; `reason` is a state, `unknown` or `newer_<event kind>`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person chose: a text to send, or to dismiss (`final_text` is None) with a reason."""

    final_text: str | None
    reason: str | None
    decided_by: str


def normalised(body: str) -> str:
    r"""Return the text with plain line ends and no blank edge, as a form gives and a person means it.

    >>> normalised("Hello\r\nyou \n")
    'Hello\nyou'
    """
    return body.replace("\r\n", "\n").replace("\r", "\n").strip()


def similarity(drafted: str, final: str) -> float:
    """Return the share of matching text in [0, 1]: 1 for equal texts, by difflib's ratio.

    Only the first 4,000 characters of each are compared.

    >>> similarity("Hello", "Hello")
    1.0
    >>> similarity("abcd", "abce")
    0.75
    """
    left, right = drafted[:COMPARED_CHARACTERS], final[:COMPARED_CHARACTERS]
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def record_decision(session: Session, draft_id: str, choice: Choice, *, now: datetime) -> Decision:
    """Record the choice, move the draft to its end state and tell the desks; return the decision.

    Holds the draft's row until the caller commits. Raises DecisionRefused when the draft is
    unknown or no longer live, or when a reply would answer an older event than the newest.
    """
    row = _held_draft(session, draft_id)
    if choice.final_text is not None:
        _refuse_if_outdated(session, row)
    decision = _decision(row, choice, now)
    row.state = decision.action
    row.record = row.record | {"state": decision.action}
    row.updated_at = now
    session.add(row)
    session.add(_decision_row(decision))
    session.flush()
    notify(session, "draft", draft_id)
    return decision


def _held_draft(session: Session, draft_id: str) -> DraftRow:
    row = session.exec(select(DraftRow).where(DraftRow.draft_id == draft_id).with_for_update()).first()
    if row is None:
        raise DecisionRefused("unknown")
    if row.state not in ("ready", "abstained"):
        raise DecisionRefused(row.state)
    return row


def _refuse_if_outdated(session: Session, row: DraftRow) -> None:
    bound = {"based_on": row.based_on, "ticket_id": row.ticket_id}
    newer = session.execute(_NEWER, bound).scalar()
    if newer is not None:
        raise DecisionRefused(f"newer_{newer}")


def _decision(row: DraftRow, choice: Choice, now: datetime) -> Decision:
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
