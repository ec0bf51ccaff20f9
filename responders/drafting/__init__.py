"""From a ticket or an anomaly to a draft that waits for a person: read, retrieve, compose, check; or abstain.

Pure. Imports generation, policy, privacy, retrieval, markup, words and schemas.
"""

from responders.drafting.drafter import Drafter, Rules
from responders.drafting.message import ReadTicket
from responders.drafting.queries import queries_of
from responders.drafting.situation import Situation

__all__ = ["Drafter", "ReadTicket", "Rules", "Situation", "queries_of"]
