"""Events over HTTP: checked as the consumers check them, answered with success only once the broker has them.

All or nothing before sending: one wrong event and none is sent. After that the answer is 200 where every
record was acknowledged by all in-sync replicas, and 503 with the indices of those that were not. Event ids
are the client's, so sending again doubles nothing.
"""

from responders.web import Tokens
from streams.intake.app import Intake, Limits, create_intake
from streams.intake.checks import Judge
from streams.intake.guard import TokenError, parse_tokens
from streams.intake.sending import BrokerLink
from streams.intake.server import IntakeServer

__all__ = [
    "BrokerLink",
    "Intake",
    "IntakeServer",
    "Judge",
    "Limits",
    "TokenError",
    "Tokens",
    "create_intake",
    "parse_tokens",
]
