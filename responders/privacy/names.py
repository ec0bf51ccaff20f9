"""Names of people, by the words around them and by lists of first names."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import regex

from responders.late_pattern import LatePattern
from responders.privacy.cued import CuedPattern
from responders.privacy.gazetteer import WORDS_TOO, is_common, is_first_name, is_surname
from responders.privacy.name_cues import (
    CLOSINGS,
    GREETINGS,
    INTRODUCTIONS,
    NO_NAMES,
    PARTICLES,
    PEOPLE,
    PRESENCES,
    QUOTES,
    RELATIONS,
    SIGNATURES,
    SPEECH,
    THINGS,
    THINGS_OF_PEOPLE,
    TIMES,
    TITLES,
)
from responders.privacy.name_evidence import (
    is_ordinary_word,
    names_by_evidence,
    names_nearby,
)
from responders.privacy.places import is_place_or_company
from responders.privacy.span import PersonalValue

_I: Final = regex.IGNORECASE

_PART: Final = (
    r"(?:\p{Lu}[\p{L}\p{M}]{0,3}\.(?=\s\p{Lu}|\s[a-z]\.)|\p{Lu}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*)"
)
_PARTICLE: Final = (
    r"(?:von\sder|van\sder|van\sden|van\sde|von|van|der|den|de\sla|de|del|della|di|da|dos|das|du|la|le|bin"
    r"|binti|ibn|al"
    r"|el|af|zu|zur|ter|ten|y|e|b\.|d['’])"
)
_NICKNAME: Final = r"(?:[\"“(]\p{Lu}[\p{L}\p{M}]+[\"”)][ ])?"
_NAME: Final = rf"{_PART}(?:[ ]{_NICKNAME}(?:{_PARTICLE}[ ]?)?{_PART}){{0,4}}"
_LOOSE: Final = r"[\p{L}\p{M}][\p{L}\p{M}'’.-]*(?:[ ][\p{L}\p{M}][\p{L}\p{M}'’-]*){0,1}"
_START: Final = r"(?<![\p{L}\p{M}])"
_GAP: Final = r"[ ]?[,:(„“\"]?\s?[\"„“(]?"


_Pattern = LatePattern | CuedPattern


def _after(words: str, name: str = _NAME) -> CuedPattern:
    return CuedPattern(words, rf"\.?{_GAP}(?<!\p{{L}})({name})", before=_START)


_INTRODUCED = _after(INTRODUCTIONS)
_INTRODUCED_LOOSELY = _after(INTRODUCTIONS, _LOOSE)
_PRESENT = _after(PRESENCES)
_SELF = _after(
    r"i\s+am|i['’]m|this\s+is|hier\s+ist|hier\s+spricht|c['’]est|je\s+suis|soy|sono|sou|nachbar|as"
)
_PRESENT_LOOSELY = _after(PRESENCES + "|it[ ]was", r"\p{Ll}[\p{L}'’-]{2,20}")
_TITLED = CuedPattern(TITLES, rf"\.?[ ](?:(?i:dr|prof|mag)\.?[ ])?({_NAME})", before=_START)
_TITLED_LOOSELY = LatePattern(rf"{_START}(?:mr|mrs|ms)\.? (\p{{Ll}}[\p{{L}}'’-]{{2,30}})")
_RELATED = CuedPattern(
    RELATIONS,
    rf"[ ](?:\p{{L}}+[ ])?(?i:{PEOPLE})(?:[ ]was|[ ]is|[ ]here,?|[ ](?:named"
    rf"|called))?"
    rf"{_GAP}({_NAME})",
    before=_START,
)
_RELATED_LOOSELY = CuedPattern(
    "my|mein|meine|mon|ma|mi|mia|mio",
    rf"[ ](?i:{PEOPLE})[ ](\p{{Ll}}[\p{{L}}'’-]{{2,30}})",
    before=_START,
)
_NAMED_ROLE = CuedPattern(PEOPLE, rf"(?:[ ]?:|[ ](?:is|es|war|est|name:?))?{_GAP}({_NAME})", before=_START)
_WRITTEN = _after(SIGNATURES)
_SPOKEN_OF = _after(SPEECH)
_MEANT_FOR = LatePattern(
    rf"{_START}(?i:{THINGS_OF_PEOPLE})[ ](?:(?i:fehlt|is|was|info|number)[ ])?"
    r"(?i:for|für|pour|para|per|voor|dla|till|til|di|von|of|de)[ ]"
    rf"(?:(?i:mr|mrs|ms|dr|herrn?|frau|mme|sig|sra?)\.?[ ])?({_NAME})(?=[ ]?[,.;:!?()]|\s|$)"
)
_GREETED = CuedPattern(
    GREETINGS, rf",?[ ]({_NAME})(?=\s?[,!:.\n–-]|\s*$)", before=r"(?<=(?:^|\n|[.!] ?)\s{0,8})"
)
_SPEAKING = LatePattern(
    rf"{_START}({_NAME})(?=[ ](?:here|speaking|tässä|hier|from[ ]the|from[ ]Lot)(?!\p{{L}}))"
)
_SPEAKING_LOOSELY = LatePattern(rf"(?:^|[,.!\n]\s?|(?:hi|hey|moi),? )({_LOOSE})(?=[ ](?:here|tässä)\b)")
_CLOSED = CuedPattern(
    CLOSINGS,
    rf"[ ]?[,.!–-]?\s{{1,3}}[–—-]?\s?({_NAME}|\p{{Ll}}{{2,20}})(?=[ ]?[.,(]?(?:\s*\n"
    rf"|\s*$)|,\s)",
    before=_START,
)
_SIGNED = LatePattern(
    rf"(?:[.!?,:)]\s*\n\s*[–—-]{{0,2}}\s?|\s[–—-]{{1,2}}\s?)({_NAME}"
    rf"|[\p{{L}}\p{{M}}]{{2,20}}(?:\s\p{{Lu}}\.)?)(?=[.,]?\s*$|\n)"
)
_LAST_WORDS = LatePattern(rf"(?<=(?<!\d)[.!?…]\s{{1,2}})({_NAME})(?=[.,]?\s*$|,\s(?:room|\d|geb)|\sout$)")
_FIRST_WORDS = LatePattern(
    rf"(?:^|\n|[.!?]\s)\s*({_NAME})(?=\s?[,(:/]|\s(?:and|und|et|y|said|says|is|isn|did|will|can|has|hat)\b)"
)
_INITIAL = LatePattern(rf"{_START}(\p{{Lu}}\.\s(?:{_PARTICLE}\s)?\p{{Lu}}\p{{Ll}}[\p{{L}}\p{{M}}'’-]+)")
_WORDS = LatePattern(rf"{_START}({_NAME})")
_HAN = LatePattern(r"(?:我是|我叫|姓名|名字是|本人)\s?(\p{Han}{2,4}?)(?=[，。,.、 ]|的|$)")
_JAPANESE = LatePattern(
    r"(?<![\p{Han}\p{Hiragana}\p{Katakana}])"
    r"(\p{Han}{1,4}(?:[ \u3000][\p{Han}\p{Hiragana}\p{Katakana}]{1,5})?)"
    r"(?=と申します|です。|と言います)"
)
_KOREAN = LatePattern(
    r"(?:이름|예금주|성함)(?:은|:)?\s(\p{Hangul}{2,4})|(?<=안녕하세요,?\s)(\p{Hangul}{2,4})(?=입니다)"
)
_ARABIC = LatePattern(r"(?:اسمي|معكم|شكرا)\s(\p{Arabic}+(?:\s\p{Arabic}{3,})?)")
_INDIC = LatePattern(
    r"(?:আমি|मैं|मेरा नाम)\s([\p{Bengali}\p{Devanagari}]+(?:\s[\p{Bengali}\p{Devanagari}]+)?)(?=,|\s?।"
    r"|\sहूँ|\sहै)"
)
_PASSENGER = LatePattern(
    r"\b([A-Z]{2,20}/[A-Z]{2,20}(?: [A-Z]{2,20}){0,2})(?= (?:MRS?|MS|MSTR|DR)\b|,)"
    r"|(?<=\b(?:[Pp]assengers?|[Pp]ax|[Gg]uest):? )([A-Z]{2,20}/[A-Z]{2,20}(?: [A-Z]{2,20}){0,2})"
)
_APPOSED = LatePattern(
    rf"{_START}(?i:for|from|with|to|by|für|von|mit|pour|avec|para|con|per|da|dla|od|voor|van|met)[ ]"
    rf"({_NAME}),[ ]"
    r"(?i:my|our|his|her|the\sone|who|mein\w*|unser\w*|mon|ma|mi|meu|minha|mio|mia|mijn|onze|mój)[ ]\p{Ll}"
)
_FAMILY = LatePattern(
    rf"{_START}(?:the|The)[ ]({_PART})(?=[ ](?:family|household|couple|children|kids|twins)\b)"
)
_OATH = LatePattern(rf"(?<!\p{{L}})(?:I|Ich|Je|Yo|Io|Eu|Ja|Ik|Jag|Jeg),[ ]({_NAME}),")

_REVERSED = LatePattern(rf"{_START}(\p{{Lu}}\p{{Ll}}+(?:,[ ]?|/)\p{{Lu}}\p{{Ll}}+)(?!\p{{L}})")
"""A surname and a first name: Sorensen/Mikkel, or Holt, Anna."""

_SURE: Final = (_OATH, _FAMILY, _INTRODUCED, _TITLED, _GREETED, _WRITTEN, _INITIAL)
"""After these words, words with a capital letter are a name."""
_LIKELY: Final = (_PRESENT, _SPOKEN_OF, _FIRST_WORDS, _WORDS)
"""Here a name must begin with a known first name."""
_SCRIPTS: Final = (_HAN, _JAPANESE, _KOREAN, _ARABIC, _INDIC, _PASSENGER)
_LOOSE_ONES: Final = (_INTRODUCED_LOOSELY, _PRESENT_LOOSELY, _RELATED_LOOSELY, _SPEAKING_LOOSELY)


def names(text: str) -> Iterator[PersonalValue]:
    """Yield names of people in `text`; titles such as Mr are no part of a name.

    A name is found after words that introduce one ("my colleague", "Mr", "regards,"), or when it begins with
    a known first name that is no ordinary word.

    >>> from responders.privacy.span import texts_of, without_overlaps
    >>> text = "My colleague Drew drew it. Thanks, Anja"
    >>> texts_of(text, without_overlaps(names(text)))
    ['Drew', 'Anja']
    """
    found = [
        value
        for value in (*_cued(text), *names_by_evidence(text), *_mentioned(text))
        if not is_place_or_company(text, value)
    ]
    yield from found
    yield from names_nearby(text, found)


def _cued(text: str) -> Iterator[PersonalValue]:
    """Yield names after the words that introduce them."""
    for pattern in _SURE:
        yield from (value for value in _found(pattern, text) if _is_no_word(text, value, pattern))
    for pattern in (_RELATED, _NAMED_ROLE):
        yield from (value for value in _found(pattern, text) if _is_person(text, value, pattern is _RELATED))
    for pattern in (_MEANT_FOR, _APPOSED):
        yield from (value for value in _found(pattern, text) if _is_meant(text[value.start : value.end]))
    for pattern in _LIKELY:
        yield from (value for value in _found(pattern, text) if _is_likely(text, value))
    for pattern in (_SELF, _SPOKEN_OF):
        yield from (value for value in _found(pattern, text) if _is_name_too(text, value, pattern is _SELF))
    for pattern in (_SPEAKING, _SIGNED, _LAST_WORDS):
        yield from (value for value in _found(pattern, text) if _is_signature(text[value.start : value.end]))
    yield from _found(_TITLED_LOOSELY, text)
    yield from (value for value in _found(_CLOSED, text) if _closes(text[value.start : value.end]))
    for pattern in _LOOSE_ONES:
        yield from (
            value
            for value in _found(pattern, text)
            if is_first_name(text[value.start : value.end].split(maxsplit=1)[0])
        )
    for pattern in _SCRIPTS:
        yield from _spans(pattern, text)
    yield from (value for value in _spans(_REVERSED, text) if _is_reversed(text[value.start : value.end]))


def _mentioned(text: str) -> Iterator[PersonalValue]:
    """Yield first names after an at sign, as in "@henrik could you look", and pairs in small letters."""
    for match in _MENTION.finditer(text):
        if is_first_name(match.group(1)):
            yield PersonalValue.at(match.span(1), "NAME")
    for match in _SMALL_PAIR.finditer(text, overlapped=True):
        first, last = match.group(1), match.group(2)
        if is_first_name(first) and (is_surname(last) or (_ends_a_name(last) and _is_familiar(text))):
            yield PersonalValue.at(match.span(), "NAME")


def _ends_a_name(word: str) -> bool:
    """Tell whether a word in small letters can be a surname: a known one, or one of no list."""
    return not (is_common(word) or word in WORDS_TOO | NO_NAMES or is_first_name(word))


_FAMILIAR: Final = 0.8
"""The share of known words from which an unknown word of a text is striking. Chosen by hand."""


@lru_cache(maxsize=4)
def _is_familiar(text: str) -> bool:
    """Tell whether most words of a text are in the lists, so that one in none of them is probably a name."""
    words = [word for word in _LETTERS.findall(text.casefold()) if len(word) > 1]
    return sum(
        is_common(word) or word in WORDS_TOO or is_first_name(word) for word in words
    ) >= _FAMILIAR * len(words)


def _spans(pattern: _Pattern, text: str) -> Iterator[PersonalValue]:
    for match in pattern.finditer(text):
        yield PersonalValue.at(match.span(match.lastindex or 0), "NAME")


def _found(pattern: _Pattern, text: str) -> Iterator[PersonalValue]:
    """Yield the matches, without words at either end that are no names."""
    for value in _spans(pattern, text):
        parts = [part.span() for part in _PIECE.finditer(text[value.start : value.end])]
        words = [_compared(text[value.start + start : value.start + end]) for start, end in parts]
        first = next((place for place, word in enumerate(words) if word not in NO_NAMES), len(words))
        last = first
        while last < len(words) and (words[last] not in NO_NAMES or words[last] in PARTICLES):
            last += 1
        while last > first and words[last - 1] in NO_NAMES:
            last -= 1
        if first < last:
            start, end = value.start + parts[first][0], value.start + parts[last - 1][1]
            yield PersonalValue(start, start + len(text[start:end].rstrip(",;:")), "NAME")


def _compared(word: str) -> str:
    """Return a word as NO_NAMES has it; an initial keeps its dot, because it is no word."""
    plain = word.strip(".,").casefold()
    return word if len(plain) == 1 and word.endswith(".") else plain


def _is_quoted(text: str, value: PersonalValue) -> bool:
    possessive = text[value.end : value.end + 2] in {"'s", "’s"}
    behind = not possessive and text[value.end : value.end + 1] in QUOTES
    return text[max(0, value.start - 1) : value.start] in QUOTES or behind


_LETTERS = LatePattern(r"\p{L}[\p{L}\p{M}]*+")
_MENTION = LatePattern(r"(?<![\w.])@(\p{L}{3,20})(?![\w.@]\w)")
_SMALL_PAIR = LatePattern(
    r"(?<![\w@#./:-])(\p{Ll}{3,15})[ ]((?:(?:van|von|de|del|di|da|la|el|der|den) )?\p{Ll}[\p{Ll}'’-]{3,20})"
    r"(?![\w@./:-]\w|\w)"
)
_PIECE = LatePattern(r"\S+")
_COMMA = LatePattern(r",[ ]?|/")
_THE_THING = LatePattern(r"(?:^|[^\p{L}])(?:the|a|an)\s$", _I)
_NOUN_NEXT = LatePattern(r"\s\p{Ll}")


def _is_likely(text: str, value: PersonalValue) -> bool:
    """Tell whether a name between other words begins with a known first name, and is not in quotes."""
    first, *others = text[value.start : value.end].split(" ")
    if _is_quoted(text, value) or (not others and first.isupper() and not text.isupper()):
        return False
    if _THE_THING.search(text, max(0, value.start - 5), value.start) and _NOUN_NEXT.match(text, value.end):
        return False
    return is_first_name(first) or (
        bool(others) and first.casefold() in WORDS_TOO and is_first_name(others[0])
    )


def _is_name_too(text: str, value: PersonalValue, alone: bool) -> bool:
    """Tell whether a word that is a name too stands for a person here: alone, or before another name."""
    first, *others = text[value.start : value.end].split(" ")
    if _is_quoted(text, value) or first.casefold() not in WORDS_TOO - TIMES:
        return False
    return (bool(others) and others[0].casefold() not in THINGS) or (alone and not others)


def _is_person(text: str, value: PersonalValue, related: bool) -> bool:
    """Tell whether the words after "my brother" or "driver:" are a name."""
    name = text[value.start : value.end]
    if _is_quoted(text, value):
        return False
    return is_first_name(name.split(" ")[0]) or " " in name or (related and name.casefold() not in THINGS)


def _is_no_word(text: str, value: PersonalValue, pattern: _Pattern) -> bool:
    """Tell whether what follows an introduction is a name; after a title every word is one."""
    name = text[value.start : value.end]
    return (
        pattern in (_TITLED, _INITIAL) or " " in name or not is_common(name) or name.casefold() in WORDS_TOO
    )


def _is_reversed(name: str) -> bool:
    surname, first = _COMMA.split(name, maxsplit=1)
    return is_surname(surname) and not is_first_name(surname) and is_first_name(first)


def _is_meant(name: str) -> bool:
    """Tell whether the words after "parcel for" are a person: known, or words of no list."""
    words = name.split()
    return (
        is_first_name(words[0])
        or is_surname(words[-1])
        or (not name.isupper() and all(_ends_a_name(word.casefold()) for word in words))
    )


def _closes(name: str) -> bool:
    """Tell whether the words after "regards" are a name."""
    return name.casefold() not in NO_NAMES and (not is_common(name) or name.casefold() in WORDS_TOO)


def _is_signature(name: str) -> bool:
    """Tell whether the words at the end of a mail are a name: known, an initial with a name, or two words."""
    words = name.split()
    if len(words) == 1:
        return is_first_name(name) or (name.casefold() in WORDS_TOO and name[:1].isupper() and len(name) > 2)
    if name.isupper() and any(map(is_ordinary_word, words)):
        return False
    return sum(word[:1].isupper() for word in words) >= 2 and len(words) <= 4
