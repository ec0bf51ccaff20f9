"""The courtesies that training puts around a message, made from the rules in `courtesies.txt`."""

from functools import cache
from pathlib import Path
from random import Random
from typing import Final, Literal

from detectors.sentiment.training.grammar import PhraseRules, made

Courtesy = Literal["opening", "greeting", "question", "closing", "signature"]

_FILE: Final = Path(__file__).with_name("courtesies.txt")
_WORDS: Final = "words:"
_NOTHING: Final = "(nothing)"


def courtesy(kind: Courtesy, random: Random) -> str:
    """Return a random courtesy of a kind: one line or a few.

    >>> from random import Random
    >>> courtesy("question", Random(3))
    'Might you note it down?'
    """
    return made(kind, rules(), random)


@cache
def rules() -> PhraseRules:
    """Return the rules in `courtesies.txt`."""
    return rules_of(_FILE.read_text(encoding="utf-8"))


def rules_of(text: str) -> PhraseRules:
    r"""Return the rules in a text: symbols with a colon, and below each, indented, its phrases.

    >>> rules_of("# A comment.\nend:\n  Bye,\\nAnn\n  (nothing)\n\nname:\n  words: Bo Cy\n")
    {'end': ['Bye,\nAnn', ''], 'name': ['Bo', 'Cy']}
    """
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        phrase = line.strip()
        if line.startswith("  "):
            found[next(reversed(found))] += _phrases(phrase)
        elif phrase and not phrase.startswith("#"):
            found[phrase.removesuffix(":")] = []
    return found


def _phrases(line: str) -> list[str]:
    if line.startswith(_WORDS):
        return line.removeprefix(_WORDS).split()
    return ["" if line == _NOTHING else line.replace("\\n", "\n")]
