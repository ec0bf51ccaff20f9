"""Reading a sentence into tokens: words with their concept, quantities with a unit, limits and denials."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from responders.policy.claims.phrases import (
    COMPARISONS,
    DENIALS,
    FUNCTION_WORDS,
    MARKERS,
    MODALS,
    PARTIES,
    PHRASES,
    QUANTIFIERS,
)
from responders.policy.claims.quantities import WordPiece, is_number_word, quantified
from responders.policy.claims.records import Token
from responders.policy.claims.synonyms import GROUPS
from responders.words import stem

_PIECE: Final = re.compile(
    r"\{\w+\}|[$€£¥%]|(?<![\w-])-(?=\d)|\d+[A-Za-z]\w*(?:-\w+)*|\d+(?:[.,:]\d+)*|°[CF]|[A-Za-zÀ-ÿ][\w]*(?:[.][A-Za-z]\w+)+"
    r"|[A-Za-zÀ-ÿ]\w*(?:'[A-Za-z]+)?(?:-[\w]+(?:'[a-z]+)?)*'?|[;:,()>|?!.…]"
)
_CONTRACTIONS: Final = (
    (re.compile(r"\b(can)(?:not|'t)\b", re.IGNORECASE), r"\1 not"),
    (re.compile(r"\bwon't\b", re.IGNORECASE), "will not"),
    (re.compile(r"(?<=[a-z])n't\b", re.IGNORECASE), " not"),
    (re.compile(r"'(?:ll)\b"), " will"),
    (re.compile(r"'(?:re)\b"), " are"),
    (re.compile(r"'(?:ve)\b"), " have"),
    (re.compile(r"\b(\d{1,2})\s?([ap])\.?\s?m\b\.?(?=\W|$)", re.IGNORECASE), r"\1 \2m"),
    (re.compile(r"(?<=\d)(KB|MB|GB|TB|kg|km|mm|cm|ms|kWh|min|h)\b"), r" \1"),
    (re.compile(r"\b([MGk])bit/s"), r"\1bitps"),
    (re.compile(r"(?<=\w)/(?=\w)"), " or "),
)


def read_tokens(sentence: str) -> list[Token]:
    """Return the tokens of one sentence, in order.

    >>> [token.key for token in read_tokens("You cannot return items within 2 weeks.")]
    ['you', 'can', 'not', 'return', 'item', 'within', '14 day', '.']
    """
    plain = " ".join(sentence.replace("’", "'").replace("`", "").split())
    for pattern, said in _CONTRACTIONS:
        plain = pattern.sub(said, plain)
    pieces = [WordPiece(found.group().rstrip("'") or "'") for found in _PIECE.finditer(plain)]
    return list(_tokens(quantified(_turned(_joined(_gathered(_unhyphened(pieces)))), COMPARISONS)))


def _unhyphened(pieces: list[WordPiece]) -> list[WordPiece]:
    """Split "two-year" and "point-in-time" at their hyphens; words of the tables stay whole."""
    found: list[WordPiece] = []
    for piece in pieces:
        word = piece.raw.lower()
        if "-" not in word or len(word) < 2 or _is_whole(piece.raw, word):
            found.append(piece)
        else:
            found.extend(WordPiece(part) for part in piece.raw.split("-") if part)
    return found


def _is_whole(raw: str, word: str) -> bool:
    """Tell whether a word with a hyphen is one word: of a table, or a code such as HY-140."""
    return concept(word)[0] != word or word in MARKERS or CODE.match(raw) is not None


_BACK: Final = frozenset(
    """send sends sending sent give gives giving gave given bring brings bringing brought""".split()
)
_APART: Final = 5
"""Words at most between a verb and its "back"."""


def _gathered(pieces: list[WordPiece]) -> list[WordPiece]:
    """Put "back" directly after its verb: "send the machine back" is "send back the machine"."""
    found = list(pieces)
    for place in range(1, len(found)):
        before = [piece.raw.lower() for piece in found[max(0, place - 1 - _APART) : place]]
        verbs = [step for step, word in enumerate(before, 1) if word in _BACK]
        if not _ends_a_phrase(found, place):
            continue
        if verbs and all(map(_stands_between, before[verbs[-1] :])):
            found.insert(place - len(before) + verbs[-1], found.pop(place))
    return found


def _ends_a_phrase(pieces: list[WordPiece], place: int) -> bool:
    """Tell whether a word is a "back" without a noun of its own, unlike "the back office"."""
    if pieces[place].raw.lower() != "back" or pieces[place - 1].raw.lower() in {"the", "a", "its", "your"}:
        return False
    following = pieces[place + 1].raw.lower() if place + 1 < len(pieces) else "."
    return not following[0].isalpha() or following in FUNCTION_WORDS or following in MARKERS


def _stands_between(word: str) -> bool:
    return word.isalpha() and word not in MARKERS and word not in _APARTING


_APARTING: Final = frozenset("is are be money and or but we to through".split())
"""Words after which "back" belongs to something else."""


CODE: Final = re.compile(r"[A-Z]{1,5}-\d+$")
"""A code such as HY-140, which is one name."""


def _joined(pieces: list[WordPiece]) -> list[WordPiece]:
    """Join each known phrase into the words that it means."""
    found: list[WordPiece] = []
    place = 0
    lower = [piece.raw.lower() for piece in pieces]
    while place < len(pieces):
        for words, meaning in PHRASES.get(lower[place], ()):
            if tuple(lower[place : place + len(words)]) == words:
                found.extend(WordPiece(word) for word in meaning.split())
                place += len(words)
                break
        else:
            found.append(pieces[place])
            place += 1
    return found


def _turned(pieces: list[WordPiece]) -> list[WordPiece]:
    """Put "or more" before its number if the unit follows: "five or more days"."""
    found = list(pieces)
    for place in range(1, len(found) - 1):
        first, joint, last = (found[place + step].raw for step in (-1, 0, 1))
        if (
            joint in {"<min>", "<max>"}
            and last.isalpha()
            and (first.isdigit() or is_number_word(first.lower()))
        ):
            found[place - 1 : place + 1] = [found[place], found[place - 1]]
    return found


def _tokens(pieces: list[WordPiece]) -> Iterator[Token]:
    start = True
    for place, piece in enumerate(pieces):
        following = pieces[place + 1].raw.lower() if place + 1 < len(pieces) else ""
        if piece.raw.lower() in _PLACES and place + 1 < len(pieces) and _is_placed(pieces[place + 1]):
            yield Token("light", piece.raw.lower(), piece.raw)
            continue
        yield _token(piece, start=start, following=following, previous=pieces[place - 1].raw if place else "")
        start = piece.raw in {".", "?", "!", "|", ":"} or (start and piece.raw in {"{", "("})


def _is_placed(following: WordPiece) -> bool:
    """Tell whether a word of place only leads to what follows: a quantity, or a page such as "Settings"."""
    return bool(following.quantity) or following.raw[0].isupper()


def _token(piece: WordPiece, *, start: bool, following: str, previous: str) -> Token:
    raw, word = piece.raw, piece.raw.lower()
    if piece.quantity:
        return Token("quantity", piece.quantity, raw, comparison=piece.comparison)
    if not raw[0].isalnum() and raw[0] != "<":
        return Token("light" if raw[0] == "{" else "stop", raw, raw)
    if _is_name(raw, start=start):
        key = concept(word)[0] if word in _CALENDAR else stem(word)
        return Token("word", key, raw, name=True, is_party=_acts(word))
    return _limiting(word, raw, following, previous) or _plain(word, raw)


def _limiting(word: str, raw: str, following: str, previous: str) -> Token | None:
    """Return the token of a word that limits, allows, counts or denies; None for others."""
    if word == "once" and (not previous or not previous[-1].isalnum() or following in _SUBJECTS):
        return Token("marker", "if", raw)
    for kind, table in (("marker", MARKERS), ("quantifier", QUANTIFIERS), ("modal", MODALS)):
        if word in table:
            return Token(kind, table[word], raw, denies=word in {"without", "unless"})
    if word == "impossible":
        return Token("modal", "can", raw, denies=True)
    if word in DENIALS:
        return Token("deny", "not", raw, denies=True)
    return None


_PLACES: Final = frozenset("over above below under beyond".split())
"""Comparisons that are words of place when no quantity follows."""


def _plain(word: str, raw: str) -> Token:
    if word in FUNCTION_WORDS or (word in COMPARISONS and word not in _PLACES):
        return Token("light", word, raw)
    key, denies = concept(word)
    return Token("word", key, raw, denies=denies, is_party=_acts(word))


def _acts(word: str) -> bool:
    """Tell whether a word names somebody who acts."""
    plain = word.removesuffix("'s").removesuffix("'")
    return plain in PARTIES or plain.removesuffix("s") in PARTIES


_SUBJECTS: Final = frozenset(
    """there these those all its our their his her a an it you they we the your this that somebody someone i
    he she""".split()
)
_CALENDAR: Final = frozenset(
    """january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays
    sundays""".split()
)


def _is_name(raw: str, *, start: bool) -> bool:
    """Tell whether a word is written like a name: a capital inside a sentence, or unusual letters."""
    if raw in {"I", "Yes", "No"} or not raw[0].isalpha():
        return False
    odd = any(char.isupper() for char in raw[1:]) or "_" in raw or any(char.isdigit() for char in raw)
    return odd or "." in raw or (raw[0].isupper() and not start) or raw == "Plus"


def _table() -> dict[str, tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    for line in GROUPS.strip().splitlines():
        group = line.split()
        for word in group:
            plain = word.removeprefix("!")
            found[plain] = found[stem(plain)] = (group[0], word.startswith("!"))
    return found


_CONCEPTS: Final = _table()


_SHORT: Final = 6
"""A word of at most this many letters with "un" is not taken for a denial, such as "united"."""


@lru_cache(maxsize=50_000)
def concept(word: str) -> tuple[str, bool]:
    """Return the concept of a lower-case word, and whether the word denies it.

    >>> concept("removes"), concept("closed"), concept("invoices")
    (('delete', False), ('open', True), ('invoic', False))
    """
    plain = word.removesuffix("'s").removesuffix("'")
    if plain in _CONCEPTS:
        return _CONCEPTS[plain]
    root = stem(plain)
    if root in _CONCEPTS:
        return _CONCEPTS[root]
    if plain.startswith("un") and plain.endswith("ed") and len(plain) > _SHORT:
        return concept(plain[2:])[0], True
    return root, False
