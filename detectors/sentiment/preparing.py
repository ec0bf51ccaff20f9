"""From a raw message to the words a model scores, with their language and frustration."""

from dataclasses import dataclass

from detectors.sentiment.frustration import frustration
from detectors.sentiment.language import UNKNOWN, Language, identify
from schemas.reading import read, without_courtesies

MAX_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class ExaminedText:
    """Words to score, their language and frustration; `abstained` says why they have no mood, or is None."""

    text: str
    language: Language
    frustration: float
    reasons: tuple[str, ...]
    truncated: bool
    abstained: str | None


def examine(text: str) -> ExaminedText:
    """Read and examine one message; of words beyond MAX_CHARACTERS only the two ends, see `truncated`.

    Greeting and closing thanks are left out: a courtesy says nothing of the mood.

    >>> examine("> only a quote").abstained
    'empty_text'
    >>> examine("Das ist leider schon wieder kaputt gegangen").abstained
    'unsupported_language'
    """
    said = without_courtesies(read(text).text)
    truncated = len(said) > MAX_CHARACTERS
    half = MAX_CHARACTERS // 2
    said = f"{said[:half]}\n{said[-half:]}" if truncated else said
    language = identify(said)
    level, reasons = frustration(said)
    abstained = None
    if language.code == UNKNOWN:
        abstained = "empty_text"
    elif not language.supported:
        abstained = "unsupported_language"
    return ExaminedText(said, language, level, reasons, truncated, abstained)
