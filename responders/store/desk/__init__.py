"""EDGE: the SQL of the desk. Every function takes a Session, binds its values and never commits.

`queue` reads the tickets and drafts that wait for a support agent, `tickets` reads a ticket or a draft,
`decisions` records the decision on a draft, `replies` records a reply without a draft, `alerts` reads and
changes churn alerts, `accounts` reads everything about an account. Every change notifies all desks when the
caller commits.
"""

from responders.store.desk.accounts import account_view
from responders.store.desk.alerts import (
    AlertMove,
    AlertRefused,
    alert_counts,
    list_alerts,
    move_alert,
    open_incidents,
)
from responders.store.desk.decisions import DeskChoice, record_decision, similarity, undo_decision
from responders.store.desk.queue import decided_queue, open_queue, outreach_queue, queue_counts
from responders.store.desk.refusals import DecisionRefused
from responders.store.desk.tickets import TicketView, draft_view, ticket_view

__all__ = [
    "AlertMove",
    "AlertRefused",
    "DecisionRefused",
    "DeskChoice",
    "TicketView",
    "account_view",
    "alert_counts",
    "decided_queue",
    "draft_view",
    "list_alerts",
    "move_alert",
    "open_incidents",
    "open_queue",
    "outreach_queue",
    "queue_counts",
    "record_decision",
    "similarity",
    "ticket_view",
    "undo_decision",
]
