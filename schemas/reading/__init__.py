"""Reads a customer's words: from a raw message to the newest words, answers, quotes and signature. Pure."""

from schemas.reading.courtesies import has_kind_words, without_courtesies
from schemas.reading.headers import without_reply_marks
from schemas.reading.preview import START_CHARACTERS, preview
from schemas.reading.reader import read
from schemas.reading.result import Answer, Reading

__all__ = [
    "START_CHARACTERS",
    "Answer",
    "Reading",
    "has_kind_words",
    "preview",
    "read",
    "without_courtesies",
    "without_reply_marks",
]
