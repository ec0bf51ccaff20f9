"""Where a sentence with several questions or requests is split."""

import re
from typing import Final

from responders.understanding import heads
from responders.understanding import statements as said

SHORT_REQUEST_WORDS: Final = 5
"""A second request with fewer words belongs to the first: "close our account and delete the workspace"."""

MAX_PARTS: Final = 12
"""Parts of one sentence at most."""

_COMMAS: Final = re.compile(r",? and (?=the |if |whether |how |what )|, ")
_BREAKS: Final = frozenset((":", ";", "+"))


def is_asked(sentence: str) -> bool:
    """Tell whether a sentence ends with a question mark."""
    return sentence.rstrip(" \"')”*").endswith("?")


def split(sentence: str) -> list[str]:
    """Return the parts of a sentence between which a new question or request begins.

    >>> split("How much is it, and can I pay by card?")
    ['How much is it', 'can I pay by card?']
    >>> split("We moved and all is well.")
    ['We moved and all is well.']
    """
    asked = is_asked(sentence)
    sentence = sentence.rstrip()
    starts, ends = [0], [0]
    for joint in heads.JOINT.finditer(sentence):
        left = sentence[starts[-1] : joint.start()]
        few = len(starts) > MAX_PARTS or (len(left.split()) < 2 and joint["mark"] != ":")
        if not few and _is_joint(left, sentence[joint.start("right") :], joint, asked=asked):
            ends.append(joint.start())
            starts.append(joint.start("right"))
    stops = [*ends[1:], len(sentence)]
    parts = [sentence[start:stop].strip() for start, stop in zip(starts, stops, strict=True)]
    return [piece for part in parts for piece in _requests(part)]


def listed(sentence: str) -> list[str]:
    """Return the things that a sentence wants to know after "the following:", or [].

    >>> listed("I was asked to find out the following: the price, the size and whether it floats.")
    ['the price', 'the size', 'whether it floats.']
    """
    place = sentence.lower().find("following: ")
    if place < 0 or heads.NOUN_TRIGGER.search(sentence[: place + 30]) is None:
        return []
    return [part for part in _COMMAS.split(sentence[place + 11 :]) if part.strip()]


def _is_joint(left: str, right: str, joint: re.Match[str], *, asked: bool) -> bool:
    mark, conjunction = (joint["mark"] or "").strip(), joint["and"].strip().lower()
    if not mark and not conjunction:
        return heads.CHATTED.match(right) is not None and not _asks(left)
    if mark == "," and not conjunction and heads.RELATIVE.match(right):
        return False
    asking = asked or _asks(left) or mark in _BREAKS or "also" in conjunction
    if mark in _BREAKS and heads.W_START.match(right) and (asked or _asks(left)):
        return True
    if heads.IF.match(right):
        return bool(conjunction) and _asks(left) and not heads.INVERTED.search(right)
    if heads.INVERTED.match(right) or heads.W_INVERTED.match(right):
        return asking
    return bool(conjunction) and _asks(left) and "but" not in conjunction


def _asks(left: str) -> bool:
    """Tell whether the words before a joint ask or want something."""
    lead = heads.LEAD.match(left)
    start = lead.end() if lead else 0
    patterns = (heads.TRIGGER, heads.NOUN_TRIGGER, said.REQUEST)
    return heads.STARTS.match(left, start) is not None or any(found.search(left) for found in patterns)


def _requests(part: str) -> list[str]:
    """Return a request, and a second one after "and" if it is long enough."""
    if not said.REQUEST.search(part) and not said.IMPERATIVE.match(part):
        return [part]
    place = part.find(" and ")
    while place > 0:
        right = part[place + 5 :]
        if said.IMPERATIVE.match(right) and len(right.partition(",")[0].split()) >= SHORT_REQUEST_WORDS:
            return [part[:place], *_requests(right)]
        place = part.find(" and ", place + 5)
    return [part]
