"""`rapport evaluate retrieval`: measure search and confidence on labelled questions."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from responders.chunks.cutting import chunks_of
from responders.retrieval.confidence import Confidence
from responders.retrieval.embedding import EmbeddingArray
from schemas.knowledge import KnowledgeArticle
from streams.cli.composition.connections import read_settings
from streams.cli.composition.evaluation import EvaluationDesk, may_be_quoted, search_desk
from streams.cli.evaluation_files import (
    ExamplesArgument,
    FiguresOption,
    OutOption,
    Targets,
    finish,
    open_examples,
    own_ids,
    read_knowledge,
)
from streams.cli.terminal import fail, say
from streams.evaluate.measured import EvaluationReport
from streams.evaluate.retrieval import QueryExample, QueryFound, by_meaning, by_words, retrieval_report

SEARCHED: Final = 100
"""Passages that are searched for each question."""

SEARCHED_AT_ONCE: Final = 250
"""Questions that are searched between two reports of progress. Chosen by hand."""


def retrieval(
    queries: ExamplesArgument,
    articles: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Articles, as `rapport knowledge` reads.")
    ],
    out: OutOption = None,
    as_json: FiguresOption = None,
) -> None:
    """Measure how well the right article is found, and how well confidence tells what no article answers.

    Each line of QUERIES holds `id`, `query` and `sources`, the ids of the articles that answer it; an empty
    list means out of scope. `kind` is optional and groups the figures. ARTICLES is a file as for `rapport
    knowledge articles`. The search is that of production: it starts a PostgreSQL of its own in a temporary
    folder and removes it; a database of yours is not touched.

    `r_at_1` and `hit_at_5` are shares of the questions in scope whose first article, or one of the first
    five, is right. `auroc` is the probability that a question in scope has a higher confidence than one out
    of scope, `ece` the calibration error of the confidence that the first article is right. Baselines are
    full text only (its confidence is the share of the question's words in the best passage) and cosine only.
    Lines of --out have `id`, `ranked` and `confidence`. The exit code is 3 if a line is wrong; each of these
    lines is named and left out.

    Example: rapport evaluate retrieval queries.jsonl articles.jsonl --out ranked.jsonl --json figures.json
    """
    targets = Targets(out, as_json)
    found = open_examples(queries, QueryExample, targets)
    sources, wrong = read_knowledge(articles, KnowledgeArticle)
    if not sources:
        fail(f"{articles} holds no article.", code=3 if wrong else 1)
    with search_desk(read_settings()) as desk:
        say(f"indexing {len(sources):,} articles")
        desk.load([], sources)
        report, judged = _measured(desk, found.examples, sources)
    decided = (one.as_json() for one in judged)
    finish("Retrieval", report, [*found.wrong, *wrong], decided, targets)


def _measured(
    desk: EvaluationDesk, examples: Sequence[QueryExample], articles: Sequence[KnowledgeArticle]
) -> tuple[EvaluationReport, list[QueryFound]]:
    own = own_ids(articles)
    searched = list(_searched(desk, examples, own))
    judged = [one for one, _ in searched]
    chunks = [chunk for article in articles for chunk in chunks_of(article)]
    owners = [own[chunk.source_id] for chunk in chunks]
    vectors = np.array([vector for _, vector in searched])
    meaning = by_meaning(examples, vectors, desk.vectors(chunks), owners)
    return retrieval_report(judged, by_words(examples, chunks, owners), meaning), judged


def _searched(
    desk: EvaluationDesk, examples: Sequence[QueryExample], own: Mapping[str, str]
) -> Iterator[tuple[QueryFound, EmbeddingArray]]:
    """Yield what was found for each question, and the vector of the question, in order."""
    for start in range(0, len(examples), SEARCHED_AT_ONCE):
        part = examples[start : start + SEARCHED_AT_ONCE]
        answers = desk.search([example.query for example in part], limit=SEARCHED)
        for example, (query, passages) in zip(part, answers, strict=True):
            ranked = tuple(dict.fromkeys(own[passage.chunk.source_id] for passage in passages))
            confidence = Confidence().probability(query, list(filter(may_be_quoted, passages)))
            yield QueryFound(example, ranked, confidence), query.vector
        say(f"searched {start + len(part):,} of {len(examples):,} questions")
