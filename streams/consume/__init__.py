"""The one safe way to read a topic (design, section 5)."""

from streams.consume.errors import Fenced, InvalidRecord
from streams.consume.limits import FailurePolicy
from streams.consume.pipeline import Pipeline
from streams.consume.records import Dropped, Failed, Handler, Ran, RawRecord, Stateless
from streams.consume.steps import Group, Options
from streams.consume.tails import Read

__all__ = [
    "Dropped",
    "Failed",
    "FailurePolicy",
    "Fenced",
    "Group",
    "Handler",
    "InvalidRecord",
    "Options",
    "Pipeline",
    "Ran",
    "RawRecord",
    "Read",
    "Stateless",
]
