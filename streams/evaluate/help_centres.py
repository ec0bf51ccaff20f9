"""Help centres with questions on disk, cut into sections as the product cuts articles."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from detectors.matching.records import HelpCentre, SectionQuestion, SectionText
from responders.chunks.chunk import KnowledgeChunk
from responders.chunks.cutting import chunks_of
from responders.retrieval.chunk_vectors import embedding_parts, name_of, part_texts
from schemas.knowledge import KnowledgeArticle

NOW: Final = datetime(2026, 11, 30, tzinfo=UTC)
"""The time of every article: their files have none."""

_LEAST_LETTERS: Final = 15
"""Letters of a sentence that is a part of a longer support; a shorter one may stand anywhere."""


class AskedSection(BaseModel):
    """One line of a file: a section, and the questions that it alone answers."""

    class Asked(BaseModel):
        """A question, and the words of the section that answer, literally."""

        ask: str
        support: str = ""

    company: str
    article: str
    section: str
    text: str
    questions: list[Asked]


def read_sections(path: Path) -> list[AskedSection]:
    """Return the sections of a file, those of one article together.

    Raises OSError for a file that cannot be read and ValueError for a line that is no section.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [AskedSection.model_validate(json.loads(line)) for line in lines]
    return sorted(found, key=lambda one: (one.company, one.article))


def article_of(sections: Sequence[AskedSection]) -> KnowledgeArticle:
    """Return the article of some sections of one company."""
    first = sections[0]
    name = re.sub(r"\W+", "-", f"{first.company}-{first.article}".lower())[:100]
    body = "\n\n".join(f"## {one.section}\n\n{one.text}" for one in sections)
    return KnowledgeArticle(article_id=name, title=first.article, body=body, public=True, updated_at=NOW)


def articles_of(sections: Sequence[AskedSection]) -> list[KnowledgeArticle]:
    """Return the articles of the sections of a file, in order."""
    grouped = groupby(sections, key=lambda one: (one.company, one.article))
    return [article_of(list(own)) for _, own in grouped]


def help_centre(name: str, sections: Sequence[AskedSection]) -> HelpCentre:
    """Return a file's sections and questions; a section that is cut into several answers by each of them."""
    chunks = [chunks_of(article_of([one])) for one in sections]
    told = [_section(chunk) for own in chunks for chunk in own]
    starts = [sum(map(len, chunks[:place])) for place in range(len(chunks))]
    questions = [
        _question(asked, range(starts[place], starts[place] + len(chunks[place])), told)
        for place, one in enumerate(sections)
        for asked in one.questions
    ]
    return HelpCentre(name, tuple(told), tuple(questions))


def _section(chunk: KnowledgeChunk) -> SectionText:
    return SectionText(name_of(chunk), embedding_parts(chunk)[1][1], tuple(part_texts(chunk)[1:]))


def _question(asked: AskedSection.Asked, places: range, told: Sequence[SectionText]) -> SectionQuestion:
    support = _letters(asked.support)
    sentences = [
        (place, number)
        for place in places
        for number, sentence in enumerate(told[place].sentences)
        if support and _tells(_letters(sentence), support)
    ]
    return SectionQuestion(asked.ask, tuple(places), tuple(sentences))


def _tells(sentence: str, support: str) -> bool:
    return support in sentence or (len(sentence) > _LEAST_LETTERS and sentence in support)


def _letters(text: str) -> str:
    """Return the words of a text without marks, in lower case.

    >>> _letters("- **Team**: 25 seats.")
    'team 25 seats'
    """
    return re.sub(r"\W+", " ", text.lower()).strip()
