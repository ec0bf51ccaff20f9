"""Reads a customer's words: from a raw message to the newest words, answers, quotes and signature. Pure."""

from schemas.reading.courtesies import has_kind_words, without_courtesies
from schemas.reading.reader import read
from schemas.reading.result import Answer, Reading

__all__ = [
    "Answer",
    "Reading",
    "has_kind_words",
    "read",
    "without_courtesies",
]
