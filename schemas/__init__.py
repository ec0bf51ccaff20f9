"""The vocabulary: the records on topics and in tables. Imports no other package of the product.

Modules of the product import `schemas.tickets` and its siblings directly; this page is for readers and tests.
"""

from schemas.base import Record
from schemas.churn import SIGNAL, ChurnAlert, Contribution, Incident, Signal, Stakes
from schemas.knowledge import Account, KnowledgeArticle, Macro, SolvedTicket
from schemas.letters import DeadLetter
from schemas.tickets import Citation, Claim, Decision, Draft, MoodEvidence, Sentiment, SituationFact, Ticket
from schemas.usage import Anomaly, ChartPoint, UsageEvent

__all__ = [
    "SIGNAL",
    "Account",
    "Anomaly",
    "ChartPoint",
    "ChurnAlert",
    "Citation",
    "Claim",
    "Contribution",
    "DeadLetter",
    "Decision",
    "Draft",
    "Incident",
    "KnowledgeArticle",
    "Macro",
    "MoodEvidence",
    "Record",
    "Sentiment",
    "Signal",
    "SituationFact",
    "SolvedTicket",
    "Stakes",
    "Ticket",
    "UsageEvent",
]
