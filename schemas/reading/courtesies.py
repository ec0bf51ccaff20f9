"""Greetings, closing lines and kind words: the courtesies around a writer's message."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from schemas.reading.languages import FAREWELLS, THANKS

_MAX_CHARACTERS: Final = 120
_MAX_WORDS: Final = 8
_MAX_THANKS: Final = 4
_MAX_THANKED_WORDS: Final = 5
_EDGES: Final = " \t,.!;:~*_()|-–—☺🙂😊🙏"

_GREETING_WORDS: Final = re.compile(
    r"\s{0,8}(?:hi|hello|hey|hiya|dear|greetings|good (?:morning|afternoon|evening|day)|hallo"
    r"|guten (?:tag|morgen|abend)"
    r"|moin|servus|grüezi|liebe[rs]?|sehr geehrte[rs]?|bonjour|bonsoir|salut|cher|chère|hola"
    r"|buenos días|buenas tardes"
    r"|buenas|estimad[oa]s?|olá|ola|bom dia|boa tarde|boa noite|prezad[oa]s?|car[oa]s?|buongiorno"
    r"|buonasera|ciao|salve"
    r"|gentil[ei]|spettabile|goedemorgen|goedemiddag|goedendag|goedenavond|beste|geachte|dzień dobry"
    r"|cześć|witam|hej"
    r"|hejsan|god dag|goddag|kære|hei|dobrý den|ahoj|moi|terve)(?=[\s,.!:]|$)",
    re.IGNORECASE,
)
_ADDRESSED: Final = frozenset(
    """all team everyone everybody there again together folks guys support sir madam sirs or and & the to you
    dear mr mrs ms dr help desk helpdesk service customer care people friends zusammen liebes leute und damen
    herren frau herr prof an das à a toutes et tous tout le monde l'équipe équipe madame monsieur todos todas
    equipo señor señora y e tutti equipe senhor senhora collega's allemaal heer mevrouw wszystkim państwo
    alle alla kaikki""".split()
)
"""The words that may follow a greeting, in addition to a name."""

_FOR: Final = re.compile(r" (for|für|pour|por|pela|pelo|per|voor|za|för|for) ")
_AND: Final = re.compile(r"/| (?:and|und|et|y|e|en|i|og|och|a|ja|&|\+) ")
_FROM_PLACE: Final = re.compile(r" (?:aus|from|uit|desde|depuis|från|fra) (?:[\w.-]{1,20} ?){1,3}$")
_NO_WORD: Final = re.compile(r"[^\w'&()]+")
_PLAIN_LETTERS: Final = str.maketrans({"ł": "l", "ß": "ss", "ø": "o", "æ": "ae", "’": "'", "đ": "d"})
_ACCENTS: Final = dict.fromkeys(range(0x300, 0x370))
_FORMAL: Final = re.compile(
    r"(?:veuillez|je vous prie|nous vous prions|recevez|dans l'attente)\b.{0,80}\b(?:salutations"
    r"|consideration|sentiments|respects)"
    r"|(?:sin otro particular|quedo a su disposicion|reciban?)\b.{0,60}\b(?:saludos?|atentamente)"
    r"|(?:ich |wir )?verbleiben?\b.{0,30}\bmit\b.{0,30}\bgru|(?:in attesa|restando)\b.{0,60}\bsaluti"
    r"|aguardo\b.{0,50}\batenciosamente"
)
"""Farewells that are whole sentences, in the form of `folded`."""

_KIND: Final = re.compile(
    r"\b(?:love|loving|great|awesome|excellent|fantastic|wonderful|amazing|brilliant|superb"
    r"|perfect(?:ly)?|impress\w{2,4}"
    r"|happy with|pleased|delighted|grateful|appreciat\w{1,4}|well done|kudos|good job|nice work"
    r"|thanks?|thank you"
    r"|that (?:really )?helped|very helpful|so helpful|works? (?:great|perfectly|like a charm))\b",
    re.IGNORECASE,
)


def is_greeting(line: str) -> bool:
    """Tell whether a line is only a greeting.

    >>> is_greeting("Dear support team,"), is_greeting("Hi Priya"), is_greeting("Hello, the export fails")
    (True, True, False)
    """
    greeted = _GREETING_WORDS.match(line[:_MAX_CHARACTERS])
    if greeted is None or len(line) > _MAX_CHARACTERS or line.rstrip().endswith("?"):
        return False
    named = line[greeted.end() :].strip(_EDGES).replace(",", " ").split()
    if len(named) == 1:
        return True
    return len(named) <= _MAX_WORDS and all(
        word.lower() in _ADDRESSED or word[:1].isupper() for word in named
    )


def is_closing(line: str) -> bool:
    """Tell whether a line is only a courtesy that closes a message: thanks or a farewell.

    >>> is_closing("Many thanks!"), is_closing("Kind regards,"), is_closing("Thanks, it works")
    (True, True, False)
    """
    return is_thanks(line) or is_farewell(line)


def is_thanks(line: str) -> bool:
    """Tell whether a line is only thanks or a good wish."""
    words = folded(line)
    if words in _THANKS:
        return True
    head, preposition, rest = _FOR.split(words, maxsplit=1) if _FOR.search(words) else (words, "", "")
    return bool(preposition) and head in _THANKS and len(rest.split()) <= _MAX_THANKED_WORDS


def is_farewell(line: str) -> bool:
    """Tell whether a line is only a farewell, in one language or in two languages with a slash between."""
    if len(line) > _MAX_CHARACTERS:
        return False
    words = _FROM_PLACE.sub("", folded(line))
    if words in _FAREWELLS or _FORMAL.match(words):
        return True
    parts = {folded(part) for part in _AND.split(_FROM_PLACE.sub("", line.lower()))}
    return bool(parts & _FAREWELLS) and parts <= _FAREWELLS | _THANKS


def folded(line: str) -> str:
    """Return the words of a line for comparison: lower case, without accents and punctuation.

    >>> folded("Mit freundlichen Grüßen,"), folded("Z powazaniem"), folded("Cheers 🎉")
    ('mit freundlichen grussen', 'z powazaniem', 'cheers')
    """
    letters = unicodedata.normalize("NFKD", line[:_MAX_CHARACTERS].lower().translate(_PLAIN_LETTERS))
    return " ".join(_NO_WORD.sub(" ", letters.translate(_ACCENTS)).split())


def last_sentence(line: str) -> str:
    """Return the last sentence of a line.

    >>> last_sentence("It fails. Thanks in advance!")
    'Thanks in advance!'
    """
    tail = line.rstrip()[-2 * _MAX_CHARACTERS :]
    return re.split(r"(?<=[.!?])\s+", tail)[-1]


def _variants(phrases: Iterable[str]) -> frozenset[str]:
    """Return phrases in the form of `folded`, also with umlauts written as two letters."""
    two_letters = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
    return frozenset(folded(form) for phrase in phrases for form in (phrase, phrase.translate(two_letters)))


_FAREWELLS: Final = _variants(FAREWELLS)
_THANKS: Final = _variants(THANKS)


def without_courtesies(text: str) -> str:
    r"""Return a text without greeting lines at its start and without thanks and farewells at its end.

    A text of courtesies alone is returned unchanged.

    >>> without_courtesies("Hi Ann,\n\nit fails. Thanks in advance!\n\nThank you!")
    'it fails.'
    >>> without_courtesies("Hello!\nThanks!")
    'Hello!\nThanks!'
    """
    lines = text.split("\n")
    start, end = 0, len(lines)
    while start < end and (not lines[start].strip() or is_greeting(lines[start])):
        start += 1
    while end > start and (not lines[end - 1].strip() or is_closing(lines[end - 1])):
        end -= 1
    said = "\n".join(lines[start:end]).strip()
    for _ in range(_MAX_THANKS):
        last = last_sentence(said)
        if not is_thanks(last):
            break
        said = said[: len(said) - len(last)].rstrip()
    return said or text


def has_kind_words(text: str) -> bool:
    """Tell whether a text praises or thanks beyond the courtesy of its closing lines.

    >>> has_kind_words("The new filter is great."), has_kind_words("How do I export? Many thanks in advance.")
    (True, False)
    """
    return _KIND.search(without_courtesies(text)[:20_000]) is not None
