"""Finding the passage that answers: sources are cut into chunks, ranked by meaning and by words, and fused.

Pure: embedding arrives as an argument, storage is elsewhere. Search is exact: one matrix product.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Protocol, cast

import numpy as np
import numpy.typing as npt
from pydantic import Field

from responders.words import content_stems
from schemas import KnowledgeArticle, Macro, Record, SolvedTicket
from schemas.base import Id, Instant, Name, Paragraph, Url
from schemas.tickets import SourceKind

Source = KnowledgeArticle | Macro | SolvedTicket
Float32 = npt.NDArray[np.float32]

MAX_SOURCE_ID_CHARS: Final = 180
LEXICAL_WEIGHT: Final = 0.2
IDENTIFIER_BONUS: Final = 0.15
BM25_SATURATION: Final = 1.2
BM25_LENGTH: Final = 0.75
MAX_QUERY_TERMS: Final = 64
MIN_NAMED_ITEMS: Final = 2
SHORT_CELL_WORDS: Final = 4
MIN_SHARED_TERMS: Final = 2
COINCIDENCE: Final = 0.3

_HEADING = re.compile(r"^#{2,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_NAMED_ITEM = re.compile(r"^[-*+][ \t]+\*\*([^*\n]{2,200})\*\*[ \t]*(.+(?:\n[ \t]+\S.*)*)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^[ \t]*\|[^\n]*\n){2}(?:^[ \t]*\|[^\n]*(?:\n|\Z))*", re.MULTILINE)
_IDENTIFIER = re.compile(r"\b(?:[A-Za-z]{1,10}[-_]?\d[\w-]*|\d{3})\b", re.ASCII)
_TITLE_LINE = re.compile(r"\A\s*#[ \t]+[^\n]*\n?")


class Embedder(Protocol):
    """Turns texts into vectors of meaning."""

    def embed(self, texts: Sequence[str]) -> Float32:
        """Return (n, 384) rows of length 1, in order of `texts`."""
        ...


class Chunk(Record):
    """One passage that can be found and cited: an article's section, a macro, or a solved ticket's reply.

    `heading` is the section's heading, the macro's question or the solved ticket's question. `account_id` is
    whose solved ticket it was; nothing of it may reach another account unless several accounts share it.
    """

    chunk_id: Id
    source_id: Id
    source_kind: SourceKind
    title: Name
    heading: Paragraph = ""
    body: Paragraph
    url: Url | None = None
    tags: tuple[Name, ...] = ()
    public: bool = False
    position: int = 0
    account_id: Id | None = None
    updated_at: Instant


class Passage(Record):
    """A chunk as an answer to one query: cosine `similarity` in [-1, 1], and its fused `score`.

    `coverage` is the share of the query's terms, weighted by rarity, that the chunk contains.
    """

    chunk: Chunk
    similarity: float
    score: float
    coverage: float = Field(default=0.0, ge=0.0, le=1.0)


def source_id_of(source: Source) -> str:
    """Return the id under which a source is stored and cited, distinct across kinds; long ids are hashed.

    >>> source_id_of(Macro(macro_id="m1", title="t", question="q", body="b", updated_at="2026-01-01T00:00Z"))
    'macro:m1'
    """
    if isinstance(source, KnowledgeArticle):
        kind, own_id = "article", source.article_id
    elif isinstance(source, Macro):
        kind, own_id = "macro", source.macro_id
    else:
        kind, own_id = "solved_ticket", source.ticket_id
    if len(own_id) + len(kind) >= MAX_SOURCE_ID_CHARS:
        own_id = hashlib.sha256(own_id.encode()).hexdigest()
    return f"{kind}:{own_id}"


def chunks_of(source: Source) -> tuple[Chunk, ...]:
    """Cut a source into chunks, in reading order: an article by its headings, the others whole.

    Headings of an article without text below them make no chunk.
    """
    if isinstance(source, KnowledgeArticle):
        return tuple(
            _chunk(source, place, heading=heading, body=body)
            for place, (heading, body) in enumerate(_sections(source.body))
        )
    if isinstance(source, Macro):
        return (_chunk(source, 0, heading=source.question, body=source.body),)
    return (_chunk(source, 0, heading=source.question, body=source.answer),)


def _chunk(source: Source, position: int, *, heading: str, body: str) -> Chunk:
    source_id = source_id_of(source)
    solved = isinstance(source, SolvedTicket)
    article = source if isinstance(source, KnowledgeArticle) else None
    return Chunk(
        chunk_id=f"{source_id}#{position}",
        source_id=source_id,
        source_kind=cast(SourceKind, source_id.partition(":")[0]),
        title=_first_line(source.question) if isinstance(source, SolvedTicket) else source.title,
        heading=heading,
        body=body,
        url=article.url if article and article.public else None,
        tags=source.tags,
        public=article is not None and article.public,
        position=position,
        account_id=source.account_id if isinstance(source, SolvedTicket) else None,
        updated_at=source.solved_at if solved else source.updated_at,  # type: ignore[union-attr]
    )


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "Solved ticket")
    return line[:300]


def _sections(body: str) -> list[tuple[str, str]]:
    """Return (heading, text) pairs of a Markdown body; text before the first heading has the heading ''.

    A list of two or more named items (`- **Name.** Text`) gives a pair per item, after the section's other
    text. A table becomes such a list, and its section stays whole besides.
    """
    pieces = _HEADING.split(_TITLE_LINE.sub("", body, count=1))
    pairs = [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    cut = [pair for heading, text in pairs for pair in _items_apart(heading.strip(), text)]
    return [(heading, text.strip()) for heading, text in cut if text.strip()]


def _items_apart(heading: str, text: str) -> list[tuple[str, str]]:
    listed = _TABLE.sub(lambda match: _table_as_list(match.group()), text)
    items = list(_NAMED_ITEM.finditer(listed))
    if len(items) < MIN_NAMED_ITEMS:
        return [(heading, listed)]
    named = [(item[1].strip().rstrip(".:"), _named_text(item)) for item in items]
    whole = listed if listed != text else _NAMED_ITEM.sub("", listed)
    return [(heading, whole), *named]


def _named_text(item: re.Match[str]) -> str:
    return re.sub(r"\s+([:,.])", r"\1", f"{item[1].strip()} {item[2]}")


def _table_as_list(table: str) -> str:
    r"""Return a Markdown table as a list: each row named by its first cell, the others by their headers.

    >>> _table_as_list("| Plan | Seats | SSO |\n|---|---|---|\n| Team | 50 | no |\n")
    '\n- **Team**: Seats 50, SSO no.\n'
    """
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.strip().splitlines()
    ]
    headers = rows[0]
    lines = [f"- **{row[0]}**: {_row_text(headers, row)}." for row in rows[2:] if row[0] and len(row) > 1]
    return "\n" + "\n".join(lines) + "\n"


def _row_text(headers: Sequence[str], row: Sequence[str]) -> str:
    """Short cells follow their header ("Seats 50"); of long ones the first stands for itself."""
    cells = [(header, cell) for header, cell in zip(headers[1:], row[1:], strict=False) if cell]
    if all(len(cell.split()) <= SHORT_CELL_WORDS for _, cell in cells) and len(cells) > 1:
        return ", ".join(f"{header} {cell}".strip() for header, cell in cells).rstrip(".")
    first, rest = [cell for _, cell in cells[:1]], [f"{header.lower()}: {cell}" for header, cell in cells[1:]]
    return "; ".join([*first, *rest]).rstrip(".")


def embedding_parts(chunk: Chunk) -> tuple[tuple[float, str], ...]:
    """Return the (weight, text) pairs whose weighted mean is the chunk's vector.

    A question weighs more than its answer: .7 and .3 (R@1 .871 against .751 for answers alone, measured on
    held-back FAQs in the text notes, section 4). A section is found by its title and heading as much as by
    its text.
    """
    if chunk.source_kind == "article":
        name = f"{chunk.title}: {chunk.heading}" if chunk.heading else chunk.title
        return ((0.5, name), (0.5, f"{name}. {chunk.body}"))
    question = chunk.heading or chunk.title
    return ((0.7, question), (0.3, f"{chunk.title}. {chunk.body}"))


def embed_chunks(chunks: Sequence[Chunk], embedder: Embedder) -> Float32:
    """Return the (n, 384) unit vectors of `chunks`, in order."""
    parts = [part for chunk in chunks for part in embedding_parts(chunk)]
    if not parts:
        return np.zeros((0, 384), dtype=np.float32)
    vectors = embedder.embed([text for _, text in parts])
    weights = np.array([weight for weight, _ in parts], dtype=np.float32)
    pairs = (vectors * weights[:, None]).reshape(len(chunks), -1, vectors.shape[1])
    summed = pairs.sum(axis=1)
    norms = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(summed / np.maximum(norms, 1e-12), dtype=np.float32)


def chunk_terms(chunk: Chunk) -> Counter[str]:
    """Return the counted stems a chunk is found by: title, heading and tags count twice."""
    return _counted(f"{chunk.title}\n{chunk.heading}\n{' '.join(chunk.tags)}", chunk.body)


@lru_cache(maxsize=20_000)
def _counted(named: str, body: str) -> Counter[str]:
    terms = content_stems(named)
    return Counter(terms + terms + content_stems(body))


def query_terms(query: str) -> list[str]:
    """Return the distinct stems of a query, in order, at most MAX_QUERY_TERMS."""
    return list(dict.fromkeys(content_stems(query)))[:MAX_QUERY_TERMS]


def bm25(terms: Sequence[str], documents: Sequence[Counter[str]]) -> list[float]:
    """Return the BM25 score of each document (counted stems) for the query's distinct stems, in order.

    >>> [round(score, 2) for score in bm25(["export"], [Counter(["export", "fail"]), Counter(["label"])])]
    [0.61, 0.0]
    """
    lengths = [document.total() for document in documents]
    average = sum(lengths) / max(1, len(lengths)) or 1.0
    rarity = _rarity(terms, documents)
    return [
        math.fsum(rarity[term] * _saturated(count[term], length / average) for term in terms if count[term])
        for count, length in zip(documents, lengths, strict=True)
    ]


def _saturated(count: int, relative_length: float) -> float:
    softener = BM25_SATURATION * (1 - BM25_LENGTH + BM25_LENGTH * relative_length)
    return count * (BM25_SATURATION + 1) / (count + softener)


def _rarity(terms: Sequence[str], counts: Sequence[Counter[str]]) -> dict[str, float]:
    total = len(counts)
    holding = {term: sum(1 for count in counts if count[term]) for term in terms}
    return {term: math.log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in holding.items()}


def fuse(similarities: Sequence[float], lexical_scores: Sequence[float]) -> list[float]:
    """Return the fused score of each candidate: its cosine, plus LEXICAL_WEIGHT x its share of the best BM25.

    Scores and not reciprocal ranks: a rank forgets by how much one candidate is nearer than the next.

    >>> fuse([0.5, 0.25], [0.0, 3.0]) == [0.5, 0.25 + LEXICAL_WEIGHT]
    True
    """
    best = max(lexical_scores, default=0.0) or 1.0
    return [
        similarity + LEXICAL_WEIGHT * (score / best)
        for similarity, score in zip(similarities, lexical_scores, strict=True)
    ]


def rank(query: str, chunks: Sequence[Chunk], similarities: Sequence[float], *, limit: int) -> list[Passage]:
    """Rank candidate chunks for one query: cosine and BM25 fused, best first, at most `limit`; ties by id.

    `similarities` are the cosines of `chunks` to the query, in their order.
    """
    terms = query_terms(query)
    counts = [chunk_terms(chunk) for chunk in chunks]
    fused = fuse(similarities, bm25(terms, counts))
    scores = [score + bonus for score, bonus in zip(fused, _identifier_bonus(query, chunks), strict=True)]
    rarity = _rarity(terms, counts)
    rows = sorted(range(len(chunks)), key=lambda row: (-scores[row], chunks[row].chunk_id))[:limit]
    return [
        Passage(
            chunk=chunks[row],
            similarity=similarities[row],
            score=scores[row],
            coverage=_coverage(terms, counts[row], rarity),
        )
        for row in rows
    ]


def _identifier_bonus(query: str, chunks: Sequence[Chunk]) -> list[float]:
    """Favour what names the very code the customer names: TR-105 is not TR-101, however alike they read."""
    asked = {code.lower() for code in _IDENTIFIER.findall(query)}
    if not asked:
        return [0.0] * len(chunks)
    held = [{code.lower() for code in _IDENTIFIER.findall(f"{c.title} {c.heading} {c.body}")} for c in chunks]
    return [IDENTIFIER_BONUS if codes & asked else 0.0 for codes in held]


def _coverage(terms: Sequence[str], document: Counter[str], rarity: dict[str, float]) -> float:
    total = math.fsum(rarity[term] for term in terms)
    found = math.fsum(rarity[term] for term in terms if document[term])
    return min(1.0, found / total) if total else 0.0


class ArticleIndex:
    """An exact index in memory: what the tests and the evaluation search, and small desks could."""

    def __init__(self, sources: Sequence[Source], embedder: Embedder) -> None:
        self._chunks = tuple(chunk for source in sources for chunk in chunks_of(source))
        self._vectors = embed_chunks(self._chunks, embedder)

    def search(self, query: str, vector: Float32, *, limit: int) -> list[Passage]:
        """Return at most `limit` passages for a query and its unit vector, best first."""
        similarities = np.clip(self._vectors @ vector, -1.0, 1.0)
        return rank(query, self._chunks, similarities.tolist(), limit=limit)


BIAS: Final = -6.7
PER_SIMILARITY: Final = 8.7
PER_COVERAGE: Final = 9.8


def answer_probability(query: str, passages: Sequence[Passage]) -> float:
    """Return the probability in [0, 1] that the best passage answers `query`; 0 without passages or words.

    A logistic function of the best passage's cosine and of its share of the query's rare words, at most
    COINCIDENCE where they share a single word. Fitted on the sample company's English tickets, both classes
    weighing the same; there it tells answerable tickets from the others with AUC .897
    (`python -m tests.responders.evaluation`). Another desk's tickets will be told apart less well.
    """
    if not passages or not query_terms(query):
        return 0.0
    best = passages[0]
    chance = 1 / (1 + math.exp(-(BIAS + PER_SIMILARITY * best.similarity + PER_COVERAGE * best.coverage)))
    held = chunk_terms(best.chunk)
    shared = sum(1 for term in query_terms(query) if held[term])
    return chance if shared >= MIN_SHARED_TERMS else min(chance, COINCIDENCE)
