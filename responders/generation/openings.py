"""The first sentence of a reply: it names the problem by the title of the source, in the right tone."""

import re
from typing import Final, Literal

from responders.generation.brief import Material, Tone
from responders.generation.slots import slots_of

TopicKind = Literal["how", "thing", "clause", "none"]

_TASKS: Final = frozenset(
    """reset export create add remove change invite connect set fix cancel delete update import download
    upload upgrade downgrade use manage configure enable disable restore recover find move merge rename
    review assign start stop resume pause transfer rotate retry resolve choose schedule share split improve
    measure track request pay switch limit read write run train deploy handle reduce speed debug
    troubleshoot get make""".split()
)
_ALSO_NOUNS: Final = frozenset(
    """reset export change import download upload upgrade downgrade use move merge review start stop pause
    transfer share split measure track request switch limit run train speed debug pay""".split()
)
_DETERMINERS: Final = frozenset(
    "a an the your my our another several all more one data labels tasks files to with".split()
)
_CLAUSE = re.compile(
    r"\b(?:is|are|was|has|ends?|fails?|answers?|stops?|shows?|says?|does|do|cannot|works?|disappears?"
    r"|breaks?|hangs?|keeps?|gets?|goes|waits?|returns?|went|came|became)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"^(?:why|what|when|where|which|who|can|is|are|does|do|will|my|our)\b", re.IGNORECASE)
_HOW = re.compile(r"^how (?:to|do (?:i|we|you)|can (?:i|we|you)|should (?:i|we))\b", re.IGNORECASE)

_PHRASES: Final[dict[TopicKind, dict[Tone, tuple[str, ...]]]] = {
    "thing": {
        "calm": ("Thanks for your message about {topic}.", "Thank you for getting in touch about {topic}."),
        "apology": (
            "I'm sorry for the trouble with {topic}, and I understand that it is holding you up.",
            "I'm sorry about the trouble with {topic}. I understand how much this gets in your way.",
        ),
        "warm": ("Thank you for the kind words, and for your message about {topic}.",),
        "leaving": ("I'm sorry for the trouble with {topic}.",),
    },
    "how": {
        "calm": (
            "Thanks for your message. You'd like to know {topic}.",
            "Thank you for asking {topic}.",
        ),
        "apology": (
            "I'm sorry that this has been so frustrating. Let me show you {topic}.",
            "I'm sorry for the trouble. Let me show you {topic}, so that you can carry on.",
        ),
        "warm": ("Thank you for the kind words. Let me show you {topic}.",),
        "leaving": ("I'm sorry for the trouble. Here is {topic}.",),
    },
    "clause": {
        "calm": ("Thanks for your message. It sounds like this one: “{topic}”.",),
        "apology": (
            "I'm sorry for the trouble, and I understand that it is holding you up. It sounds like this one:"
            " “{topic}”.",
        ),
        "warm": ("Thank you for the kind words. It sounds like this one: “{topic}”.",),
        "leaving": ("I'm sorry for the trouble. It sounds like this one: “{topic}”.",),
    },
    "none": {
        "calm": ("Thanks for your message.", "Thank you for getting in touch."),
        "apology": ("I'm sorry for the trouble. I understand that this is holding you up.",),
        "warm": ("Thank you for the kind words.",),
        "leaving": ("I'm sorry for the trouble.",),
    },
}


def opening(material: Material, tone: Tone, *, variant: int) -> str:
    """Return the opening sentence for a passage; `variant` picks among equal phrases."""
    kind, topic = _topic(material)
    phrases = _PHRASES[kind][tone]
    return phrases[variant % len(phrases)].replace("{topic}", topic)


def _topic(material: Material) -> tuple[TopicKind, str]:
    if material.source_kind == "solved_ticket":
        return "none", ""
    if material.source_kind == "article" and material.heading:
        kind, topic = topic_of(material.heading)
        if kind == "how":
            return kind, topic
    kind, topic = topic_of(material.title)
    if material.source_kind == "macro" and kind == "thing":
        return "clause", f"{topic[:1].upper()}{topic[1:]}"
    return kind, topic


def topic_of(title: str) -> tuple[TopicKind, str]:
    """Return the kind of topic that a title names, and the words for it inside a sentence.

    >>> topic_of("How to reset your password"), topic_of("Failed payments"), topic_of("API keys: an overview")
    (('how', 'how to reset your password'), ('thing', 'failed payments'), ('thing', 'API keys'))
    >>> topic_of("Invite a reviewer"), topic_of("Why is my run queued?"), topic_of("Export stuck")
    (('how', 'how to invite a reviewer'), ('none', ''), ('thing', 'export stuck'))
    >>> topic_of("An export is stuck, slow or fails")
    ('clause', 'An export is stuck, slow or fails')
    """
    name = " ".join(title.split()).partition(": ")[0].rstrip(" .!?:")
    first, _, rest = name.partition(" ")
    if _HOW.match(name):
        return "how", _HOW.sub("how to", name)
    if _QUESTION.match(name) or slots_of(name) or not name:
        return "none", ""
    is_task = first.lower() not in _ALSO_NOUNS or rest.split(" ")[0].lower() in _DETERMINERS
    if first.lower() in _TASKS and rest and is_task:
        return "how", f"how to {first.lower()} {rest}"
    if _CLAUSE.search(name):
        return "clause", name
    plain_word = first[1:].islower() or len(first) == 1
    return "thing", f"{first.lower() if plain_word else first} {rest}".strip()
