"""The default text generator: a reply from the best passage and the account's checked facts, without a model.

It never repeats the customer's text: the title of the source names the problem.
"""

from collections.abc import Sequence
from typing import Final

from responders.generation.brief import Brief, Composed, Fact, Material, ReplyPart
from responders.generation.openings import opening
from responders.generation.passages import Unit, best_units, sympathy_of, units_of
from responders.generation.slots import fill, slots_of

MAX_STEP_CHARS: Final = 4_000
"""Characters of a step. A longer step is left out, because no customer would read it."""

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
        """Return the reply in parts; without material it has facts and no steps. Deterministic."""
        steps, missing = _steps(brief)
        question = _question(brief, missing)
        parts = [
            _greeting(brief),
            *_acknowledgement(brief),
            *_facts(brief),
            *steps,
            *_link(brief),
            *([ReplyPart(kind="question", text=question, paragraph=3_500)] if question else []),
            *_closing(brief, asked=question is not None),
        ]
        return Composed(parts=tuple(parts), question=question, missing=missing)


def _greeting(brief: Brief) -> ReplyPart:
    named = brief.greeting_name is not None and not brief.public
    return ReplyPart(kind="greeting", text=f"Hi {brief.greeting_name}," if named else "Hello,", paragraph=0)


def _picked(phrases: Sequence[str], variant: int) -> str:
    return phrases[variant % len(phrases)]


def _acknowledgement(brief: Brief) -> list[ReplyPart]:
    if brief.outreach or brief.material is None:
        return []
    own = sympathy_of(brief.material.body) if brief.tone == "apology" and not brief.public else None
    if own:
        return [ReplyPart(kind="acknowledgement", text=own, paragraph=1)]
    text = opening(brief.material, brief.tone, variant=brief.variant)
    return [ReplyPart(kind="acknowledgement", text=text, paragraph=1)]


def _facts(brief: Brief) -> list[ReplyPart]:
    spoken = [fact for fact in brief.facts if fact.spoken] if not brief.public else []
    return [
        ReplyPart(kind="fact", text=fact.spoken, source_ids=(fact.source_id,), paragraph=2) for fact in spoken
    ]


def _steps(brief: Brief) -> tuple[list[ReplyPart], tuple[str, ...]]:
    if brief.material is None:
        return [], ()
    values = {} if brief.public else {fact.name: fact for fact in brief.facts}
    parts: list[ReplyPart] = []
    missing: list[str] = []
    units = best_units(units_of(brief.material.body), brief.query)
    for unit in units:
        unknown = [slot for slot in slots_of(unit.text) if slot not in values]
        missing += unknown
        step = None if unknown else _step(unit, brief.material, values)
        parts += [step] if step else []
    return _without_last_lead(parts), tuple(dict.fromkeys(missing))


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
        paragraph=3 + min(unit.block, 2_000),
    )


def _without_last_lead(parts: list[ReplyPart]) -> list[ReplyPart]:
    """Drop a last sentence that announces a missing list."""
    return parts[:-1] if len(parts) > 1 and parts[-1].text.endswith(":") else parts


def _link(brief: Brief) -> list[ReplyPart]:
    material = brief.material
    if material is None or material.url is None or not material.public:
        return []
    text = f"You will find more in our guide “{material.title}”: {material.url}"
    return [ReplyPart(kind="link", text=text, source_ids=(material.source_id,), paragraph=3_000)]


def _question(brief: Brief, missing: Sequence[str]) -> str | None:
    if missing:
        return _SLOT_QUESTION.format(slot=missing[0].replace("_", " "))
    return _OUTREACH_QUESTION if brief.outreach else None


def _closing(brief: Brief, *, asked: bool) -> list[ReplyPart]:
    last = 4_000
    if brief.public:
        return [ReplyPart(kind="closing", text=_PUBLIC_CLOSING, paragraph=last)]
    helpful = [] if asked else [_picked(_CLOSINGS[brief.tone], brief.variant)]
    lines = [*helpful, f"Best regards,\n{brief.signature}"]
    return [ReplyPart(kind="closing", text=text, paragraph=last + place) for place, text in enumerate(lines)]
