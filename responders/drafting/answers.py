"""The passages that may answer one ask, best first, and the probability that they do."""

import re
from collections.abc import Sequence
from typing import Final, Protocol

from responders.drafting.chances import answer_chance
from responders.drafting.lessons import moved
from responders.drafting.material import material_of
from responders.generation.brief import AskBrief, Material
from responders.generation.consensus import consensus
from responders.retrieval.confidence import Confidence
from responders.retrieval.query import Query
from responders.retrieval.ranking import Passage
from responders.understanding.records import Ask
from responders.words import content_stems, overlap
from schemas.lessons import Lessons

MAX_PASSAGES: Final = 4
"""Passages that a generator gets for one ask."""

MAX_SIBLINGS: Final = 8
"""Further sections of the best passage's article that a generator gets."""

MAX_LINKED: Final = 4
"""Sections of other articles, to which passages refer, that a generator gets. Chosen by hand."""

CONSENSUS_PASSAGES: Final = 8
"""Solved tickets, best first, whose replies are compared for their common sentences."""

SAME_STATEMENT: Final = 0.4
"""Jaccard overlap of stems from which two passages tell the same. Chosen by hand."""

CONTINUED: Final = 0.5
"""Share of the threshold that is enough for an ask if the article of its best passage answers another ask.

Questions of one message are mostly about one thing, and the later ones say less of it. Chosen by hand.
"""

NEAR: Final = 0.2
"""Points of score within which a newer passage that tells the same replaces an older one. By hand."""

_MARKS: Final = re.compile(r"[*`]|^[ \t]*[-+] ", re.MULTILINE)
_LINK: Final = re.compile(r"\]\((https?://[^()\s]+)\)")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


class AnswerRules(Protocol):
    """The operator's choices that decide whether an ask is answered."""

    @property
    def threshold(self) -> float:
        """Return the least probability of an answer."""
        ...

    @property
    def confidence(self) -> Confidence:
        """Return the rule for the probability that a passage answers."""
        ...

    @property
    def lessons(self) -> Lessons:
        """Return the lessons of decisions on earlier drafts."""
        ...


def ask_brief(
    ask: Ask,
    query: Query,
    passages: Sequence[Passage],
    rules: AnswerRules,
    *,
    is_sayable: bool = True,
) -> AskBrief:
    """Return an ask with the passages that answer it; without one if the probability is below the threshold.

    `passages` are those that may be used for this reply, best first for `query`: articles that may be quoted,
    macros and solved tickets. The common part of solved tickets is used if it is likelier to answer than the
    best written source.
    """
    written = [passage for passage in passages if passage.chunk.source_kind != "solved_ticket"]
    solved = [passage for passage in passages if passage.chunk.source_kind == "solved_ticket"]
    chance = _chance(ask, query, written, rules)
    found = _given(written)
    shared = consensus([material_of(passage) for passage in solved[:CONSENSUS_PASSAGES]])
    used = [passage for passage in solved if shared and passage.chunk.chunk_id == shared.source_id]
    shared_chance = _chance(ask, query, used, rules)
    if shared is not None and shared_chance > chance:
        chance, found = shared_chance, [shared.model_copy(update={"score": used[0].score}), *found]
    is_answered = chance >= rules.threshold
    return AskBrief(
        text=ask.text,
        context=ask.context,
        form=ask.form,
        needs_action=ask.needs_action,
        is_sayable=is_sayable,
        passages=tuple(found) if is_answered else (),
        linked=tuple(_linked(found, written)) if is_answered else (),
        probability=chance,
    )


def continued(asks: Sequence[AskBrief], likely: Sequence[AskBrief]) -> tuple[AskBrief, ...]:
    """Return the asks; one without passages gives its place to its likely form if that continues another ask.

    `likely` are the same asks by a lower threshold. It continues if its best passage is of an article whose
    passage is the best one of an ask that is answered.
    """
    known = {_article_of(ask) for ask in asks if ask.passages}
    return tuple(
        maybe if not ask.passages and maybe.passages and _article_of(maybe) in known else ask
        for ask, maybe in zip(asks, likely, strict=True)
    )


def _article_of(ask: AskBrief) -> str:
    return ask.passages[0].source


def _chance(ask: Ask, query: Query, passages: Sequence[Passage], rules: AnswerRules) -> float:
    first = rules.confidence.probability(query, passages)
    return moved(answer_chance(ask.text, query, passages, first=first), rules.lessons.offset)


def _given(written: Sequence[Passage]) -> list[Material]:
    """Return the best passages, and the other sections that were found of the best one's article."""
    sections = whole_sections(written)
    found = _newest(sections[:MAX_PASSAGES])
    article = found[0].source if found else ""
    siblings = [one for one in sections[MAX_PASSAGES:] if one.source == article]
    return [*found, *siblings[:MAX_SIBLINGS]]


def _linked(found: Sequence[Material], written: Sequence[Passage]) -> list[Material]:
    """Return the sections with a table of the articles that passages refer to, if the search found them."""
    given = {one.source_id for one in found}
    urls = {url.rstrip("/.") for one in found for url in _LINK.findall(one.body)}
    named = [passage for passage in written if (passage.chunk.url or "").rstrip("/") in urls] if urls else []
    sections = [one for one in whole_sections(named) if one.source_id not in given and "- **" in one.body]
    return sections[:MAX_LINKED]


def _with_score(passage: Passage) -> Material:
    return material_of(passage).model_copy(update={"score": passage.score})


def whole_sections(passages: Sequence[Passage]) -> list[Material]:
    """Return the passages; a row of a table gives its place to the section that holds the whole table.

    The section keeps the names of the rows that were found, best first.
    """
    by_source: dict[str, list[tuple[Passage, str]]] = {}
    for passage in passages:
        by_source.setdefault(passage.chunk.source_id, []).append((passage, bare(passage.chunk.body)))
    kept: dict[str, Passage] = {}
    rows: dict[str, list[str]] = {}
    for passage in passages:
        whole = _section_with(passage, by_source[passage.chunk.source_id])
        place = whole.chunk.chunk_id
        kept.setdefault(place, whole.model_copy(update={"score": passage.score}))
        if whole is not passage:
            rows.setdefault(place, []).append(passage.chunk.heading)
    return [
        _with_score(passage).model_copy(update={"rows": tuple(rows.get(place, ()))})
        for place, passage in kept.items()
    ]


def _section_with(part: Passage, sections: Sequence[tuple[Passage, str]]) -> Passage:
    if len(sections) < 2:
        return part
    wanted = next(text for section, text in sections if section is part)
    wholes = (section for section, text in sections if len(text) > len(wanted) and wanted in text)
    return next(wholes, part)


def bare(text: str) -> str:
    """Return a Markdown text without marks and bullets, on one line.

    >>> bare("- **Team**: Seats 25.")
    'Team: Seats 25.'
    """
    return " ".join(_MARKS.sub("", text).split())


def _newest(found: Sequence[Material]) -> list[Material]:
    """Return the passages without those that a newer one contradicts: the same words, other numbers."""
    kept: list[Material] = []
    for one in found:
        newer = next((other for other in found if _replaces(other, one)), None)
        if newer is not None and newer not in kept:
            kept.append(newer)
        elif newer is None and one not in kept:
            kept.append(one)
    return kept


def _replaces(newer: Material, older: Material) -> bool:
    if newer.updated_at is None or older.updated_at is None or newer.updated_at <= older.updated_at:
        return False
    if newer.source == older.source:
        return False
    if older.score - newer.score > NEAR:
        return False
    if set(_NUMBER.findall(older.body)) <= set(_NUMBER.findall(newer.body)):
        return False
    return overlap(content_stems(newer.body), content_stems(older.body)) >= SAME_STATEMENT
