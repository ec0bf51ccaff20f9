"""The language of a customer's own prose: a text that the model cannot read is named, not scored.

Each sentence is judged by its function words; py3langid judges what they leave open. Quoted spans, code and
links are left out. The lines of a log and an error text after a colon weigh little, and a sentence in which
the writer speaks of himself weighs double. So a message that quotes a foreign error keeps its own language.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from detectors.sentiment.function_words import FIRST_PERSON, INTRODUCING, LANGUAGES_OF
from detectors.sentiment.prose import Sentence, sentences

UNKNOWN_LANGUAGE: Final = "und"
ENGLISH_ONLY: Final = ("en",)
LANGUAGES: Final = (
    "ar bg bn ca cs da de el en es et fa fi fr gu he hi hr hu id it ja ka kk kn ko lt lv mk ml mr ms nl"
    " no pa pl pt ro"
    " ru sk sl sq sr sv sw ta te th tl tr uk ur vi zh"
).split()
IDENTIFIED_CHARACTERS: Final = 4000
"""Characters read of a text: bounds the time of identification. Chosen by hand."""

MAX_CALLS: Final = 3
"""Sentences of one text that py3langid judges at most, the longest first. Chosen by hand."""

FEW_WORDS: Final = 4
"""Words below which the stricter EVIDENCE_RATIO_FEW applies. Chosen by hand."""

EVIDENCE_RATIO: Final = 2.0
EVIDENCE_RATIO_FEW: Final = 16.0
"""Times as likely as a supported language that another one must be for py3langid. Both chosen by hand."""

_REPORTED: Final = 0.2
"""Weight of a program's words. Chosen on the tuning half of tests/detectors/sentiment/languages.jsonl."""

_OWN_VOICE: Final = 2.0
"""Weight of a question, and of a sentence in which the writer speaks of himself. Chosen on the same half."""

_OPENING: Final = 1.5
"""Further weight of the first sentence: few people begin with a quotation. Chosen on the same half."""

_ONE_LETTER: Final = 0.25
"""Evidence of a word of one letter, which may be the name of an option. Chosen by hand."""

_LEAST_SHARE: Final = 0.25
"""Share of a sentence's words that decides although it is only one word. Chosen by hand."""

_OPEN_SHARE: Final = 0.4
"""Share of letters in open sentences from which py3langid is asked. Chosen by hand."""

_ELIDED: Final = {
    before: ("fr", "it") if before in ("l", "d", "c", "m") else ("fr",)
    for before in "l d c m j n qu s t".split()
}
"""The languages of the part before an apostrophe."""

_FRAMED_WORDS: Final = 5
"""Words that a sentence needs so that its first two and its last can frame others. Chosen by hand."""

_NAMED_WORDS: Final = 5
"""Words from which py3langid names a language better than the lists do. Chosen by hand."""

_FOREIGN: Final = "?"
"""The code of a sentence that no supported language explains, until it is named."""


@dataclass(frozen=True, slots=True)
class Language:
    """An ISO 639-1 code, `und` if the text has no letters, and the share of the prose that speaks for it.

    `confidence` is that share, weighed, in [0, 1]. `supported` tells whether the model reads the language.
    """

    code: str
    confidence: float
    supported: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    """A sentence with its language: a code, `_FOREIGN`, or None if nothing decides; `sureness` in [0, 1]."""

    sentence: Sentence
    code: str | None
    sureness: float = 1.0


def identify(text: str, languages: Collection[str] = ENGLISH_ONLY) -> Language:
    """Return the language of the prose in the first IDENTIFIED_CHARACTERS of `text`.

    `languages` are the codes that the model reads. A text counts as supported unless there is evidence
    against it: short texts and technical words have little. Pure; never raises; py3langid is called
    MAX_CALLS + 1 times at most.

    >>> identify("How do I export my labels?").code
    'en'
    >>> identify("Der Export ist schon wieder fehlgeschlagen und niemand antwortet.").code
    'de'
    >>> identify('I only see "Der Export ist fehlgeschlagen". Why?').supported
    True
    >>> identify("12345 !!").code
    'und'
    """
    found = sentences(text[:IDENTIFIED_CHARACTERS])
    if not found:
        return Language(UNKNOWN_LANGUAGE, 0.0, supported=False)
    judged = [_by_function_words(sentence, languages) for sentence in found]
    return _summed(_with_open_ones(judged, languages), languages)


def _summed(judged: Sequence[_Judged], languages: Collection[str]) -> Language:
    weighed = list(zip(judged, _weights(judged, languages), strict=True))
    total = sum(weight for _, weight in weighed)
    own = sum(weight for one, weight in weighed if one.code in languages)
    is_supported = 2 * own >= total
    chosen = [
        (one, weight)
        for one, weight in weighed
        if one.code is not None and (one.code in languages) == is_supported
    ]
    sureness = sum(weight * one.sureness for one, weight in chosen) / total
    return Language(_name([one for one, _ in chosen], languages), min(1.0, sureness), is_supported)


def _by_function_words(sentence: Sentence, languages: Collection[str]) -> _Judged:
    """Judge a sentence by its words; a foreign script is enough if English is the only language."""
    is_english_only = set(languages) == {"en"}
    if not sentence.is_latin:
        return _Judged(sentence, _FOREIGN if is_english_only else None)
    counts, accents = _counts(sentence.words)
    own, own_code = _most(counts, languages, inside=True)
    other, other_code = _most(counts, languages, inside=False)
    if is_english_only:
        other += accents
    if own >= max(1.0, other) and len(sentence.words) < FEW_WORDS:
        return _Judged(sentence, own_code)
    if "en" in languages and _is_framed_by_english(sentence.words):
        return _Judged(sentence, "en")
    needed = min(2.0, max(1.0, _LEAST_SHARE * len(sentence.words)))
    is_decided = max(own, other) >= max(needed, 2 * min(own, other))
    return _Judged(sentence, (own_code if own > other else other_code) if is_decided else None)


def _counts(words: Sequence[str]) -> tuple[dict[str, float], int]:
    """Return how many words each language lists, and the unlisted lower-case words with an accent.

    Beside English words in lower case, neighbours with capitals are a name: "El Corte Inglés card rejected".
    """
    counts: dict[str, float] = {}
    accents = 0
    has_english = any(word.islower() and _is_english_alone(word) for word in words)
    for place, word in enumerate(words):
        known = _languages_of(word.lower())
        if has_english and "en" not in known and _is_inside_name(words, place):
            continue
        for code in known:
            counts[code] = counts.get(code, 0.0) + (_ONE_LETTER if len(word) == 1 else 1.0)
        accents += not known and not word.isascii() and word[0].islower()
    return counts, accents


def _is_inside_name(words: Sequence[str], place: int) -> bool:
    neighbours = (*words[max(0, place - 1) : place], *words[place + 1 : place + 2])
    return words[place].istitle() and any(word.istitle() for word in neighbours)


def _is_framed_by_english(words: Sequence[str]) -> bool:
    """Tell whether a sentence begins and ends in English, so that other words between are quoted."""
    if len(words) < _FRAMED_WORDS:
        return False
    return all(map(_is_english_alone, (*words[:2], words[-1])))


def _languages_of(word: str) -> Sequence[str]:
    """Return the languages of a lower-case word; of an elided word ("l'ordre") those of its ends.

    >>> "fr" in _languages_of("n'arrive"), _languages_of("customer's")
    (True, ())
    """
    plain = word.replace("\u2019", "'")
    if plain in LANGUAGES_OF or "'" not in plain:
        return LANGUAGES_OF.get(plain, ())
    before, after = plain.split("'", 1)
    return (
        LANGUAGES_OF.get(after, ()) if len(after) > 1 and after in LANGUAGES_OF else _ELIDED.get(before, ())
    )


def _most(counts: Mapping[str, float], languages: Collection[str], *, inside: bool) -> tuple[float, str]:
    """Return the greatest count of the languages inside or outside `languages`, with its code."""
    found = [(count, code) for code, count in counts.items() if (code in languages) == inside]
    return max(found, default=(0.0, _FOREIGN))


def _with_open_ones(judged: list[_Judged], languages: Collection[str]) -> list[_Judged]:
    """Ask py3langid about the longest open sentences; about all words as one if no sentence decides."""
    open_ones = [number for number, one in enumerate(judged) if one.code is None]
    letters = sum(one.sentence.size for one in judged)
    if sum(judged[number].sentence.size for number in open_ones) <= _OPEN_SHARE * letters:
        return judged
    if len(open_ones) == len(judged):
        return [_by_letters(_joined([one.sentence for one in judged]), languages)]
    result = list(judged)
    for number in sorted(open_ones, key=lambda number: -judged[number].sentence.size)[:MAX_CALLS]:
        result[number] = _by_letters(judged[number].sentence, languages)
    return result


def _joined(parts: Sequence[Sentence]) -> Sentence:
    return replace(parts[0], words=tuple(word for part in parts for word in part.words))


def _by_letters(sentence: Sentence, languages: Collection[str]) -> _Judged:
    """Judge a sentence by its vocabulary, then by py3langid; a supported language has the benefit."""
    if "en" in languages and _is_english_vocabulary(sentence.words):
        return _Judged(sentence, "en")
    ranked = _ranked(sentence.words)
    own = max((code for code in ranked if code in languages), key=ranked.__getitem__)
    other = max((code for code in ranked if code not in languages), key=ranked.__getitem__)
    needed = EVIDENCE_RATIO_FEW if len(sentence.words) < FEW_WORDS else EVIDENCE_RATIO
    chosen = other if ranked[other] > needed * ranked[own] else own
    return _Judged(sentence, chosen, ranked[chosen] / max(ranked[own] + ranked[other], 1e-9))


def _is_english_vocabulary(words: Sequence[str]) -> bool:
    """Tell whether more than half of the words are English; letters alone tell nothing against it."""
    plain = [word for word in words if len(word) > 1]
    return 2 * sum(map(_is_english, plain)) > len(plain) or not plain


def _is_english(word: str) -> bool:
    plain = word.lower().replace("\u2019", "'")
    return plain in _vocabulary() or "en" in LANGUAGES_OF.get(plain, ())


def _is_english_alone(word: str) -> bool:
    return _is_english(word) and set(_languages_of(word.lower())) <= {"en"}


@cache
def _vocabulary() -> frozenset[str]:
    """Return English words: those that four messages of the corpus have in lower case, 4,025 of them."""
    return frozenset((Path(__file__).parent / "english_words.txt").read_text(encoding="utf-8").split())


def _ranked(words: Sequence[str]) -> dict[str, float]:
    """Return the probability of each language; words with a capital inside the sentence may be names."""
    plain = [word for place, word in enumerate(words) if place == 0 or not word[0].isupper()]
    kept = plain if len(plain) >= FEW_WORDS else words
    return dict(_identifier().rank(" ".join(kept)))


def _weights(judged: Sequence[_Judged], languages: Collection[str]) -> list[float]:
    """Return the weight of each sentence: its letters, more for an own voice, less for a program's words."""
    weights: list[float] = []
    reporter: bool | None = None
    for one in judged:
        is_own = None if one.code is None else one.code in languages
        if reporter is not None and is_own is not None and is_own != reporter:
            weights.append(_weight(one) * _REPORTED)
            continue
        if is_own is not None:
            reporter = is_own if _introduces(one.sentence) else None
        weights.append(_weight(one) * (1.0 if any(weights) else _OPENING))
    return weights


def _introduces(sentence: Sentence) -> bool:
    if sentence.introduces and len(sentence.words) > 1:
        return True
    return any(word.lower() in INTRODUCING for word in sentence.words)


def _weight(one: _Judged) -> float:
    if one.code is None:
        return 0.0
    if one.sentence.is_reported:
        return one.sentence.size * _REPORTED
    speaks = one.sentence.asks or any(word.lower() in FIRST_PERSON for word in one.sentence.words)
    return one.sentence.size * (_OWN_VOICE if speaks else 1.0)


def _name(chosen: Sequence[_Judged], languages: Collection[str]) -> str:
    """Return the language of the judged sentences; py3langid names a foreign one if there are many words."""
    is_supported = chosen[0].code in languages
    if is_supported and len(languages) == 1:
        return next(iter(languages))
    sizes: dict[str, int] = {}
    for one in chosen:
        if one.code is not None and one.code != _FOREIGN:
            sizes[one.code] = sizes.get(one.code, 0) + one.sentence.size
    words = _joined([one.sentence for one in chosen]).words
    is_named = len(chosen) == 1 and chosen[0].sureness < 1.0
    if sizes and (is_named or len(words) < _NAMED_WORDS):
        return max(sizes, key=sizes.__getitem__)
    ranked = _ranked(words)
    return max((code for code in ranked if (code in languages) == is_supported), key=ranked.__getitem__)


@cache
def _identifier() -> Any:
    from py3langid import langid  # noqa: PLC0415

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
