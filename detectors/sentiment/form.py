"""The sentences of a message that are form alone: greetings, thanks in advance, wishes, a closing question.

They say nothing about the mood, and a model that reads them is moved by them all the same. A sentence is form
only at the beginning or at the end of a message, and only if words remain without it.
"""

import re
from typing import Final

from detectors.sentiment.sentences import sentence_spans

MOST_FORM: Final = 6
"""Sentences dropped at each end at most. Chosen by hand: name, role, company, phone and two courtesies."""

MOST_CHARACTERS: Final = 160
"""A longer sentence is never form. Chosen by hand; bounds the time of the patterns."""

_HELP: Final = (
    r"(?:help|time|assistance|support|understanding|attention|patience|consideration|cooperation|response"
    r"|reply|answer|guidance|advice|efforts?|quick|prompt|swift|kind|any|looking|reading|taking)"
)
_NAME: Final = r"(?-i:[A-Z][\w'’-]*)"
_ADDRESSED: Final = (
    r"(?:[ ,]+(?:"
    + _NAME
    + r"|team|there|all|everyone|everybody|support|customer|service|colleagues?|sir|madam"
    r"|folks|guys|or|and|to|whom|it|may|concern|you|again|care|desk|help|people|friends|the|at|of)\.?){0,6}"
)
_GREETING: Final = (
    r"(?:dear|hi|hiya|hello|hey|greetings|good (?:morning|afternoon|evening|day))\b" + _ADDRESSED
)
_PREFIX: Final = re.compile(_GREETING + r"[,!:]+\s+", re.IGNORECASE)
_OPENING: Final = re.compile(
    r"(?:" + _GREETING + r"[,.!:]*"
    r"|(?:i |we )?(?:hope|trust)(?: that)? (?:this|you|your|all|everyone)\b[^.!?\n]{0,60}"
    r"\b(?:well|fine|good|great|lovely|nice|safe|weekend|day|week|summer)\b[^.!?\n]{0,25}[.!]*"
    r"|(?:my name is|this is|i am|i'm)(?: "
    + _NAME
    + r"){1,3}(?:,? (?:from|at|of|with) [^.!?\n]{1,40})?[.,!]*"
    r"|"
    + _NAME
    + r"(?: "
    + _NAME
    + r"){0,2}(?: from "
    + _NAME
    + r"(?: "
    + _NAME
    + r"){0,2})? here(?: again)?[.,!]*"
    r"|how are you(?: \w+){0,3}\?)",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(
    r"(?:(?:many |kind |warm |big |huge |sincere |with |kindest |much )?"
    r"(?:thanks|thank you|thank u|thx|tks|ta|cheers)"
    r"(?: (?:so|very) much| a lot| kindly| again| in advance| ever so much| guys| team| all)*"
    r"(?:,? (?:for|and)\b[^.!?\n]{0,20}\b" + _HELP + r"\b[^.!?\n]{0,60})?"
    r"(?:,? (?:and|&) (?:have|best|kind|warm|regards|all|take|enjoy)\b[^.!?\n]{0,40})?"
    r"(?:,? " + _NAME + r"){0,3}[.,!:) ]*"
    r"|(?:i|we)?(?:'d| would)? ?(?:really |very much |greatly |do |truly )?appreciate "
    r"(?:(?:all|any|your|the) )+[^.!?\n]{0,60}[.!]*"
    r"|(?:any help|your help|this) (?:is|would be|will be) (?:much|greatly|very|really)[^.!?\n]{0,30}[.!]*"
    r"|much (?:appreciated|obliged)[.!]*|appreciated?(?: your help| it)?[.!]*"
    r"|(?:i|we)?(?:'m| am|'re| are)? ?look(?:ing)? forward to (?:your|hear|an?|the|reading"
    r"|any)\b[^.!?\n]{0,50}[.!]*"
    r"|(?:i|we)? ?wish(?:ing|es)? (?:you|your|everyone|all)\b[^.!?\n]{0,70}[.,!]*"
    r"|(?:i|we)? ?hope (?:you|that you|all of you) (?:have|enjoy)\b[^.!?\n]{0,50}[.!]*"
    r"|(?:have|enjoy) (?:a|an|your|the)\b[^.!?\n]{0,40}\b(?:day|week|weekend|evening|afternoon|one"
    r"|time)\b[^.!?\n]{0,15}[.!:)]*"
    r"|(?:take care|stay safe|all the best|best of luck|talk soon|speak soon)\b[^.!?\n]{0,30}[.,!]*"
    r"|(?:with )?(?:kind|kindest|best|warm|warmest|many)? ?(?:regards|wishes|greetings)\b[^.!?\n]{0,40}[.,!]*"
    r"|(?:yours|sincerely|respectfully|cordially|best)(?: (?:sincerely|faithfully|truly))?[.,]*"
    r"|(?:please |kindly )?(?:let me know|do let me know|advise|get back to me|keep me posted)"
    r"(?: (?:if|in case|should) you[^.!?\n]{0,50}| if anything[^.!?\n]{0,40}| either way"
    r"| what you think)?[.!]*)",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"(?:(?:and |so |also,? )?(?:could|can|would|will|may|might) (?:you|someone|somebody|anyone|i|we)\b"
    r"(?: (?:please|kindly|perhaps|possibly|just|then))*"
    r" (?:let (?:me|us) know|tell (?:me|us)|help|assist|advise|confirm|look into|take a look|check"
    r"|explain|call"
    r"|clarify|guide|point|get back|speak|talk)\b[^.!?\n]{0,60}"
    r"|(?:and |so )?(?:what|how|who|whom|where|when)(?: exactly)? (?:should|would|do|can|could|shall"
    r"|happens|is it"
    r"|is the best|else)\b[^.!?\n]{0,60}"
    r"|is there (?:anything|something|somebody|someone)\b[^.!?\n]{0,60}"
    r"|(?:does that|do you|would that) (?:make sense|need anything|work|help)\b[^.!?\n]{0,40}"
    r"|any (?:ideas?|thoughts|suggestions|advice|news)\b[^.!?\n]{0,30})\?+",
    re.IGNORECASE,
)
_CHARGED: Final = re.compile(
    r"\b(?:still|again|yet|finally|ever|why|never|nothing|wrong|fail\w*|broken|bother|actually|seriously"
    r"|supposed"
    r"|even|any ?more|longer|bad|worse|joke)\b",
    re.IGNORECASE,
)
_NAME_LINE: Final = re.compile(r"[A-Z][\w.'’-]*(?:[ ,]{1,2}[A-Z][\w.'’-]*){0,3}[.,]?")
"""A line of a name, which is form only after a closing."""

_WORD: Final = re.compile(r"\w{2,}")


def without_form(text: str) -> str:
    r"""Return the text without the sentences of form at both ends.

    A closing question goes only if it asks for nothing but an answer, holds no word of complaint, and follows
    at least one other sentence. A text that is form alone loses only its greeting.

    >>> without_form("Dear colleagues, the import stops at 40 %. Thank you kindly for any help.")
    'the import stops at 40 %.'
    >>> without_form("Hello everyone.\nIt failed for the fourth time. Could you let me know what is next?")
    'It failed for the fourth time.'
    >>> without_form("Thank you for fixing this so quickly."), without_form("How do I export my labels?")
    ('Thank you for fixing this so quickly.', 'How do I export my labels?')
    """
    sentences = [text[first:end] for first, end in sentence_spans(text)]
    first, last = 0, len(sentences)
    while first < min(MOST_FORM, last) and _is_opening(sentences[first]):
        first += 1
    while last > max(first, len(sentences) - MOST_FORM) and _is_closing(sentences, first, last):
        last -= 1
    for kept in ("".join(sentences[first:last]), "".join(sentences[first:])):
        words = _without_greeting(kept).strip()
        if _WORD.search(words):
            return words
    return text


def _is_opening(sentence: str) -> bool:
    rest = _without_greeting(sentence).strip()
    return not rest or _is_form(_OPENING, rest)


def _without_greeting(sentence: str) -> str:
    greeting = _PREFIX.match(sentence)
    return sentence[greeting.end() :] if greeting else sentence


def _is_closing(sentences: list[str], first: int, last: int) -> bool:
    """Return whether the sentence before `last` is form at the end of a message that begins at `first`."""
    sentence = sentences[last - 1]
    if _is_form(_CLOSING, sentence):
        return True
    before = sentences[last - 2] if last - first > 1 else ""
    if before.endswith("\n") and _is_form(_NAME_LINE, sentence):
        return last < len(sentences) or _is_form(_CLOSING, before)
    return bool(before) and _is_form(_QUESTION, sentence) and not _CHARGED.search(sentence)


def _is_form(pattern: re.Pattern[str], sentence: str) -> bool:
    words = sentence.strip()
    return len(words) <= MOST_CHARACTERS and pattern.fullmatch(words) is not None
