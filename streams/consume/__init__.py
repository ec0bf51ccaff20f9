"""The one safe way to read a topic (design, section 5)."""

from streams.consume.errors import ConsumeError, Fatal, Fenced, InvalidRecord, Unavailable
from streams.consume.pipeline import Options, Pipeline
from streams.consume.records import Dropped, Failed, Handler, Ran, RawRecord, Stateless

__all__ = [
    "ConsumeError",
    "Dropped",
    "Failed",
    "Fatal",
    "Fenced",
    "Handler",
    "InvalidRecord",
    "Options",
    "Pipeline",
    "Ran",
    "RawRecord",
    "Stateless",
    "Unavailable",
]
