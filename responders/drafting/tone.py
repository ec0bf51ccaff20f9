"""The tone of a reply: from the mood that the sentiment group found and from the customer's own words."""

import re
from typing import Final

from responders.generation.brief import Tone
from responders.understanding.statements import PROBLEM
from responders.words import sentences
from schemas.reading.courtesies import has_kind_words, is_thanks
from schemas.tickets import Sentiment

FRUSTRATED: Final = 0.5
"""At this frustration and above, a reply apologises."""

GLAD: Final = 0.7
"""The least probability of a positive mood for thanks. Chosen by hand: thanks for a complaint hurt, no thanks
for praise hardly do."""

LIKELY: Final = 0.5
"""From this probability of a threat or of sarcasm, a reply answers it."""

EVEN: Final = 0.15
"""A negative mood that leads the next one by less than this, as a difference of probabilities, is nearly
even: it gets no apology. Chosen by hand: an apology to a happy customer hurts, a plain answer to a mild
complaint hardly does."""

SURE: Final = 0.95
"""From this probability of a negative mood an apology needs no words of trouble: courtesy often has none."""

READ_CHARACTERS: Final = 20_000
"""Characters of a message in which kind words and words of trouble are looked for."""

_ANGRY_REASONS: Final = frozenset(("strong_words", "repeated_contact"))
"""Signs of frustration that call for an apology by themselves."""

_TROUBLE: Final = re.compile(
    r"\b(?:wait(?:ed|ing)|delay\w*|late|overdue|overcharged|charged|nobody|no one"
    r"|no (?:answer|reply|response)|complain\w*|disappoint\w*|annoy\w*|frustrat\w*|upset|angry|furious"
    r"|ridiculous|unacceptable|terrible|awful|horrible|useless|garbage|rubbish|nonsense|a joke|disgrace\w*"
    r"|disgust\w*|stolen|ruin\w*|mess(?:ed|y)?|poor|worse|worst|let (?:me|us) down|fed up|(?:sick|tired) of"
    r"|problems?|trouble|issues?|unfortunately|sadly|unhappy|not happy|dissatisf\w*|surprised|puzzl\w*"
    r"|confus\w*|concern(?:ed|s|ing)|worr(?:y|ied|ying)|promised|supposed to|should have|compensation"
    r"|mistakes?|binned|oh no|yet again|again and again|(?:second|third|fourth|fifth|\d+th) time|hours? of"
    r"|wast(?:e|ed|es|ing)|cost us|cancell?ing|nothing works|kaputt|noch immer|immer noch)\b"
    r"|!!|(?-i:\b[A-Z]{5,}\b)",
    re.IGNORECASE,
)
"""Words with which a customer tells of trouble, beside those of what does not work."""

_PRAISE: Final = re.compile(
    r"\b(?:(?:i|we|they|team|everyone|colleagues) (?:all |both |really |just |absolutely |simply ){0,2}"
    r"(?:love|like|enjoy|appreciate)"
    r"|everyone (?:\w{1,20} ){0,5}(?:loves|likes|enjoys|appreciates)"
    r"|(?:is|was|are|were|been|works?|worked|it's|that's|you're|looks?|runs?|arrived|did|does|so|very|really"
    r"|truly|such|absolutely|such an?|an?|most|your|the|with) (?:\w{1,20} ){0,2}"
    r"(?:great|awesome|excellent|fantastic|wonderful|amazing|brilliant|superb|perfect(?:ly)?|helpful|kind"
    r"|friendly|impressive|outstanding|flawless(?:ly)?|lovely|delicious|beautiful(?:ly)?|smooth(?:ly)?"
    r"|like a charm|delight(?:ful)?|patient|professional|pleasure)"
    r"|(?:happy|pleased|delighted|impressed|thrilled|satisfied) (?:with|by|about)|grateful|kudos|well done"
    r"|hats off|keep (?:it|up)|made my (?:day|week)|compliments?|big (?:thanks|thank you)"
    r"|saved (?:me|us|my|our)"
    r"|best (?:support|service|team|purchase|decision|stay|experience))\b",
    re.IGNORECASE,
)
_THANKS_FOR: Final = re.compile(
    r"\b(?:thanks|thank you|thx)(?: \w{1,12}){0,4} for (?:(?:all|the|your|such|a|this|that|so|very|being"
    r"|quick|quickly|fast|speedy|prompt|great|kind|excellent|patient|wonderful|amazing|lovely|recent) ){0,5}"
    r"(?:help(?:ing)?|support|assistance|service|advice|work|effort|care|kindness|patience with|solving"
    r"|fixing|sorting|resolving|staying|hospitality|stay|update)\b",
    re.IGNORECASE,
)
_TAKEN_BACK: Final = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|hardly|barely|without|cannot|can't|don't|doesn't|didn't|isn't"
    r"|wasn't|aren't|weren't|won't|wouldn't|couldn't|hasn't|haven't|would|could|should|if|hope|hoped|wish"
    r"|please|but|however|although|though|except|until|till|unless|instead|unfortunately|sadly|used to"
    r"|were told|promised|advertised|supposed|expected|once|before|otherwise|again\?|in advance|great deal"
    r"|like to|love to|(?:love|like|appreciate) (?:how|that|when|if|waiting|being|paying|hearing|getting)"
    r"|(?:great|good|nice|fine|excellent|amazing|brilliant|wonderful|superb|well done)"
    r" (?:job|work|effort|done|way|start|idea|timing)?[, ]*"
    r"(?:of |at |to |for |on )?(?:break|los|ignor|charg|cancel|delay|ruin|mess|destroy|delet"
    r"|forget)\w{1,6})\b",
    re.IGNORECASE,
)
_EXCLAIMED: Final = re.compile(
    r"^\W{0,3}(?:oh |well |just |how |wow )?(?:great|wonderful|fantastic|brilliant|perfect|excellent|awesome"
    r"|lovely|nice|amazing|super|bravo|congratulations|congrats|well done|good job|nice work|thanks)"
    r"(?: \w{1,12})?[,:;]|^\W{0,3}(?:what|such) an? ",
    re.IGNORECASE,
)


def tone_of(text: str, mood: Sentiment | None, *, leaves: bool = True) -> Tone:
    """Return the tone of the answer to `text`, by the mood that the sentiment group found; calm without one.

    A threat to leave gets a sober tone if `leaves` confirms it, a negative, a frustrated and a sarcastic
    message an apology, if its words tell of trouble or the mood is sure. A mood that is nearly even between
    negative and another gets none. Thanks answer kind words only: the mood is positive for sure, and the
    customer's own words praise or thank. An uncertain mood gets no thanks.
    """
    if mood is None:
        return "calm"
    if leaves and threatens(mood):
        return "leaving"
    if _complains(mood):
        return "apology" if _is_sure(mood) or tells_trouble(text) else "calm"
    return "warm" if _is_glad(mood) and says_kind_words(text) else "calm"


def says_kind_words(text: str) -> bool:
    """Tell whether a message praises or thanks for something; whether it complains too is the mood's part.

    A courteous closing, a wish ("it would be great"), a question, a denial and a mocking "Great, ..." are no
    kind words. In doubt the answer is no.

    >>> says_kind_words("The new filter is great, we love it."), says_kind_words("Great, another outage.")
    (True, False)
    >>> says_kind_words("Please tell me how I get such a great chart.")
    False
    """
    read = text[:READ_CHARACTERS]
    if not has_kind_words(read) and not _PRAISE.search(read):
        return False
    return any(map(_is_kind, sentences(read)))


def tells_trouble(text: str) -> bool:
    """Tell whether the words of a message tell of trouble; how the customer takes it is the mood's part.

    A question that names what does not work may only ask for a rule: "What if the parcel is lost?"

    >>> tells_trouble("Nobody called me back."), tells_trouble("When is our renewal?")
    (True, False)
    """
    read = text[:READ_CHARACTERS].replace("’", "'")
    told = (sentence for sentence in sentences(read) if not sentence.rstrip().endswith("?"))
    return _TROUBLE.search(read) is not None or any(map(PROBLEM.search, told))


def _is_kind(sentence: str) -> bool:
    said = sentence.replace("’", "'")
    if said.rstrip().endswith("?") or is_thanks(said) or _TAKEN_BACK.search(said) or _EXCLAIMED.match(said):
        return False
    return _PRAISE.search(said) is not None or _THANKS_FOR.search(said) is not None


def _complains(mood: Sentiment) -> bool:
    if _is_angry(mood) and mood.label != "positive":
        return True
    if _is_nearly_even(mood):
        return False
    sarcastic = (mood.sarcasm or 0.0) >= LIKELY
    frustrated = mood.frustration >= FRUSTRATED and mood.label != "positive"
    return mood.label == "negative" or sarcastic or frustrated


def _is_sure(mood: Sentiment) -> bool:
    """Tell whether the mood is negative for sure, or its signs are anger."""
    return _is_angry(mood) or (mood.probabilities is not None and mood.probabilities[0] >= SURE)


def _is_angry(mood: Sentiment) -> bool:
    return not _ANGRY_REASONS.isdisjoint(mood.frustration_reasons)


def _is_nearly_even(mood: Sentiment) -> bool:
    """Tell whether negative is among the two most probable moods, and neither leads clearly."""
    if mood.probabilities is None:
        return False
    negative, *others = mood.probabilities
    return abs(negative - max(others)) < EVEN


def threatens(mood: Sentiment) -> bool:
    """Tell whether the mood model hears a threat to leave."""
    if mood.threat is not None:
        return mood.threat >= LIKELY
    return "threat_to_leave" in mood.frustration_reasons and mood.label != "positive"


def _is_glad(mood: Sentiment) -> bool:
    sure = mood.label == "positive" and mood.probabilities is not None and mood.probabilities[2] >= GLAD
    return sure and mood.frustration < FRUSTRATED and not mood.frustration_reasons
