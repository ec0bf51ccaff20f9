"""A program: `python -m tests.benchmarks.searching` measures the search over many chunks, and indexing.

Its own PostgreSQL gets chunks of made-up words with Zipf's frequencies and vectors around random centres.
The time of a search is that of one client, without the encoder; the
CPU is that of the backend and of this process, so other load on the machine does not count. Recall is the
share of the 40 exactly nearest chunks that the index finds. A run of the default size also writes its section
of RESULTS.md in this folder.
"""

import os
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import psutil
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, create_engine, insert, text

from responders.retrieval.query import Query
from responders.retrieval.word_vectors import WORD_WIDTH, WordVectors, packed_words
from responders.store import migrate
from responders.store.knowledge import SqlKnowledge
from schemas.tables import ChunkRow, SourceRow
from streams.embedded import EmbeddedPostgres
from tests.results import markdown, write_section

RESULTS = Path(__file__).with_name("RESULTS.md")
CHUNKS, QUERIES, WORDS, AT_ONCE = 100_000, 200, 20_000, 2_000
NOW = datetime(2026, 3, 1, tzinfo=UTC)
people = Console(width=120)


class MadeUpText:
    """Texts and unit vectors that look like those of a large help centre, from one seed."""

    def __init__(self, seed: int) -> None:
        self._draw = np.random.default_rng(seed)
        self._centres = self._draw.normal(size=(500, 384))

    def words(self, count: int) -> str:
        """Return words of Zipf's frequencies."""
        return " ".join(f"w{number % WORDS}x" for number in self._draw.zipf(1.3, size=count))

    def coded_words(self, count: int) -> bytes:
        """Return stored vectors of words."""
        return packed_words(self.asked(count, self.vectors(1)[0]).words).tobytes()

    def asked(self, count: int, vector: "np.ndarray[Any, np.dtype[np.float32]]") -> Query:
        """Return a query of made-up words, whose vectors are around no centre."""
        text = self.words(count)
        rows = self._draw.normal(size=(count, WORD_WIDTH))
        unit = np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
        return Query(text, vector, words=WordVectors(tuple(text.split()), unit))

    def vectors(self, count: int) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """Return unit vectors (count, 384) around 500 centres."""
        chosen = self._centres[self._draw.integers(0, len(self._centres), size=count)]
        near = chosen + self._draw.normal(size=(count, 384))
        return np.asarray(near / np.linalg.norm(near, axis=1, keepdims=True), dtype=np.float32)


def rows(made_up: MadeUpText, start: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of `count` chunks, each the only one of its source."""
    parts, words = bytes(4 * 384), made_up.coded_words(22)
    for number, vector in enumerate(made_up.vectors(count), start=start):
        yield {
            "chunk_id": f"article:{number}#0",
            "source_id": f"article:{number}",
            "source_kind": "article",
            "title": made_up.words(5),
            "heading": made_up.words(4),
            "body": made_up.words(60),
            "tags": [],
            "public": True,
            "position": 0,
            "updated_at": NOW,
            "embedding": vector,
            "parts": parts,
            "words": words,
        }


def fill(engine: Engine, made_up: MadeUpText, chunks: int) -> None:
    """Store chunks and their sources, then update PostgreSQL's statistics."""
    for start in range(0, chunks, AT_ONCE):
        found = list(rows(made_up, start, min(AT_ONCE, chunks - start)))
        sources = [
            {"source_id": row["source_id"], "source_kind": "article", "content_hash": b"", "record": {}}
            for row in found
        ]
        with engine.begin() as connection:
            connection.execute(insert(SourceRow), [{**row, "updated_at": NOW} for row in sources])
            connection.execute(insert(ChunkRow), found)
        people.print(f"stored {start + len(found):,} of {chunks:,} chunks")
    with engine.begin() as connection:
        connection.execute(text("ANALYZE chunks"))


def measured(engine: Engine, made_up: MadeUpText, chunks: int, queries: int) -> Table:
    """Search `queries` times; return the table of times."""
    table = Table(title=f"Search over {chunks:,} chunks, {queries} queries of 12 words")
    for name in ("measured", "milliseconds"):
        table.add_column(name, justify="right")
    with engine.connect() as connection:
        backend = psutil.Process(int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one()))
    knowledge, vectors = SqlKnowledge(engine), made_up.vectors(queries)
    knowledge.search(made_up.asked(12, vectors[0]), limit=30)
    before, own, took = sum(backend.cpu_times()[:2]), time.process_time(), []
    for query in [made_up.asked(12, vector) for vector in vectors]:
        begun = time.perf_counter()
        knowledge.search(query, limit=30)
        took.append(1e3 * (time.perf_counter() - begun))
    for name, share in (("p50", 50), ("p95", 95)):
        table.add_row(
            f"{name}, wall time at load {os.getloadavg()[0]:.0f}", f"{np.percentile(took, share):.1f}"
        )
    table.add_row("CPU of PostgreSQL, mean", f"{1e3 * (sum(backend.cpu_times()[:2]) - before) / queries:.1f}")
    table.add_row("CPU of the client, mean", f"{1e3 * (time.process_time() - own) / queries:.1f}")
    return table


def recall(engine: Engine, made_up: MadeUpText, queries: int) -> float:
    """Return the share of the 40 exactly nearest chunks that the index finds."""
    nearest = text("SELECT chunk_id FROM chunks ORDER BY embedding <=> CAST(:vector AS vector) LIMIT 40")
    found = 0
    for vector in made_up.vectors(queries):
        bound = {"vector": str(vector.tolist())}
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL enable_indexscan = off"))
            exact = set(connection.scalars(nearest, bound))
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL hnsw.ef_search = 100"))
            found += len(exact & set(connection.scalars(nearest, bound)))
    return found / (40 * queries)


def main(
    chunks: Annotated[int, typer.Option(min=1, help="Chunks of the knowledge base.")] = CHUNKS,
    queries: Annotated[int, typer.Option(min=1, help="Searches that are measured.")] = QUERIES,
) -> None:
    """Fill a database and print the times of a search."""
    with tempfile.TemporaryDirectory(prefix="rapport-search-") as folder:
        server = EmbeddedPostgres(Path(folder))
        engine = create_engine(server.start(), pool_size=1, max_overflow=0)
        try:
            migrate.upgrade(engine)
            made_up = MadeUpText(7)
            begun = time.perf_counter()
            fill(engine, made_up, chunks)
            stored = time.perf_counter() - begun
            table = measured(engine, made_up, chunks, queries)
            table.add_row("storing a chunk with all indexes, wall time", f"{1e3 * stored / chunks:.2f}")
            table.caption = f"the index finds {recall(engine, made_up, 20):.3f} of the 40 nearest"
        finally:
            engine.dispose()
            server.stop()
    people.print(table)
    if (chunks, queries) == (CHUNKS, QUERIES):
        command = shlex.join(["python", "-m", "tests.benchmarks.searching", *sys.argv[1:]])
        write_section(RESULTS, "searching", command, f"{table.title}; {table.caption}:\n\n{markdown(table)}")


if __name__ == "__main__":
    typer.run(main)
