"""The one safe way to read a topic (design, section 5)."""

from streams.consume.errors import Fenced, InvalidRecord
from streams.consume.limits import FailurePolicy
from streams.consume.pipeline import Pipeline
from streams.consume.records import Computed, Dropped, Failed, Handler, RawRecord, Stateless
from streams.consume.steps import ConsumerLink, PipelineOptions
from streams.consume.tails import ReadPosition

__all__ = [
    "Computed",
    "ConsumerLink",
    "Dropped",
    "Failed",
    "FailurePolicy",
    "Fenced",
    "Handler",
    "InvalidRecord",
    "Pipeline",
    "PipelineOptions",
    "RawRecord",
    "ReadPosition",
    "Stateless",
]
