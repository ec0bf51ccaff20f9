"""The answer to one ask: sentences, steps and rows of its passages, each with its source."""

from collections.abc import Sequence
from typing import Final

from responders.generation.brief import AskBrief, Brief, Fact, Material, ReplyPart
from responders.generation.passages import Unit, best_units, of_named_codes, units_of
from responders.generation.phrases import ReplyPhrases
from responders.generation.plans import AccountPlans, is_about_plans, plan_names
from responders.generation.slots import fill, slots_of
from responders.generation.verdicts import verdict_of
from schemas.base import Record

MAX_STEP_CHARS: Final = 4_000
"""Characters of a step. A longer step is left out, because no customer would read it."""

NEXT_SECTION: Final = 0.1
"""Points of score by which a second section of an article may be worse and is told as well.

Measured on three companies without second passages of other articles: 0.1 answers .505 of the asks and
says .090 of what must not be said; no second passage .479 and .077; 0.2 .512 and .115.
"""

CLOSE: Final = 0.04
"""Points of score by which a passage of another article may be worse and is told as well.

They are fewer than for a section of the same article, because most wrong statements come from other articles.
Chosen by hand.
"""

MAX_TOLD_CHARS: Final = 700
"""Characters of an answer after which no further passage is told. Chosen by hand."""

MAX_BLOCKS: Final = 1_000
"""Blocks of a passage that keep a paragraph of their own."""


class AskAnswer(Record):
    """The parts that answer one ask, and the slots for which no fact is known."""

    parts: tuple[ReplyPart, ...] = ()
    missing: tuple[str, ...] = ()


def answer_to(ask: AskBrief, brief: Brief, phrases: ReplyPhrases, told: set[str]) -> AskAnswer:
    """Return the answer to an ask; `told` has the sentences that the reply says already, and is extended.

    A second passage is told as well if its score is close to the first one's and the answer is still short:
    another section of the same article, else a passage of another one.
    If the article of the first passage says that this account's plan does not have the thing, that section
    is the answer, and no steps are told.
    """
    plans = _plans(brief)
    parts: list[ReplyPart] = []
    missing: list[str] = []
    for place, material in enumerate(_told_passages(ask, plans)):
        if parts and sum(len(part.text) for part in parts) > MAX_TOLD_CHARS:
            break
        found = _from_passage(material, ask, brief, told)
        missing += found.missing if place == 0 else ()
        lead = _lead(material, parts, phrases) if found.parts else []
        parts += [
            part.model_copy(update={"paragraph": place * MAX_BLOCKS + part.paragraph})
            for part in (*lead, *found.parts)
        ]
    return AskAnswer(parts=(*_verdict(ask, parts, phrases), *parts), missing=tuple(missing))


def _lead(material: Material, before: Sequence[ReplyPart], phrases: ReplyPhrases) -> list[ReplyPart]:
    """Return the words that introduce a passage of another source, for the case that the ask means it."""
    article = material.source_id.partition("#")[0]
    told = {source.partition("#")[0] for part in before for source in part.source_ids}
    if not before or article in told or material.source_kind == "solved_ticket" or slots_of(material.title):
        return []
    text = phrases.other.replace("{title}", material.title)
    return [ReplyPart(kind="acknowledgement", text=text, paragraph=0)]


def _plans(brief: Brief) -> AccountPlans:
    own = None if brief.public else next((fact.value for fact in brief.facts if fact.name == "plan"), None)
    return AccountPlans(own=own, names=plan_names([*brief.plans, own]))


def _told_passages(ask: AskBrief, plans: AccountPlans) -> list[Material]:
    if not ask.passages:
        return []
    first = ask.passages[0]
    article = first.source_id.partition("#")[0]
    siblings = [other for other in ask.passages[1:] if other.source_id.partition("#")[0] == article]
    denials = [other for other in siblings if is_about_plans(other.heading) and plans.denied_in(other.body)]
    if denials and not plans.denied_in(first.body):
        return denials[:1]
    sections = [other for other in siblings if first.score - other.score <= NEXT_SECTION]
    close = [other for other in ask.passages[1:] if first.score - other.score <= CLOSE]
    return [first, *[*sections, *close][:1]]


def _from_passage(material: Material, ask: AskBrief, brief: Brief, told: set[str]) -> AskAnswer:
    said = f"{ask.context} {ask.text}"
    values = {} if brief.public else {fact.name: fact for fact in brief.facts}
    plans = _plans(brief)
    found = units_of(material.body, said, plans.own, ask.around)
    units = [
        unit
        for unit in of_named_codes(found, f"{said} {ask.around}")
        if unit.layout != "bullet" or not plans.is_foreign(unit.text, said)
    ]
    parts: list[ReplyPart] = []
    missing: list[str] = []
    for unit in best_units(units, said):
        unknown = [slot for slot in slots_of(unit.text) if slot not in values]
        missing += unknown
        step = None if unknown else _step(unit, material, values)
        if step is not None and step.text not in told:
            told.add(step.text)
            parts.append(step)
    return AskAnswer(parts=tuple(_without_last_lead(parts)), missing=tuple(missing))


def _step(unit: Unit, material: Material, values: dict[str, Fact]) -> ReplyPart | None:
    """Return a sentence of the source with its slots filled; None if it is longer than MAX_STEP_CHARS."""
    facts = [*slots_of(unit.text), *(["plan"] if unit.is_own else [])]
    used = tuple(dict.fromkeys(values[slot].source_id for slot in facts))
    text = fill(unit.text, {name: fact.value for name, fact in values.items()})
    if len(text) > MAX_STEP_CHARS:
        return None
    return ReplyPart(
        kind="step",
        text=text,
        source_ids=(material.source_id, *used),
        layout=unit.layout,
        paragraph=min(unit.block, MAX_BLOCKS - 1),
    )


def _without_last_lead(parts: Sequence[ReplyPart]) -> Sequence[ReplyPart]:
    """Drop a last sentence that announces a missing list."""
    return parts[:-1] if len(parts) > 1 and parts[-1].text.endswith(":") else parts


def _verdict(ask: AskBrief, parts: Sequence[ReplyPart], phrases: ReplyPhrases) -> list[ReplyPart]:
    first = parts[0] if parts and parts[0].layout == "sentence" else None
    verdict = verdict_of(ask.text, first.text) if first is not None else None
    if first is None or verdict is None:
        return []
    said = phrases.yes if verdict == "yes" else phrases.no
    return [ReplyPart(kind="verdict", text=said, source_ids=first.source_ids, paragraph=first.paragraph)]
