"""The poison set: inputs that a pipeline must survive, each with the fate it must have.

Bad records become dead letters with a reason code. Odd but valid text has its effect, as text, and is never
run. Records that are too large never reach the topic, because the producer refuses them. The assumptions of
`decode` are in `streams/consume/decode.py`.
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
