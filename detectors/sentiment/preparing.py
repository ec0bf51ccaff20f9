"""The words of a raw message that a model scores, with their language and frustration."""

from collections.abc import Collection
from dataclasses import dataclass

from detectors.sentiment.form import without_form
from detectors.sentiment.frustration import frustration
from detectors.sentiment.language import ENGLISH_ONLY, UNKNOWN_LANGUAGE, Language, identify
from schemas.reading.courtesies import without_courtesies
from schemas.reading.reader import read

EXAMINED_CHARACTERS = 100_000
"""Characters examined of one message: bounds the work. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class ExaminedText:
    """Words to score, their language and frustration; `abstained` names why they have no mood, or is None."""

    text: str
    language: Language
    frustration: float
    reasons: tuple[str, ...]
    truncated: bool
    abstained: str | None


def examine(
    text: str, languages: Collection[str] = ENGLISH_ONLY, *, keeps_form: bool = False
) -> ExaminedText:
    """Read and examine one message; of a text beyond EXAMINED_CHARACTERS only both ends, see `truncated`.

    Courtesies and other sentences of form are left out, because they do not show the mood; training keeps the
    sentences of form, so that the model learns to look past them. `languages` are the ISO 639-1 codes that
    the model reads, all of them in `LANGUAGES`.

    >>> examine("> only a quote").abstained
    'empty_text'
    >>> examine("Das ist leider schon wieder kaputt gegangen").abstained
    'unsupported_language'
    """
    words = without_courtesies(read(text).text)
    truncated = len(words) > EXAMINED_CHARACTERS
    half = EXAMINED_CHARACTERS // 2
    words = f"{words[:half]}\n{words[-half:]}" if truncated else words
    words = words if keeps_form else without_form(words)
    language = identify(words, languages)
    level, reasons = frustration(words)
    abstained = None
    if language.code == UNKNOWN_LANGUAGE:
        abstained = "empty_text"
    elif not language.supported:
        abstained = "unsupported_language"
    return ExaminedText(words, language, level, reasons, truncated, abstained)
