"""Frustration by words: repeated contact, waiting, a threat to leave, shouting. It is not negativity.

The shipped model has learned frustration and takes from here only the words that show it. The word lists and
checkpoints, which have no such output, take all of it.
"""

import re

# Name, weight and pattern of each sign. Weights are chosen by hand, not fitted; not measured.
_SIGNS: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    (
        "repeated_contact",
        0.45,
        re.compile(
            r"\b(?:(?:second|third|fourth|fifth|sixth|\d{1,2}(?:nd|rd|th)|tenth) (?:time|ticket|e-?mail"
            r"|message|request|attempt)"
            r"|(?:yet|once) again|over and over|again and again|time and again"
            r"|keeps? (?:\w{1,20} ){0,2}(?:failing|happening|crashing|breaking|coming back|asking|giving"
            r"|timing)"
            r"|(?:already|still) (?:wrote|written|asked|reported|told|contacted|called|opened|explained)"
            r"|as i (?:said|wrote|explained)"
            r"|(?:asked|contacted|called|e-?mailed|written|reported|told)\b.{0,40}\b(?:several|multiple"
            r"|many|three|four|five|\d{1,2}) times|how many times"
            r"|same (?:issue|problem|error|bug) (?:again|as before)|repeatedly|every single time)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "waiting",
        0.4,
        re.compile(
            r"\b(?:(?:still|been) waiting|no (?:reply|response|answer|update|word"
            r"|one (?:has )?(?:answered|replied|responded))"
            r"|nobody (?:has )?(?:answers?|answered|replies|replied|responds|responded|cares?|helps?|helped)"
            r"|(?:haven'?t|have not|hasn'?t|has not|not|never) (?:yet )?(?:heard|received (?:a "
            r"|any )?(?:reply|response|answer)|got(?:ten)? (?:a |any )?(?:reply|response|answer))"
            r"|(?:for|after|since|over|past) (?:more than |over |almost |the last )?(?:\d{1,3}|an?|two"
            r"|three|four|five|six|seven|several|many) (?:(?:whole|full) )?(?:days?|weeks?|months?|hours?)"
            r"|how (?:much )?long(?:er)? (?:do|must|will|should|does)|ignored?|ignoring (?:me|us)"
            r"|radio silence|when will (?:this|someone|anyone|it finally))\b",
            re.IGNORECASE,
        ),
    ),
    (
        "threat_to_leave",
        0.6,
        re.compile(
            r"\b(?:(?:cancel|cancelling|canceling|terminate|close|ending) (?:my|our|the"
            r"|this) (?:\w{1,20} ){0,2}(?:account|subscription|contract|plan|renewal)"
            r"|(?:switch|switching|move|moving|migrate|migrating|going) (?:\w{1,20} ){0,3}(?:to"
            r"|with) (?:a|an|another|your|the|some) (?:\w{1,20} ){0,2}(?:competitors?|vendors?"
            r"|providers?|tools?|alternatives?|platforms?)"
            r"|looking (?:at|for) (?:alternatives|another (?:vendor|tool|provider|platform))|(?:won'?t"
            r"|will not|not going to|not) (?:be )?renew(?:ing)?"
            r"|(?:want|demand|need|expect|would like) (?:a |my |our |the )?(?:full )?(?:money back"
            r"|refund)|lawyers?|legal action|charge ?back|last chance|taking our business elsewhere"
            r"|had enough)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "strong_words",
        0.35,
        re.compile(
            r"\b(?:unacceptable|ridiculous|a joke|outrageous|disgrace(?:ful)?|pathetic|incompetent"
            r"|useless|fed up|furious|appalling|terrible"
            r"|awful|horrible|worst|wtf|bullshit|shit|fuck\w{0,5}|damn|crap|sick of|tired of"
            r"|beyond frustrat\w{2,4}|frustrat(?:ed|ing)|scam|waste of)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "urgent",
        0.15,
        re.compile(r"\b(?:asap|urgent(?:ly)?|immediately|right now|emergency)\b", re.IGNORECASE),
    ),
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHOUT = re.compile(r"[!?]{3,}|(?:![^!]{0,200}){4,}")
_SHOUTED_SHARE = 0.6
"""Share of words in capitals from which a text is shouted. Chosen by hand."""

_SHOUTED_WORDS = 4
"""Words that a text needs to be shouted by its capitals. Chosen by hand: acronyms are not shouts."""

_SHOUT_WEIGHT = 0.3

_ASKED_ABOUT = frozenset(("waiting", "threat_to_leave", "urgent"))
"""Signs that a calm question may name without showing them, such as a question about cancelling."""

_CALM_QUESTION = re.compile(
    r"(?:^|(?<=[.!?\n]))[ \t]{0,4}"
    r"(?:how (?!much longer|long do i)|what |which |where |can |could |is |are |does |do )"
    r"[^.!?\n]{0,300}\?",
    re.IGNORECASE,
)

READ_CHARACTERS = 20_000
"""Characters read of a text: bounds the time of the patterns. Chosen by hand."""


def frustration(text: str) -> tuple[float, tuple[str, ...]]:
    """Return a score in [0, 1] and the names of the signs found in English `text`, in a fixed order.

    The signs are combined like independent probabilities: 1 - product(1 - weight). Of a long text the first
    and the last READ_CHARACTERS / 2 characters are read.

    >>> frustration("The third time I ask, still waiting. We will cancel our subscription!")
    (0.868, ('repeated_contact', 'waiting', 'threat_to_leave'))
    >>> frustration("How do I add a reviewer?")
    (0.0, ())
    >>> frustration("WHY IS THE EXPORT BROKEN")
    (0.3, ('shouting',))
    """
    half = READ_CHARACTERS // 2
    read = text if len(text) <= READ_CHARACTERS else f"{text[:half]}\n{text[-half:]}"
    told = _CALM_QUESTION.sub(" ", read)
    found = [
        (name, weight)
        for name, weight, pattern in _SIGNS
        if pattern.search(told if name in _ASKED_ABOUT else read)
    ]
    if _shouts(read):
        found.append(("shouting", _SHOUT_WEIGHT))
    calm = 1.0
    for _, weight in found:
        calm *= 1.0 - weight
    return round(1.0 - calm, 3), tuple(name for name, _ in found)


def _shouts(text: str) -> bool:
    words = _WORD.findall(text)
    loud = sum(1 for word in words if word.isupper())
    if len(words) >= _SHOUTED_WORDS and loud >= _SHOUTED_SHARE * len(words):
        return True
    return _SHOUT.search(text) is not None


SHOWN_CHARACTERS = 160
"""Characters of the words that are shown for a reason. Chosen by hand: about two lines."""

_PATTERNS = {name: pattern for name, _, pattern in _SIGNS}


def words_that_show(reason: str, sentence: str) -> str:
    r"""Return the words of `sentence` that show a reason: the words of its sign, else the whole sentence.

    >>> words_that_show("waiting", "I am still waiting for you.")
    'still waiting'
    >>> words_that_show("sarcasm", " Oh great,\n another outage. ")
    'Oh great, another outage.'
    """
    pattern = _PATTERNS.get(reason)
    found = pattern.search(sentence) if pattern else None
    return shortened(found.group(0) if found else sentence)


def shortened(text: str) -> str:
    r"""Return `text` on one line, cut to SHOWN_CHARACTERS with an ellipsis.

    >>> shortened(" two\nwords "), len(shortened("a" * 500))
    ('two words', 160)
    """
    words = " ".join(text.split())
    return words if len(words) <= SHOWN_CHARACTERS else f"{words[: SHOWN_CHARACTERS - 1]}…"
