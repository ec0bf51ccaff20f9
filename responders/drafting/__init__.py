"""From a ticket or an anomaly to a draft that waits for a person: retrieve, compose, check; or abstain."""

from responders.drafting.drafter import Drafter, Knowledge, ReadTicket, Rules
from responders.drafting.queries import query_vectors
from responders.drafting.situation import Situation, facts_of

__all__ = ["Drafter", "Knowledge", "ReadTicket", "Rules", "Situation", "facts_of", "query_vectors"]
