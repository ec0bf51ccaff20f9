"""Names of people by evidence: lists of names, the words before and after, the place in the mail."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import regex

from responders.late_pattern import LatePattern
from responders.privacy.gazetteer import WORDS_TOO, is_common, is_first_name, is_surname
from responders.privacy.name_cues import NO_NAMES, PEOPLE, THINGS, TITLES
from responders.privacy.span import PersonalValue

_I: Final = regex.IGNORECASE

_SPEECH_WITH_PEOPLE: Final = (
    r"(?:talk|speak|spoke|spoken|chat|chatted|call|meet|met|agree|agreed|deal|dealt|work|worked"
    r"|contact)(?:ed|ing)?\s+(?:to|with)"
    r"|told|asked|ask(?:s|ing)?\s+for|ask|email(?:ed)?|e-mailed|phoned|rang|thank(?:s|ed)?"
    r"|according\s+to|on\s+behalf\s+of"
    r"|reports?\s+to|assigned\s+to|assign(?:ed)?|signed\s+(?:by|for\s+by|as)|written\s+by|sent\s+by"
    r"|handled\s+by|served\s+by|driven\s+by"
    r"|approved\s+by|prescribed\s+by|booked\s+by|paid\s+by|created\s+by|invited\s+by|posted\s+by"
    r"|it\s+was|attn|attention|cc|bcc|to\s+page"
    r"|named|called|a\s+certain|someone\s+called|by\s+the\s+name\s+of|name\s+of|names\s+of|nickname"
    r"|goes\s+by|known\s+as"
    r"|birth\s+certificate\s+of|certificate\s+of|passport\s+of|account\s+of|record\s+of|records\s+of"
    r"|payslip\s+of|contract\s+of"
    r"|made\s+out\s+to|in\s+the\s+name\s+of|under\s+the\s+name(?:\s+of)?|name\s+on\s+\w+(?:\s+is)?"
    r"|mother'?s\s+name(?:\s+is)?"
    r"|gesprochen\s+mit|sprach\s+mit|telefoniert\s+mit|namens|im\s+auftrag\s+von|vertretung\s+von"
    r"|vertretung\s+für|läuft\s+auf|lautet\s+auf"
    r"|lautend\s+auf|auf\s+den\s+namen|ersetz(?:t|en|e)(?:\s+durch)?|gez\.|i\.\s?a\."
    r"|z\.\s?hd\.(?:\s+v\.)?|zu\s+händen(?:\s+von)?"
    r"|parlé\s+(?:à|avec)|au\s+nom\s+de|de\s+la\s+part\s+de|à\s+l'attention\s+de"
    r"|pour\s+le\s+compte\s+de|remplace[rz]?|signé\s+(?:par)?"
    r"|hablé\s+con|hablado\s+con|a\s+nombre\s+de|de\s+parte\s+de|a\s+la\s+atención\s+de|firmado\s+por"
    r"|parlato\s+con|a\s+nome\s+di|intestat[oa]\s+a|da\s+parte\s+di|sostituire|alla\s+c\.?a\.?\s+di"
    r"|firmato\s+da"
    r"|falei\s+com|em\s+nome\s+d[eoa]|da\s+parte\s+d[eoa]|ao\s+cuidado\s+de|assinado\s+por|pix\s+para"
    r"|gesproken\s+met|namens|op\s+naam\s+van|t\.a\.v\.|ter\s+attentie\s+van|rozmawia\w+\s+z"
    r"|na\s+nazwisko|w\s+imieniu"
    r"|na\s+imię|на\s+имя|от\s+имени|говорил[аи]?\s+с|zastępuje|vertegenwoordigd\s+door|représenté[e]?\s+par"
    r"|wohnt|hired|fired|replaced?(?:\s+by)?|between|zwischen|entre|tussen|tra"
)
_BEFORE = LatePattern(rf"(?<![\p{{L}}\p{{M}}])(?:{_SPEECH_WITH_PEOPLE})\s?[:,.]?\s[\"“„«(]?$", _I)
"""Words after which an unknown word with a capital letter is a person."""

_LABEL = LatePattern(
    r"(?:^|[\n|;•·-]|[,.(]\s?)\s*(?:full\s+|first\s+|last\s+|family\s+|given\s+|account\s+|guest\s+"
    r"|patient\s+|customer\s+|card\s?holder\s+)?"
    r"(?:name|surname|from|to|cc|bcc|by|contact|consignee|recipient|attn|holder|passengers?|guests?"
    r"|travell?ers?|insured|tenant|patient"
    r"|beneficiary|payee|sender|employee|student|requester|signed|author|owner|nachname|vorname|von|an"
    r"|empfänger|absender|kunde|kundin"
    r"|nom|prénom|de|destinataire|nombre|apellidos?|titular|nome|cognome|sobrenome|naam|achternaam"
    r"|voornaam|imię|nazwisko"
    r"|имя|фамилия|фио|namn|navn|nimi|jméno|příjmení|név|nume|prenume|ad|soyad|isim|όνομα|ime"
    r"|prezime)(?:\s+and\s+\w+)?\s?:\s?$",
    _I,
)
"""A label with a colon, as in a form or in the head of a mail."""

_AFTER = LatePattern(
    r"(?:,\s|\s)?(?:"
    r"(?<=\s)(?:said|says|told|wrote|writes|asked|promised|thinks|claims|answered|replied|called|rang"
    r"|confirmed|mentioned|insisted|signed"
    r"|explained|assured|advised|forgot|retired|resigned|joined|covers|hat\s+(?:gesagt|geschrieben"
    r"|versprochen|mir)|sagt|sagte|schrieb"
    r"|meinte|schreibt|a\s+(?:dit|écrit|promis|signé)|dijo|dice|escribió|ha\s+detto|scrive|disse|zei"
    r"|schreef|powiedział[a]?|napisał[a]?"
    r"|сказал[а]?|написал[а]?|here\b|speaking|is\s+(?:on\s+(?:leave|holiday|vacation)|away|ill|sick"
    r"|the\s+(?:admin|owner|manager))"
    r"|(?:has|had)\s+(?:left|promised|told|said|signed|approved|retired)|left\s+us|from\s+(?:your|the"
    r"|accounting|finance|sales|support)"
    r"|who\b|(?:can't|cannot|can)\s+(?:log|see|access|open|sign)|hier\b|tässä|aquí|ici\b)"
    r"|(?<=,\s)(?:born|geb\b|geboren|née?\b|d\.?o\.?b|nacid[oa]|nat[oa]\b|nascid[oa]|urodz|ur\."
    r"|head\s+of|ceo|cto|manager|room|aged?\s+\d"
    r"|\+\d|tel\b|phone|mobile|passport|\d{2}\s+years)"
    r"|(?<=\s)\((?:geb|born|née?|dob|d\.o\.b|\d{1,2}[./-]\d|\d{4}[./-]\d|\+|[\w.]+@|infant|admin|mrs?\b"
    r"|ms\b|aged?)"
    r"|\s?<[\w.+-]+@|['’]s?\s(?:laptop|account|phone|mail|e-?mail|inbox|mailbox|password|login|seat"
    r"|address|birthday|order|calendar"
    r"|profile|contract|card|car|computer|payslip|data|number|name|wife|husband|son|daughter|mother"
    r"|father|desk|team|shift|licen[cs]e"
    r"|room|parcel|package|booking|ticket|visa|passport|appointment|prescription|kalender|konto|mailbox))",
    _I,
)
"""Words behind a person."""

_ARTICLE = LatePattern(r"(?:^|[^\p{L}])(?:the|a|an|this|that|your|our|new|of\s+the|in|near|\d+)\s$", _I)
_RUN = LatePattern(
    r"(?<![\p{L}\p{M}\d@#_.’'/-])(\p{Lu}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*"
    r"(?:[ ](?:(?:von\sder|van\sder|van\sden|van\sde|von|van|der|den|de\sla|de|del|della|di|da|dos|das"
    r"|du|la|le|bin|ibn|al|el|zu|ter|ten|y|ó)[ ])?"
    r"(?:\p{Lu}\.[ ])?\p{Lu}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*){0,4})(?![\p{L}\d@_])"
)
_LINE_BEFORE = LatePattern(r"(?:[.!?,;:)…]|\n|–|—|-)\s*\n\s*[–—-]{0,2}\s*$")
_SENTENCE_BEFORE = LatePattern(r"(?:(?<!\d)[.!?…]|\s[-–—])\s{1,3}$")
_END = LatePattern(r"[ ]?[.,!]?\s*(?:$|\n|\()")
_NEIGHBOUR = LatePattern(
    r"(?:\s?[,;/]\s|\s?,?\s(?:and|und|et|y|e|en|i|or|oder|ou|o|of|lub|és|och|og|ja|&|und\s+an|by|par"
    r"|durch|con|met|statt|not|instead\s+of)\s)"
    r"(?:my\s+)?(?:mr|mrs|ms"
    r"|dr)?\.?\s?(\p{Lu}[\p{L}\p{M}'’-]+(?:[ ]\p{Lu}[\p{L}\p{M}'’-]+){0,3})(?![\p{L}\d@_])"
)
_OPENING_QUOTES: Final = frozenset("\"“„«'‘")
_LETTERS = LatePattern(r"\p{L}[\p{L}\p{M}]*+")
_WHOLE_WORD = LatePattern(r"\p{L}[\p{L}\p{M}]*+(?:['’-]\p{L}[\p{L}\p{M}]*+)*+")
_LISTED: Final = 3
"""Names in a row that a found name makes likely. Chosen by hand."""


def names_by_evidence(text: str) -> Iterator[PersonalValue]:
    """Yield words with a capital letter that are a name by what is known about them and around them.

    >>> from responders.privacy.span import texts_of
    >>> text = "I talked to Gulnara. The Gulnara rug is red. Casimir Holt wrote."
    >>> texts_of(text, names_by_evidence(text))
    ['Gulnara', 'Casimir Holt']
    """
    lower = text == text.casefold()
    if lower:
        yield from _in_small_letters(text)
        return
    for match in _RUN.finditer(text):
        start, end = _without_words(text, match.start(1), match.start(1) + len(_without_s(match.group(1))))
        if match.group(1).isupper():
            start, end = _only_names(text, start, end)
        if start < end and _is_name(text, start, end):
            yield PersonalValue(start, end, "NAME")


def _without_s(run: str) -> str:
    """Return a run of words without the s of a possessive, as in Ada's."""
    return run[:-2] if run.endswith(("'s", "’s")) else run


def names_nearby(text: str, found: Iterable[PersonalValue]) -> Iterator[PersonalValue]:
    """Yield names listed after a found name, and the parts of found names elsewhere in the text.

    >>> from responders.privacy.span import texts_of
    >>> text = "Anna Holt and Xochi came. Holt left."
    >>> texts_of(text, names_nearby(text, [PersonalValue(0, 9, "NAME")]))
    ['Xochi', 'Anna', 'Holt', 'Holt']
    """
    parts: set[str] = set()
    for value in found:
        words = text[value.start : value.end].split()
        if len(words) <= 4:
            parts.update(word for word in words if _is_own(word))
        yield from _listed_after(text, value.end)
    if parts:
        places = {
            match.span()
            for pattern in (_WHOLE_WORD, _LETTERS)
            for match in pattern.finditer(text)
            if match.group() in parts
        }
        yield from (PersonalValue.at(place, "NAME") for place in sorted(places))


def _is_own(word: str) -> bool:
    """Tell whether a part of a name stands for the person alone: no initial, no word of the language."""
    plain = word.strip(".,")
    return (
        len(plain) > 2
        and plain[:1].isupper()
        and not is_common(plain)
        and plain.casefold() not in WORDS_TOO | NO_NAMES
    )


def _listed_after(text: str, end: int) -> Iterator[PersonalValue]:
    for _ in range(_LISTED):
        match = _NEIGHBOUR.match(text, end)
        if match is None or not _could_be_a_name(match.group(1)):
            return
        yield PersonalValue.at(match.span(1), "NAME")
        end = match.end(1)


def _could_be_a_name(run: str) -> bool:
    words = run.split(" ")
    if any(word.casefold().strip(".,") in NO_NAMES | THINGS for word in words):
        return False
    return (
        is_first_name(words[0])
        or (len(words) > 1 and is_surname(words[-1]))
        or (len(words) == 1 and _is_unknown(words[0]) and not words[0].isupper())
    )


def _without_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the run without words of the language at its beginning, and without NO_NAMES at its end."""
    words = [(match.start(), match.end(), match.group()) for match in _PIECE.finditer(text, start, end)]
    while words and (
        words[0][2].casefold() in NO_NAMES or (len(words) > 1 and _introduces(words[0][2], words[1][2]))
    ):
        words.pop(0)
    while words and words[-1][2].casefold() in NO_NAMES:
        words.pop()
    return (words[0][0], words[-1][1]) if words else (start, start)


def _only_names(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the first names and surnames at the beginning of words in capital letters, or the last ones."""
    words = [
        match.span() for match in _PIECE.finditer(text, start, end) if not is_ordinary_word(match.group())
    ]
    return (words[0][0], words[-1][1]) if words else (start, start)


def is_ordinary_word(word: str) -> bool:
    """Tell whether a word is in a list of ordinary words and in none of names."""
    plain = word.strip(".,!?:;")
    known = is_first_name(plain) or is_surname(plain)
    return not known and (is_common(plain) or plain.casefold() in NO_NAMES | WORDS_TOO)


_PIECE = LatePattern(r"\S+")
_BRAND = LatePattern(r"\p{Ll}\p{Lu}(?!\p{Ll}{3})")
_ROLE = LatePattern(rf"(?:{PEOPLE}|{TITLES})\.?", _I)


@lru_cache(maxsize=8192)
def _is_role(word: str) -> bool:
    return _ROLE.fullmatch(word) is not None


def _introduces(word: str, following: str) -> bool:
    """Tell whether a word before another is no part of the name: a role, a title, an ordinary word."""
    if _is_role(word):
        return True
    if is_first_name(word) or is_surname(word):
        return False
    return _is_plain(word) or is_first_name(following)


def _is_plain(word: str) -> bool:
    return is_common(word) and word.casefold() not in WORDS_TOO


def _is_unknown(word: str) -> bool:
    """Tell whether a word is in no list: neither an ordinary word nor written as a brand or a code."""
    plain = word.strip(".,")
    return (
        len(plain) > 1
        and not is_common(plain)
        and plain.casefold() not in NO_NAMES | THINGS | WORDS_TOO
        and not _BRAND.search(plain)
        and not (plain.isupper() and len(plain) < 5)
    )


def _is_name(text: str, start: int, end: int) -> bool:
    run = text[start:end]
    words = run.split(" ")
    if any(word.casefold() in THINGS for word in words[1:]):
        return False
    before = text[max(0, start - 60) : start]
    introduced = _BEFORE.search(before) is not None
    if text[start - 1 : start] in _OPENING_QUOTES and not introduced:
        return False
    if introduced or _LABEL.search(before[-40:]):
        return _may_be_a_name(words)
    if _ARTICLE.search(before) and (text[end : end + 1] != "'" or not is_first_name(words[0])):
        return False
    if _AFTER.match(text, end) and _may_be_a_name(words):
        return True
    return _is_full_name(words) if len(words) > 1 else _is_single_name(text, start, end)


def _may_be_a_name(words: list[str]) -> bool:
    """Tell whether words between marks of a name are one: a known name, or words of no list."""
    return is_first_name(words[0]) or is_surname(words[-1]) or all(map(_is_unknown, words))


def _is_single_name(text: str, start: int, end: int) -> bool:
    run = text[start:end]
    if is_first_name(run) and not run.isupper():
        return True
    return (is_surname(run) or _is_unknown(run)) and _is_signature(text, start, end)


def _is_full_name(words: list[str]) -> bool:
    """Tell whether words are a first name and a surname, in either order; one of the two may be unknown."""
    first, last = words[0], words[-1]
    if is_first_name(first):
        return not all(map(_is_plain, words[1:]))
    return (is_surname(last) and _is_unknown(first)) or (is_surname(first) and is_first_name(last))


def _is_signature(text: str, start: int, end: int) -> bool:
    """Tell whether a single word ends the mail or a paragraph of it, after a finished sentence."""
    if not _END.match(text, end):
        return False
    before = text[max(0, start - 12) : start]
    last = not text[end:].strip(" .!\n")
    return (last and bool(_SENTENCE_BEFORE.search(before))) or bool(_LINE_BEFORE.search(before))


_SMALL = LatePattern(
    r"(?<![\p{L}\p{M}\d@#_./-])([\p{L}\p{M}]{4,}(?:['’-]\p{L}+)*)(?![\p{L}\d@_.-]\w|[\p{L}\d@_])"
)


_SMALL_ARTICLE = LatePattern(
    r"(?<!\p{L})(?:the|an?|de|la|el|il|lo|le|les|un|una|une|der|die|das|ein|eine|of|in)\s$"
)


def _in_small_letters(text: str) -> Iterator[PersonalValue]:
    """Yield first names in a text without capital letters, each with a known surname after it."""
    place = 0
    for match in _SMALL.finditer(text):
        if match.start() < place or not is_first_name(match.group(1)) or is_common(match.group(1)):
            continue
        if _SMALL_ARTICLE.search(text, max(0, match.start() - 8), match.start()):
            continue
        following = (
            _SMALL.match(text, match.end() + 1) if text[match.end() : match.end() + 1] == " " else None
        )
        place = following.end(1) if following and is_surname(following.group(1)) else match.end(1)
        yield PersonalValue(match.start(1), place, "NAME")
