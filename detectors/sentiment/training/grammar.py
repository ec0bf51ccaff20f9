"""Phrases made from rules: a symbol in braces stands for one of its phrases, which may hold symbols too."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

PhraseRules = Mapping[str, Sequence[str]]

_SYMBOL: Final = re.compile(r"\{(\w+)\}")


def made(symbol: str, rules: PhraseRules, random: Random) -> str:
    """Return one phrase of `symbol`; each phrase of a symbol is equally likely. Raises KeyError if unknown.

    >>> made("greeting", {"greeting": ("Hello {who},",), "who": ("all",)}, Random(1))
    'Hello all,'
    """
    return _SYMBOL.sub(lambda match: made(match[1], rules, random), random.choice(rules[symbol]))
