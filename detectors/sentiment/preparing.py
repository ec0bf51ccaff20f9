"""From raw text to what a model reads: bounded, cleaned, its language known, its frustration measured."""

from dataclasses import dataclass

from .cleaning import clean
from .frustration import frustration
from .language import UNKNOWN, Language, identify

MAX_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A cleaned text with its language and frustration; `abstained` names why it has no mood, or is None."""

    text: str
    language: Language
    frustration: float
    reasons: tuple[str, ...]
    truncated: bool
    abstained: str | None


def read(text: str) -> Reading:
    """Clean and examine one text; beyond MAX_CHARACTERS only its two ends, which `truncated` says.

    >>> read("> only a quote").abstained
    'empty_text'
    >>> read("Das ist leider schon wieder kaputt gegangen").abstained
    'unsupported_language'
    """
    truncated = len(text) > MAX_CHARACTERS
    half = MAX_CHARACTERS // 2
    cleaned = clean(f"{text[:half]}\n{text[-half:]}" if truncated else text)
    language = identify(cleaned)
    level, reasons = frustration(cleaned)
    abstained = None
    if language.code == UNKNOWN:
        abstained = "empty_text"
    elif not language.supported:
        abstained = "unsupported_language"
    return Reading(cleaned, language, level, reasons, truncated, abstained)
