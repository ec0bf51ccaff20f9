"""Greetings, closing lines and kind words: courtesy around what a writer says."""

import re
from typing import Final

from schemas.reading.languages import FAREWELLS, THANKS

_MAX_CHARACTERS: Final = 120
_MAX_WORDS: Final = 8
_MAX_THANKS: Final = 4
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
"""What stands after a greeting besides a name."""

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
    return folded(line) in THANKS


def is_farewell(line: str) -> bool:
    """Tell whether a line is only a farewell, in one language or in two with a stroke between them."""
    if len(line) > _MAX_CHARACTERS:
        return False
    return folded(line) in FAREWELLS or all(folded(part) in FAREWELLS for part in line.split("/"))


def folded(line: str) -> str:
    """Return a line as the phrases of `languages` are written: lower case, no marks at its ends."""
    return " ".join(line[:_MAX_CHARACTERS].lower().strip(_EDGES).split())


def last_sentence(line: str) -> str:
    """Return the last sentence of a line.

    >>> last_sentence("It fails. Thanks in advance!")
    'Thanks in advance!'
    """
    tail = line.rstrip()[-2 * _MAX_CHARACTERS :]
    return re.split(r"(?<=[.!?])\s+", tail)[-1]


def without_courtesies(text: str) -> str:
    r"""Return a text without greeting lines on top and without thanks and farewells at its end.

    A text of nothing but courtesies stays as it is.

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
