"""A program: `python -m tests.responders.ranking_weights FILE...` judges the weight of words in a score.

For each help centre of `detectors/matching/corpus` it prints how often the section that answers is first
among all sections, for multiples of the shipped weight of words. Real encoder, one CPU thread; the search is
`ArticleIndex`.
"""

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from responders.chunks.cutting import chunks_of
from responders.drafting.queries import queries_of
from responders.retrieval.index import ArticleIndex
from responders.retrieval.ranking import SIMILARITY_WEIGHT, WORDS_WEIGHT, Passage
from streams.cli.composition.connections import read_settings
from streams.cli.composition.models import load_embedder
from streams.evaluate.help_centres import AskedSection, article_of, articles_of, read_sections

FACTORS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Multiples of the shipped weight of words."""


def section_of_chunk(rows: Sequence[AskedSection]) -> dict[str, int]:
    """Return the row of the section of each chunk; a table gives several chunks."""
    found: dict[str, int] = {}
    for _, group in groupby(range(len(rows)), key=lambda place: (rows[place].company, rows[place].article)):
        own = list(group)
        ids = [chunk.chunk_id for chunk in chunks_of(article_of([rows[place] for place in own]))]
        sections = [place for place in own for _ in chunks_of(article_of([rows[place]]))]
        found |= dict(zip(ids, sections, strict=True))
    return found


def rescored(passage: Passage, factor: float) -> float:
    """Return the score of a passage with another weight of words."""
    meaning = SIMILARITY_WEIGHT * passage.similarity + WORDS_WEIGHT * passage.nearness
    return meaning + factor * (passage.score - meaning)


def shares(rows: Sequence[AskedSection], embedder: Any) -> dict[str, float]:
    """Return the share of questions whose section is first, by the factor."""
    index, sections = ArticleIndex(articles_of(rows), embedder), section_of_chunk(rows)
    asked = [(place, question.ask) for place, row in enumerate(rows) for question in row.questions]
    hits = dict.fromkeys(FACTORS, 0)
    for (place, _), (query,) in zip(asked, queries_of([[ask] for _, ask in asked], embedder), strict=True):
        found = index.search(query, limit=len(sections))
        for factor in FACTORS:
            best = max(found, key=lambda passage: rescored(passage, factor))
            hits[factor] += sections[best.chunk.chunk_id] == place
    return {str(factor): round(hit / len(asked), 3) for factor, hit in hits.items()}


def main(files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Print one JSON line per help centre."""
    torch.set_num_threads(1)
    embedder = load_embedder(read_settings())
    for file in files:
        told = shares(read_sections(file), embedder)
        typer.echo(json.dumps({"base": file.stem, "section_at_1": told}))


if __name__ == "__main__":
    typer.run(main)
