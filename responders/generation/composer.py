"""The default text generator: each ask is answered from its passages and the account's checked facts.

No language model is used. Of the customer's words only the wish is said again, if it is safe and plain.
"""

import re
from collections.abc import Sequence
from typing import Final

from responders.generation.answering import AskAnswer, answer_to, denies
from responders.generation.apart import apart
from responders.generation.brief import AskBrief, Brief, Composed, Material, ReplyPart
from responders.generation.framing import SIGN_OFF, closing_signature, greeting
from responders.generation.passages import sympathy_of
from responders.generation.phrases import ReplyPhrases, phrases_of, picked
from responders.generation.restating import quoted, wish_of
from responders.generation.untold import with_another

_ASK: Final = 10_000
"""Numbers of paragraphs that each ask has."""

_LINKS: Final = 1_000_000
_QUESTION: Final = _LINKS + 1
_CLOSING: Final = SIGN_OFF - 1

_STATED: Final = frozenset({"problem", "other"})
"""Forms of asks that are not quoted, because they may be statements."""

_WHOLE_QUESTION: Final = re.compile(
    r"^\W*(?:who|what|when|where|which|why|how|can|could|may|is|are|do|does|did|will|would|should|has|have|must)\b"
    r".{8,}\?\W*$|^[^a-zA-Z]*[¿]|.*[äöüß].*\?$",
    re.IGNORECASE | re.DOTALL,
)
"""A question that can be read alone; a part of a sentence, such as "if not, what's next", is not quoted."""

_OUTREACH_QUESTION: Final = "Is there something in your way that we can help with?"


class Composer:
    """Writes greeting, opening, an answer for each ask, open asks, links, one question and sign-off."""

    @property
    def name(self) -> str:
        """Return name and version, as a draft records them."""
        return "composer-2"

    def compose(self, brief: Brief) -> Composed:
        """Return the reply in parts; without a passage it has facts and no steps. Deterministic."""
        return framed(brief, answers_of(brief))


def answers_of(brief: Brief) -> list[AskAnswer]:
    """Return the answer to each ask of a brief, in order; no sentence is told twice."""
    phrases = phrases_of(brief.language)
    told: set[str] = set()
    return [_answer(ask, brief, phrases, told) for ask in apart(brief.asks)]


def _answer(ask: AskBrief, brief: Brief, phrases: ReplyPhrases, told: set[str]) -> AskAnswer:
    """Return the answer to an ask; from another passage if the best one has nothing that is not told.

    An ask that no passage is near stays open, which is said: better than a guess. Nor does another passage
    tell steps for what an earlier answer says that the account's plan does not have.
    """
    found = answer_to(ask, brief, phrases, told)
    if found.parts or found.missing or found.is_open:
        return found
    another = with_another(ask)
    if another is None or denies(ask, brief):
        return found
    again = answer_to(another, brief, phrases, told)
    return again if again.parts else found


def framed(brief: Brief, answers: list[AskAnswer]) -> Composed:
    """Return the whole reply around the answers to the asks of a brief, one for each ask, in order."""
    phrases = phrases_of(brief.language)
    left = [place for place, ask in enumerate(brief.asks) if not ask.passages or answers[place].is_open]
    points = len({*left, *(place for place, answer in enumerate(answers) if answer.parts)})
    missing = tuple(dict.fromkeys(slot for answer in answers for slot in answer.missing))
    question = _question(brief, missing, phrases)
    parts = [
        *greeting(brief),
        *_opening(brief, phrases, points),
        *_facts(brief),
        *_answers(brief, answers, phrases),
        *_open_asks(brief, phrases, left),
        *_links(brief, answers, phrases),
        *([ReplyPart(kind="question", text=question, paragraph=_QUESTION)] if question else []),
        *_closing(brief, phrases, asked=question is not None, is_open=bool(left)),
    ]
    return Composed(parts=tuple(parts), question=question, missing=missing)


def _opening(brief: Brief, phrases: ReplyPhrases, points: int) -> list[ReplyPart]:
    best = next(iter(brief.passages.values()), None)
    if brief.outreach or best is None or (brief.channel == "chat" and brief.tone in {"calm", "warm"}):
        return []
    own = sympathy_of(best.body) if brief.tone == "apology" and not brief.public else None
    said = [own or picked(phrases.opening[brief.tone], brief.variant)]
    if points > 1:
        said.append(picked(phrases.several, brief.variant // 7))
    elif len(brief.asks) == 1 and brief.tone in {"calm", "warm"} and phrases.wish:
        wish = wish_of(brief.asks[0].text) if brief.asks[0].is_sayable else None
        said += [phrases.wish.replace("{wish}", wish)] if wish else []
    return [ReplyPart(kind="acknowledgement", text=text, paragraph=1) for text in said]


def _facts(brief: Brief) -> list[ReplyPart]:
    spoken = [fact for fact in brief.facts if fact.spoken] if not brief.public else []
    return [
        ReplyPart(kind="fact", text=fact.spoken, source_ids=(fact.source_id,), paragraph=2) for fact in spoken
    ]


def _answers(brief: Brief, answers: list[AskAnswer], phrases: ReplyPhrases) -> list[ReplyPart]:
    return [
        part.model_copy(update={"ask": place, "paragraph": _ASK * (place + 1) + part.paragraph})
        for place, answer in enumerate(answers)
        for part in answer.parts
    ]


def _open_asks(brief: Brief, phrases: ReplyPhrases, left: Sequence[int]) -> list[ReplyPart]:
    """Return a line for each ask that is `left` without an answer, or that a person must carry out."""
    lines: list[ReplyPart] = []
    for place in () if brief.outreach else left:
        text = _open_line(brief.asks[place], phrases, brief.variant + place)
        if text not in [line.text for line in lines]:
            lines.append(ReplyPart(kind="open", text=text, paragraph=_ASK * (place + 1), ask=place))
    return lines


def _open_line(ask: AskBrief, phrases: ReplyPhrases, variant: int) -> str:
    asked = ask.is_sayable and ask.form not in _STATED and _WHOLE_QUESTION.match(ask.text) is not None
    said = quoted(ask.text) if asked else None
    if said is None:
        return phrases.action_unsaid if ask.needs_action else picked(phrases.open_unsaid, variant)
    template = phrases.action if ask.needs_action else picked(phrases.open, variant)
    return template.replace("{ask}", said)


def _links(brief: Brief, answers: list[AskAnswer], phrases: ReplyPhrases) -> list[ReplyPart]:
    """Return one line of links to the public articles that the answers are from."""
    used = dict.fromkeys(source for answer in answers for part in answer.parts for source in part.source_ids)
    told = [material for source_id, material in brief.passages.items() if source_id in used]
    shown: dict[str, Material] = {
        material.url: material for material in told if material.url is not None and material.public
    }
    lead = phrases.link if len(shown) == 1 else phrases.links
    texts = [lead.replace("{url}", next(iter(shown)))] if len(shown) == 1 else [lead, *shown] if shown else []
    return [
        ReplyPart(
            kind="link",
            text=text,
            layout="bullet" if len(shown) > 1 and text != lead else "sentence",
            paragraph=_LINKS,
        )
        for text in texts
    ]


def _question(brief: Brief, missing: tuple[str, ...], phrases: ReplyPhrases) -> str | None:
    if missing:
        return phrases.slot_question.replace("{slot}", missing[0].replace("_", " "))
    return _OUTREACH_QUESTION if brief.outreach else None


def _closing(brief: Brief, phrases: ReplyPhrases, *, asked: bool, is_open: bool) -> list[ReplyPart]:
    if brief.channel == "chat" and not brief.outreach:
        return []
    if brief.public:
        return [ReplyPart(kind="closing", text=phrases.closing_public, paragraph=_CLOSING)]
    helpful = phrases.closing_open if is_open else picked(phrases.closing[brief.tone], brief.variant // 3)
    said = [] if asked else [ReplyPart(kind="closing", text=helpful, paragraph=_CLOSING)]
    return [*said, *closing_signature(brief)]
