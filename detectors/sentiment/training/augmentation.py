"""Words around a message that change nothing of its mood: greetings, courtesies, names, a closing question.

Training meets each message in other dress every time, so that the model learns to look past the dress.
"""

from random import Random
from typing import Final

OPENINGS: Final = (
    "Hi there,",
    "Hello,",
    "Hi team, hope you're all well.",
    "Good morning,",
    "Dear Sir or Madam,",
    "Hi, {name} here.",
    "I hope this message finds you well.",
    "Hey!",
    "Hello, my name is {name}.",
    "{name} from {company} again.",
)
QUESTIONS: Final = (
    "Could you let me know what happens next?",
    "What is it, and who pays for this?",
    "Can you tell me when?",
    "Is there anything you need from me?",
    "What should I do now?",
    "Could you please confirm?",
    "How do we go on from here?",
    "Can someone call me back?",
)
CLOSINGS: Final = (
    "Thanks in advance!",
    "Many thanks for your help.",
    "Thank you so much and have a lovely day!",
    "Thanks",
    "Thank you for your time.",
    "Appreciate your help!",
    "Best wishes and thanks",
    "Looking forward to hearing from you.",
    "Cheers",
    "Thank you and best wishes, {name}",
    "Kind regards\n{name}",
    "Hope you have a great weekend!",
    "Thanks a lot for looking into it.",
    "With kind regards and many thanks,\n{name}",
    "All the best\n{name}\nHead of {role}, {company}\n+44 20 {number}",
    "{name}\n{role} manager | {company}\nTel. {number}",
    "Have a nice day :)",
    "Much appreciated.",
)
FIRST_NAMES: Final = tuple(
    "Anders Priya Wei Fatima Kwame José Olga Yuki Mohammed Siobhan DeShawn Lakisha Emily Greg Chidi Aaliyah"
    " Hans Giulia Nguyen Ravi Zanele Ahmed Ingrid Pedro Mei Tomasz Leila Kofi Hana Dmitri Sarah James Amina"
    " Carlos Ji-woo Elif Noah Thandiwe Xin Marta".split()
)
LAST_NAMES: Final = tuple(
    "Thompson Patel Chen Al-Sayed Mensah García Ivanova Tanaka Khan O'Brien Washington Jones Baker Okafor"
    " Müller Rossi Tran Gupta Dlamini Haddad Larsen Silva Wang Kowalski Rahimi Boateng Novak Petrov Kim"
    " Yılmaz".split()
)
ROLES: Final = ("operations", "finance", "procurement", "data", "quality", "logistics", "people", "marketing")
COMPANIES: Final = (
    "Brightwell Ltd",
    "Northgate Foods",
    "Kestrel Labs",
    "Oakline Group",
    "Harbour & Co",
    "Solvane GmbH",
    "Tideway Partners",
)
_OPENED, _ASKED, _CLOSED = 0.25, 0.15, 0.3
"""Shares of the messages that get an opening, a closing question and a closing. Chosen by hand."""

_LOWERED, _UNSTOPPED = 0.08, 0.04
"""Shares of the messages that lose their capitals, and their full stops and commas. Chosen by hand."""


_BLANKS = (" ", "\n", "\n\n")


def dressed(text: str, random: Random) -> str:
    """Return `text` with random words around it and, rarely, without capitals or full stops.

    >>> from random import Random
    >>> dressed("It failed.", Random(15))
    'It failed. Can you tell me when?'
    """
    if random.random() < _OPENED:
        text = _filled(random.choice(OPENINGS), random) + random.choice(_BLANKS[:2]) + text
    if random.random() < _ASKED:
        text = text + random.choice(_BLANKS[:2]) + random.choice(QUESTIONS)
    if random.random() < _CLOSED:
        text = text + random.choice(_BLANKS) + _filled(random.choice(CLOSINGS), random)
    chance = random.random()
    if chance < _LOWERED:
        return text.lower()
    if chance < _LOWERED + _UNSTOPPED:
        return text.replace(".", "").replace(",", "")
    return text


def _filled(words: str, random: Random) -> str:
    name = random.choice(FIRST_NAMES)
    if random.random() < 0.6:
        name = f"{name} {random.choice(LAST_NAMES)}"
    number = f"{random.randint(1000, 9999)} {random.randint(1000, 9999)}"
    return words.format(name=name, role=random.choice(ROLES), company=random.choice(COMPANIES), number=number)
