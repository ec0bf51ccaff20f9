"""EDGE: the SQL of the desk. Every function takes a Session, binds its values and never commits.

`queue` reads the tickets and drafts that wait for a support agent, `tickets` reads a ticket or a draft,
`decisions` records the decision on a draft, `replies` records a reply without a draft, `alerts` reads and
changes churn alerts, `accounts` reads everything about an account. Every change notifies all desks when the
caller commits.
"""

from responders.store.desk.accounts import account_view
from responders.store.desk.alerts import (
    OUTCOMES,
    AlertMove,
    AlertRefused,
    AlertView,
    alert_counts,
    list_alerts,
    move_alert,
    open_incidents,
)
from responders.store.desk.decisions import DeskChoice, closes, record_decision, similarity, undo_decision
from responders.store.desk.queue import (
    QueueCursor,
    QueueRow,
    decided_queue,
    open_queue,
    outreach_queue,
    queue_counts,
)
from responders.store.desk.refusals import DecisionRefused
from responders.store.desk.replies import OwnReply, newest_reply, record_reply, undo_reply
from responders.store.desk.tickets import DraftView, TicketView, draft_view, ticket_view

__all__ = [
    "OUTCOMES",
    "AlertMove",
    "AlertRefused",
    "AlertView",
    "DecisionRefused",
    "DeskChoice",
    "DraftView",
    "OwnReply",
    "QueueCursor",
    "QueueRow",
    "TicketView",
    "account_view",
    "alert_counts",
    "closes",
    "decided_queue",
    "draft_view",
    "list_alerts",
    "move_alert",
    "newest_reply",
    "open_incidents",
    "open_queue",
    "outreach_queue",
    "queue_counts",
    "record_decision",
    "record_reply",
    "similarity",
    "ticket_view",
    "undo_decision",
    "undo_reply",
]
