"""The language of a text: the encoder reads English, so a text in another language is named, not scored.

py3langid 0.4 ranks LANGUAGES. The decision is tuned for short support sentences: a text counts as English
unless there is evidence for another language. Links, addresses, numbers and codes are no evidence.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

_ENGLISH = "en"
UNKNOWN_LANGUAGE = "und"
LANGUAGES = (
    "ar bg bn ca cs da de el en es et fa fi fr gu he hi hr hu id it ja ka kk kn ko lt lv mk ml mr ms nl"
    " no pa pl pt ro"
    " ru sk sl sq sr sv sw ta te th tl tr uk ur vi zh"
).split()
IDENTIFIED_CHARACTERS = 4000
"""Characters read of a text: bounds the time of identification. Chosen by hand."""

FEW_WORDS = 4
"""Words below which the stricter EVIDENCE_RATIO_FEW applies. Chosen by hand."""

EVIDENCE_RATIO = 2.0
EVIDENCE_RATIO_FEW = 8.0
"""Times as likely as English that another language must be. Both chosen by hand.

The sentences of tests/detectors/sentiment/test_language.py check them; MODEL_CARD.md counts English texts
that are refused.
"""

_NOISE = re.compile(
    r"https?://\S{1,2000}|www\.\S{1,2000}|[^\s@]{1,64}@[^\s@]{1,255}|`[^`]{0,500}`"
    r"|\S{0,100}[_\\/{}<>=]\S{0,100}|\S{0,60}\d\S{0,60}"
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Language:
    """An ISO 639-1 code, `und` if the text has no letters, and its probability in [0, 1]."""

    code: str
    confidence: float

    @property
    def supported(self) -> bool:
        """Whether the encoder reads this language."""
        return self.code == _ENGLISH


def identify(text: str) -> Language:
    """Return the language of `text`, reading its first IDENTIFIED_CHARACTERS characters.

    A text of mostly non-Latin letters is never English. Otherwise another language must be EVIDENCE_RATIO
    times as likely as English, or EVIDENCE_RATIO_FEW times if the text has fewer than FEW_WORDS words.

    >>> identify("How do I export my labels?").code
    'en'
    >>> identify("Der Export ist schon wieder fehlgeschlagen und niemand antwortet.").code
    'de'
    >>> identify("12345 !!").code
    'und'
    """
    prose = _NOISE.sub(" ", text[:IDENTIFIED_CHARACTERS])
    words = _WORD.findall(prose)
    if not words:
        return Language(UNKNOWN_LANGUAGE, 0.0)
    ranked = dict(_identifier().rank(" ".join(words)))
    best = max((code for code in ranked if code != _ENGLISH), key=lambda code: ranked[code])
    if _foreign_script(words):
        return Language(best, float(ranked[best]))
    needed = EVIDENCE_RATIO_FEW if len(words) < FEW_WORDS else EVIDENCE_RATIO
    if ranked[best] > needed * ranked[_ENGLISH]:
        return Language(best, float(ranked[best]))
    return Language(_ENGLISH, float(ranked[_ENGLISH]))


def _foreign_script(words: list[str]) -> bool:
    letters = "".join(words)
    latin = sum(
        1 for letter in letters if letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")
    )
    return latin * 2 < len(letters)


@cache
def _identifier() -> Any:
    from py3langid import langid  # noqa: PLC0415

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
