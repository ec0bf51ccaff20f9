"""The default text generator: a reply from the best passage and the account's checked facts, without a model.

It never repeats the customer's text: the title of the source names the problem.
"""

from collections.abc import Sequence
from typing import Final

from responders.generation.brief import AskBrief, Brief, Composed, Fact, Material, ReplyPart
from responders.generation.openings import opening
from responders.generation.passages import Unit, best_units, sympathy_of, units_of
from responders.generation.slots import fill, slots_of

MAX_STEP_CHARS: Final = 4_000
"""Characters of a step. A longer step is left out, because no customer would read it."""

_ASK: Final = 10_000
"""Numbers of paragraphs that each ask has."""

_LINKS: Final = 1_000_000
_QUESTION: Final = _LINKS + 1
_LAST: Final = _QUESTION + 1

_CLOSINGS: Final = {
    "calm": ("If anything is unclear, just reply to this message.", "Just reply here if you get stuck."),
    "apology": (
        "If it still does not work after that, reply here and tell me what you see.",
        "Please reply here with what you see if that does not solve it.",
    ),
    "warm": ("Just reply here if there is anything else.",),
    "leaving": ("Please reply here if you have a question about this.",),
}
_PUBLIC_CLOSING: Final = "If that does not solve it, post what you see here, without any account details."
_OUTREACH_QUESTION: Final = "Is there something in your way that we can help with?"
_SLOT_QUESTION: Final = "Could you tell me the {slot}?"


class Composer:
    """Writes greeting, acknowledgement, checked facts, steps with filled slots, one question and sign-off."""

    @property
    def name(self) -> str:
        """Return name and version, as a draft records them."""
        return "composer-1"

    def compose(self, brief: Brief) -> Composed:
        """Return the reply in parts; without a passage it has facts and no steps. Deterministic."""
        answers = [_answer(place, ask, brief) for place, ask in enumerate(brief.asks)]
        missing = tuple(dict.fromkeys(slot for answer in answers for slot in answer.missing))
        question = _question(brief, missing)
        parts = [
            _greeting(brief),
            *_acknowledgement(brief),
            *_facts(brief),
            *(part for answer in answers for part in answer.parts),
            *_link(brief),
            *([ReplyPart(kind="question", text=question, paragraph=_QUESTION)] if question else []),
            *_closing(brief, asked=question is not None),
        ]
        return Composed(parts=tuple(parts), question=question, missing=missing)


def _greeting(brief: Brief) -> ReplyPart:
    named = brief.greeting_name is not None and not brief.public
    return ReplyPart(kind="greeting", text=f"Hi {brief.greeting_name}," if named else "Hello,", paragraph=0)


def _picked(phrases: Sequence[str], variant: int) -> str:
    return phrases[variant % len(phrases)]


def _acknowledgement(brief: Brief) -> list[ReplyPart]:
    best = next(iter(brief.passages.values()), None)
    if brief.outreach or best is None:
        return []
    own = sympathy_of(best.body) if brief.tone == "apology" and not brief.public else None
    text = own or opening(best, brief.tone, variant=brief.variant)
    return [ReplyPart(kind="acknowledgement", text=text, paragraph=1)]


def _facts(brief: Brief) -> list[ReplyPart]:
    spoken = [fact for fact in brief.facts if fact.spoken] if not brief.public else []
    return [
        ReplyPart(kind="fact", text=fact.spoken, source_ids=(fact.source_id,), paragraph=2) for fact in spoken
    ]


def _answer(place: int, ask: AskBrief, brief: Brief) -> Composed:
    if not ask.passages:
        return Composed(parts=())
    material = ask.passages[0]
    values = {} if brief.public else {fact.name: fact for fact in brief.facts}
    parts: list[ReplyPart] = []
    missing: list[str] = []
    for unit in best_units(units_of(material.body), ask.text):
        unknown = [slot for slot in slots_of(unit.text) if slot not in values]
        missing += unknown
        step = None if unknown else _step(unit, material, values)
        parts += [step] if step else []
    placed = [
        part.model_copy(update={"ask": place, "paragraph": _ASK * (place + 1) + part.paragraph})
        for part in _without_last_lead(parts)
    ]
    return Composed(parts=tuple(placed), missing=tuple(missing))


def _step(unit: Unit, material: Material, values: dict[str, Fact]) -> ReplyPart | None:
    """Return a sentence of the source with its slots filled; None if it is longer than MAX_STEP_CHARS."""
    used = tuple(dict.fromkeys(values[slot].source_id for slot in slots_of(unit.text)))
    text = fill(unit.text, {name: fact.value for name, fact in values.items()})
    if len(text) > MAX_STEP_CHARS:
        return None
    return ReplyPart(
        kind="step",
        text=text,
        source_ids=(material.source_id, *used),
        layout=unit.layout,
        paragraph=min(unit.block, _ASK - 1),
    )


def _without_last_lead(parts: list[ReplyPart]) -> list[ReplyPart]:
    """Drop a last sentence that announces a missing list."""
    return parts[:-1] if len(parts) > 1 and parts[-1].text.endswith(":") else parts


def _link(brief: Brief) -> list[ReplyPart]:
    linked = [ask.passages[0] for ask in brief.asks if ask.passages]
    shown = {material.url: material for material in linked if material.url is not None and material.public}
    return [
        ReplyPart(
            kind="link",
            text=f"You will find more in our guide “{material.title}”: {url}",
            source_ids=(material.source_id,),
            paragraph=_LINKS,
        )
        for url, material in shown.items()
    ]


def _question(brief: Brief, missing: Sequence[str]) -> str | None:
    if missing:
        return _SLOT_QUESTION.format(slot=missing[0].replace("_", " "))
    return _OUTREACH_QUESTION if brief.outreach else None


def _closing(brief: Brief, *, asked: bool) -> list[ReplyPart]:
    last = _LAST
    if brief.public:
        return [ReplyPart(kind="closing", text=_PUBLIC_CLOSING, paragraph=last)]
    helpful = [] if asked else [_picked(_CLOSINGS[brief.tone], brief.variant)]
    lines = [*helpful, f"Best regards,\n{brief.signature}"]
    return [ReplyPart(kind="closing", text=text, paragraph=last + place) for place, text in enumerate(lines)]
