"""`rapport evaluate sections`: measure how often the section that answers is found first."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from responders.chunks.chunk import KnowledgeChunk, KnowledgeSource
from responders.chunks.cutting import chunks_of
from responders.drafting.answers import whole_sections
from responders.retrieval.embedding import EmbeddingArray
from responders.retrieval.ranking import Passage
from streams.cli.composition.connections import read_settings
from streams.cli.composition.evaluation import EvaluationDesk, SearchedAsk, may_be_quoted, search_desk
from streams.cli.evaluation_files import (
    ExamplesArgument,
    FiguresOption,
    OutOption,
    Targets,
    finish,
    open_examples,
    own_ids,
)
from streams.cli.knowledge_folders import KnowledgeOption, read_filled_folder
from streams.cli.terminal import fail, say
from streams.evaluate.draft_report import ANSWERABLE
from streams.evaluate.drafts import TicketExample
from streams.evaluate.sections import SectionFound, place_of, right_sections, section_report
from streams.process.clock import utc_now

SEARCHED: Final = 100
"""Passages that are searched for each ask."""

SEARCHED_AT_ONCE: Final = 100
"""Messages that are searched between two reports of progress. Chosen by hand."""


def sections(
    tickets: ExamplesArgument,
    knowledge: KnowledgeOption,
    out: OutOption = None,
    as_json: FiguresOption = None,
) -> None:
    """Measure how often the section that answers is found first, among all sections of a knowledge base.

    The files are those of `rapport evaluate drafts`. An ask counts if its ticket can be answered and a
    section of one of its `sources` has a variant of every `must`: that section is right. Asks are read and
    searched as for a draft, and a right section counts at its best place in the lists of the asks of its
    message. Passages that no reply may quote and solved tickets do not count. The command starts a PostgreSQL
    of its own in a temporary folder and removes it; a database of yours is not touched.

    `section_at_1`, `_2` and `_3` are shares of the asks with a right section among so many, `section_mrr` is
    the mean of 1 / place. Intervals draw whole messages. The baseline is the cosine of ask and section alone.
    Lines of --out have `id` and `place`. The exit code is 3 if a line is wrong; each of these lines is named
    and left out.

    Example: rapport evaluate sections --knowledge help-centre tickets.jsonl --json figures.json
    """
    targets = Targets(out, as_json)
    found = open_examples(tickets, TicketExample, targets)
    folder = read_filled_folder(knowledge)
    with search_desk(read_settings()) as desk:
        say(f"indexing {len(folder.sources):,} articles, macros and solved tickets")
        desk.load(folder.accounts, folder.sources)
        judge = _Judge(desk, folder.sources)
        pairs = list(judge.places(found.examples))
    if not pairs:
        fail(f"No ask of {tickets} has a section of its sources that says every `must`.")
    product, cosine = ([pair[part] for pair in pairs] for part in (0, 1))
    decided = (one.as_json() for one in product)
    finish("Sections", section_report(product, cosine), [*found.wrong, *folder.wrong], decided, targets)


class _Judge:
    """The written sections of a knowledge base, and the search over it."""

    def __init__(self, desk: EvaluationDesk, sources: Sequence[KnowledgeSource]) -> None:
        self._desk = desk
        own = own_ids(sources)
        chunks = [chunk for source in sources for chunk in chunks_of(source)]
        self._chunks = [chunk for chunk in chunks if may_be_quoted(_passage(chunk))]
        self._owners = [own[chunk.source_id] for chunk in self._chunks]
        self._vectors = desk.vectors(self._chunks)

    def places(self, examples: Sequence[TicketExample]) -> Iterator[tuple[SectionFound, SectionFound]]:
        """Yield the places of each ask with a right section: by the product, and by the cosine alone."""
        now = utc_now()
        answerable = [example for example in examples if example.expect in ANSWERABLE]
        for start in range(0, len(answerable), SEARCHED_AT_ONCE):
            part = answerable[start : start + SEARCHED_AT_ONCE]
            searched = self._desk.search_asks([one.ticket(now=now) for one in part], limit=SEARCHED)
            for number, (example, found) in enumerate(zip(part, searched, strict=True), start=start):
                yield from self._judged(number, example, found)
            say(f"searched {start + len(part):,} of {len(answerable):,} messages")

    def _judged(
        self, number: int, example: TicketExample, found: Sequence[SearchedAsk]
    ) -> Iterator[tuple[SectionFound, SectionFound]]:
        ranked = [_ids(passages) for _, passages in found]
        near = [self._nearest(query.vector) for query, _ in found]
        for place, ask in enumerate(example.asks):
            right = right_sections(ask, self._chunks, self._owners)
            named = f"{example.id}#{place}", example.kind, number
            if right:
                told = place_of(right, ranked), place_of(right, near)
                yield SectionFound(*named, told[0]), SectionFound(*named, told[1])

    def _nearest(self, vector: EmbeddingArray) -> list[str]:
        order = np.argsort(-(self._vectors @ vector), kind="stable")[:SEARCHED]
        return [self._chunks[row].chunk_id for row in order]


def _passage(chunk: KnowledgeChunk) -> Passage:
    return Passage(chunk=chunk, similarity=0.0, score=0.0)


def _ids(passages: Sequence[Passage]) -> list[str]:
    """Return the ids of the sections that a draft may be written from, best first."""
    return [one.source_id for one in whole_sections([one for one in passages if may_be_quoted(one)])]
