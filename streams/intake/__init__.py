"""Events over HTTP: checked like the consumers do, answered with success only after the broker has them.

Before sending, all or nothing: if one event is wrong, none is sent. After sending, the answer is 200 if all
in-sync replicas acknowledged every record, otherwise 503 with the indices of the unacknowledged records. The
client chooses the event ids, so sending again doubles nothing.

May import `streams.consume` (the checks of the consumers), `streams.kafka`, `streams.process`,
`responders.web` and `schemas`.
"""

from responders.web.tokens import Tokens
from streams.intake.app import Intake, Limits, create_intake
from streams.intake.checks import Judge
from streams.intake.sending import BrokerLink
from streams.intake.server import IntakeServer

__all__ = [
    "BrokerLink",
    "Intake",
    "IntakeServer",
    "Judge",
    "Limits",
    "Tokens",
    "create_intake",
]
