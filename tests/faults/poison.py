"""The poison set: inputs that a pipeline must survive, each with the fate it must have.

Bad records become dead letters with a reason code; odd but valid text has its effect, as text, and is
never run; what is too large never reaches the topic, because the producer refuses it. What `decode`
takes for granted stands in `streams/consume/decode.py`.
"""

from tests.faults.poison_parts import Fate, Headers, Poison
from tests.faults.poison_signals import alert_poisons, signal_poisons
from tests.faults.poison_tickets import INJECTIONS, ticket_poisons
from tests.faults.poison_usage import usage_poisons

__all__ = [
    "INJECTIONS",
    "Fate",
    "Headers",
    "Poison",
    "alert_poisons",
    "signal_poisons",
    "ticket_poisons",
    "usage_poisons",
]
