"""The answer to one ask: sentences, steps and rows of its passages, each with its source."""

import re
from collections.abc import Sequence
from typing import Final

from responders.chunks.chunk import source_of_chunk
from responders.generation.brief import AskBrief, Brief, Fact, Material, ReplyPart, Unit
from responders.generation.cutting import MAX_ANSWER_CHARS, best_units
from responders.generation.headings import heading_part
from responders.generation.leading import answer_first, rated
from responders.generation.passages import TableChoice, units_of
from responders.generation.phrases import ReplyPhrases
from responders.generation.plans import AccountPlans, is_about_plans, plan_names
from responders.generation.references import answered_references
from responders.generation.slots import fill, slots_of
from responders.generation.tables import names_row
from responders.generation.verdicts import verdict_of, without_questions
from responders.generation.wanted import Wanted, wanted_in
from responders.words import content_stems
from schemas.base import Record

MAX_STEP_CHARS: Final = 4_000
"""Characters of a step. A longer step is left out, because no customer would read it."""

CLOSE: Final = 0.08
"""Points of score by which a second passage may be worse and is told as well.

Measured on the tickets of a made-up company: 0.04 answers 1.4 points fewer asks; 0.12 answers 1 more, and
says wrong things more often.
"""

CLOSE_TO_INTRODUCTION: Final = 0.12
"""The same for the next section, if the first passage is only the introduction of its article."""

AS_GOOD: Final = 0.02
"""Points of score by which a passage of another article may be worse and be told, in case that it is meant.

It must share a word with the ask. On two made-up companies 37 passages as close as 0.08 were told, of which 5
held what the first lacked; 4 of the 5 and 16 of the 32 others are as close as 0.02.
"""

SURE: Final = 0.9
"""Probability of an answer from which no other article is told for the case that it is meant."""

FAR: Final = 0.25
"""Nearness to an ask below which a sentence hardly answers it.

Chosen by hand: of the sections that answer, three of four in the three companies for tuning have a sentence
nearer than this; half of them have one between .25 and .44.
"""

_COMMON: Final = frozenset(
    content_stems(
        """month year week day time two many much need want make take give find see show use used new old good
        work works job plan account price cost pay paid number name open close send sent set change start end
        first last next back keep kept long call people person company customer customers"""
    )
)
"""Stems that an ask and an article of any trade share by chance. Written by hand."""

_CODE: Final = re.compile(r"\b(?=\w*\d)[A-Z][A-Z\d]*(?:-\d+)?\b")
"""A code such as FW-118 or E02 in an ask: the passage that has it is meant."""

MAX_BESIDE_CHARS: Final = 450
"""Characters of a second passage that are told at most. Chosen by hand."""

MAX_TOLD_CHARS: Final = 700
"""Characters of an answer after which no further passage is told. Chosen by hand."""

MAX_BLOCKS: Final = 1_000
"""Blocks of a passage that keep a paragraph of their own."""


_FIGURE: Final = re.compile(r"\d")
_FIGURES: Final[frozenset[Wanted]] = frozenset({"price", "time", "count"})


class AskAnswer(Record):
    """The parts that answer one ask, and the slots for which no fact is known.

    `is_open` tells that the reply says everything of its passages already, and nothing of it is near the ask.
    """

    parts: tuple[ReplyPart, ...] = ()
    missing: tuple[str, ...] = ()
    is_open: bool = False


def answer_to(ask: AskBrief, brief: Brief, phrases: ReplyPhrases, told: set[str]) -> AskAnswer:
    """Return the answer to an ask; `told` has the sentences that the reply says already, and is extended.

    A second passage is told as well if its score is close to the first one's and the answer is still short.
    If the article of the first passage says that this account's plan does not have the thing, that section
    is the answer, and no steps are told.
    """
    plans = _plans(brief)
    parts: list[ReplyPart] = []
    missing: list[str] = []
    for place, material in enumerate(_told_passages(ask, plans)):
        if parts and sum(len(part.text) for part in parts) > MAX_TOLD_CHARS:
            break
        if any(material.source_id in part.source_ids for part in parts):
            continue
        found = _from_passage(
            material, ask, brief, told, most=MAX_BESIDE_CHARS if place else MAX_ANSWER_CHARS
        )
        missing += found.missing if place == 0 else ()
        lead = _lead(material, parts, phrases) if found.parts else []
        lead += _heading(material, found.parts)
        parts += [
            part.model_copy(update={"paragraph": place * MAX_BLOCKS + part.paragraph})
            for part in (*lead, *found.parts)
        ]
    return AskAnswer(
        parts=(*_verdict(ask, parts, phrases, plans), *parts),
        missing=tuple(missing),
        is_open=not parts and not missing and _is_far(ask.passages),
    )


def denies(ask: AskBrief, brief: Brief) -> bool:
    """Tell whether the answer to an ask is that this account's plan does not have the thing."""
    plans = _plans(brief)
    return any(plans.denied_in(material.body) for material in _told_passages(ask, plans)[:1])


def _is_far(passages: Sequence[Material]) -> bool:
    """Tell whether the best passage has no sentence near the ask; not if that is unknown."""
    nearness = passages[0].nearness if passages else ()
    return bool(nearness) and max(nearness) < FAR


def _lead(material: Material, before: Sequence[ReplyPart], phrases: ReplyPhrases) -> list[ReplyPart]:
    """Return the words that introduce a passage of another source, for the case that the ask means it."""
    told = {source_of_chunk(source) for part in before for source in part.source_ids}
    if (
        not before
        or material.source in told
        or material.source_kind == "solved_ticket"
        or slots_of(material.title)
    ):
        return []
    text = phrases.other.replace("{title}", material.title)
    return [ReplyPart(kind="acknowledgement", text=text, paragraph=0)]


def _heading(material: Material, parts: Sequence[ReplyPart]) -> list[ReplyPart]:
    """Return the heading of an article's section as words before its parts, if it is needed."""
    is_own = bool(parts) and material.source_id in parts[0].source_ids
    return heading_part(material.heading, parts) if is_own and material.source_kind == "article" else []


def _plans(brief: Brief) -> AccountPlans:
    return AccountPlans(own=brief.own_plan, names=plan_names([*brief.plans, brief.own_plan]))


def _told_passages(ask: AskBrief, plans: AccountPlans) -> list[Material]:
    if not ask.passages:
        return []
    first = _with_code(ask) or ask.passages[0]
    siblings = [other for other in ask.passages[1:] if other.source == first.source]
    denials = [other for other in siblings if is_about_plans(other.heading) and plans.denied_in(other.body)]
    if plans.denied_in(first.body):
        return [first]
    if denials:
        return denials[:1]
    named = [other for other in siblings if names_row(other.body, f"{ask.context} {ask.text}", plans.names)]
    near = [other for other in ask.passages if other != first and _is_told_too(other, first, ask)]
    return [first, *(named or near)[:1]]


def _with_code(ask: AskBrief) -> Material | None:
    """Return the best passage with the codes that an ask names; None without a code, or if none has them."""
    codes = _CODE.findall(f"{ask.context} {ask.text}")
    if not codes:
        return None
    return next((one for one in ask.passages if all(code in one.body for code in codes)), None)


def _is_told_too(other: Material, first: Material, ask: AskBrief) -> bool:
    """Tell whether a passage is told beside the first: a near section, or an article that is likely meant."""
    worse = first.score - other.score
    if other.source == first.source:
        return worse <= (CLOSE if first.heading else CLOSE_TO_INTRODUCTION)
    if worse > AS_GOOD or ask.probability >= SURE:
        return False
    held = set(content_stems(f"{other.title} {other.heading} {other.body}"))
    return bool(held & set(content_stems(f"{ask.context} {ask.text}")) - _COMMON)


def _from_passage(material: Material, ask: AskBrief, brief: Brief, told: set[str], *, most: int) -> AskAnswer:
    values = {} if brief.public else {fact.name: fact for fact in brief.facts}
    parts: list[ReplyPart] = []
    missing: list[str] = []
    for unit, source in _told_units(material, ask, brief, most):
        unknown = [slot for slot in _slots(unit, source) if slot not in values]
        missing += unknown
        step = None if unknown else _step(unit, source, values)
        if step is not None and step.text not in told:
            told.add(step.text)
            parts.append(step)
    return AskAnswer(parts=tuple(_without_last_lead(parts)), missing=tuple(missing))


def _told_units(material: Material, ask: AskBrief, brief: Brief, most: int) -> list[tuple[Unit, Material]]:
    """Return the units of a passage that answer, each with its source: the passage, or one it refers to."""
    said = f"{ask.context} {ask.text}"
    plans = _plans(brief)
    choice = TableChoice(said=said, plan=plans.own, plans=plans.names, found=material.rows)
    message = " ".join(f"{other.context} {other.text}" for other in brief.asks)
    units = _for_plan(units_of(material.body, choice), said, message, plans)
    is_whole = material.source_kind == "macro"
    best = without_questions(best_units(units, said, most, is_whole=is_whole), ask.text)
    if not is_whole:
        named = {unit.text for unit in best if plans.in_text(unit.text)}
        best = list(answer_first(rated(best, said, material, named)))

    def rows_about(article: Material, words: str) -> list[Unit]:
        asked = choice.model_copy(update={"said": words, "found": ()})
        rows = [unit for unit in units_of(article.body, asked) if unit.is_row]
        return rows if all(unit.is_named for unit in rows) else []

    linked = [other for other in (*ask.passages, *ask.linked) if other.source_id != material.source_id]
    return [(unit, source or material) for unit, source in answered_references(best, linked, rows_about)]


def _for_plan(units: Sequence[Unit], said: str, message: str, plans: AccountPlans) -> list[Unit]:
    """Return the units without the figures of other plans than the account's, if something else is left.

    A question whether something is possible keeps them: the plan that has it is part of the answer. Plans
    that the `message` names are kept.
    """
    asks_figure = bool(wanted_in(said) & _FIGURES)
    owned = {unit.block for unit in units if unit.is_own}
    own = [
        unit
        for unit in units
        if (unit.is_row and unit.block in owned)
        or not plans.is_foreign(unit.text, message)
        or (unit.layout == "sentence" and not (asks_figure and _FIGURE.search(unit.text)))
    ]
    return [_for_own_plan(unit, message, plans, asks_figure=asks_figure) for unit in own or units]


def _for_own_plan(unit: Unit, message: str, plans: AccountPlans, *, asks_figure: bool) -> Unit:
    if unit.is_row:
        return unit
    text = plans.narrowed(unit.text, message, clauses=asks_figure)
    listed = plans.listed(text) if unit.layout == "sentence" else None
    return unit.model_copy(update={"text": f"This is available on {listed}." if listed else text})


def _slots(unit: Unit, material: Material) -> tuple[str, ...]:
    """Return the slots of a sentence; braces in an article are its own words, such as a pattern {year}."""
    return () if material.source_kind == "article" else slots_of(unit.text)


def _step(unit: Unit, material: Material, values: dict[str, Fact]) -> ReplyPart | None:
    """Return a sentence of the source with its slots filled; None if it is longer than MAX_STEP_CHARS."""
    facts = [*_slots(unit, material), *(["plan"] if unit.is_own else [])]
    used = tuple(dict.fromkeys(values[slot].source_id for slot in facts))
    text = fill(unit.text, {name: values[name].value for name in _slots(unit, material)})
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


def _verdict(
    ask: AskBrief, parts: Sequence[ReplyPart], phrases: ReplyPhrases, plans: AccountPlans
) -> list[ReplyPart]:
    first = parts[0] if parts and parts[0].layout == "sentence" and parts[0].kind == "step" else None
    verdict = verdict_of(ask.text, first.text, plans) if first is not None else None
    if first is None or verdict is None:
        return []
    if verdict == "yes" and any(_is_for_others(part.text, plans) for part in parts[1:]):
        return []
    said = phrases.yes if verdict == "yes" else phrases.no
    return [ReplyPart(kind="verdict", text=said, source_ids=first.source_ids, paragraph=first.paragraph)]


def _is_for_others(text: str, plans: AccountPlans) -> bool:
    """Tell whether a sentence names plans and not the account's own, so that it may take a yes back."""
    named = plans.in_text(text)
    return bool(named) and plans.own not in named
