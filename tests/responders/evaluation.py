"""How good drafts are on the sample company.

`python -m tests.responders.evaluation` prints the figures. Real encoder, real PostgreSQL, one CPU thread. The
tickets were written together with the knowledge base, and the confidence is fitted on them among others:
figures on other data will be lower.
"""

import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import torch
from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

from responders.drafting import Drafter, ReadTicket, Situation, queries_of
from responders.generation import Composer
from responders.policy import check_claim
from responders.retrieval import Embedder
from responders.store.knowledge import SqlKnowledge, save_sources
from responders.words import content_stems, sentences
from schemas import Draft
from schemas.tables import metadata
from streams.cli.composition.connections import read_settings
from streams.cli.composition.models import load_embedder
from streams.demo.company import company
from streams.demo.model import Company, PlannedTicket
from streams.demo.tickets import planned_tickets
from streams.embedded import EmbeddedPostgres

NOW = datetime(2026, 3, 16, tzinfo=UTC)
SEED = 7


@contextmanager
def stored(sample: Company, embedder: Embedder) -> Iterator[Engine]:
    """Yield an engine of a new database that holds the company's knowledge."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder))
        engine = create_engine(server.start())
        with engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        metadata.create_all(engine)
        with Session(engine) as session:
            save_sources(session, [*sample.articles, *sample.macros, *sample.solved], embedder, now=NOW)
            session.commit()
        yield engine
        engine.dispose()
        server.stop()


def read_first(sample: Company, planned: PlannedTicket, drafter: Drafter) -> ReadTicket:
    """Return the first message of a ticket as the drafter reads it, with no anomaly and no mood."""
    accounts = {account.account_id: account for account in sample.accounts}
    first = planned.events[0]
    return drafter.read(first, Situation(account=accounts.get(first.account_id)))


def drafted(
    sample: Company, tickets: Sequence[PlannedTicket], drafter: Drafter, embedder: Embedder
) -> Iterator[tuple[PlannedTicket, Draft, float]]:
    """Yield each ticket with the draft for its first message and the seconds it took."""
    for planned in tickets:
        begun = time.perf_counter()
        read = read_first(sample, planned, drafter)
        (queries,) = queries_of([read.queries], embedder)
        draft = drafter.draft(read, queries, now=planned.events[0].occurred_at)
        yield planned, draft, time.perf_counter() - begun


def outcome(planned: PlannedTicket, draft: Draft) -> str:
    """Return the outcome of a ticket in words."""
    kind = "answerable" if planned.source_id else f"unanswerable ({planned.why})"
    if draft.state == "abstained":
        return f"{kind}: abstained, {draft.abstained}"
    cited = {citation.source_id.partition(":")[2].partition("#")[0] for citation in draft.citations}
    return f"{kind}: drafted from {'the named source' if planned.source_id in cited else 'another source'}"


def claim_figures(sample: Company) -> dict[str, float]:
    """Return the share of the knowledge base's own sentences blocked, and of edited ones passed."""
    bodies = [*(article.body for article in sample.articles), *(macro.body for macro in sample.macros)]
    told = [(sentence, body) for body in bodies for sentence in sentences(body) if _tells(sentence)]
    edited = [
        (changed, body) for sentence, body in told for changed in edits(sentence) if changed not in body
    ]
    blocked = [not check_claim(sentence, [body]).supported for sentence, body in told]
    passed = [check_claim(sentence, [body]).supported for sentence, body in edited]
    return {
        f"own sentences blocked (of {len(told)})": sum(blocked) / len(blocked),
        f"edited sentences passed (of {len(edited)})": sum(passed) / len(passed),
    }


def _tells(sentence: str) -> bool:
    return "|" not in sentence and len(content_stems(sentence)) > 1


def edits(sentence: str) -> Iterator[str]:
    """Yield the sentence with one number, unit, polarity or modal changed, once for each that it has."""
    number = re.search(r"(?<![\w.-])\d+(?![\w.-]*\d)", sentence)
    if number:
        yield f"{sentence[: number.start()]}{int(number[0]) + 7}{sentence[number.end() :]}"
    swaps = (("hours", "days"), ("days", "hours"), ("minutes", "hours"), (" not ", " "), (" no ", " any "))
    more = ((" can ", " cannot "), (" is ", " is not "), ("before", "after"), (" before ", " never before "))
    for old, new in (*swaps, *more):
        if old in sentence:
            yield sentence.replace(old, new, 1)


def main() -> None:
    """Print the figures."""
    torch.set_num_threads(1)
    sample, embedder = company(SEED, end=NOW), load_embedder(read_settings())
    tickets = planned_tickets(sample, SEED)
    with stored(sample, embedder) as engine:
        knowledge = SqlKnowledge(engine)
        report(sample, list(drafted(sample, tickets, Drafter(knowledge, Composer()), embedder)))


def report(sample: Company, results: Sequence[tuple[PlannedTicket, Draft, float]]) -> None:
    """Print shares, outcomes and times."""
    answerable = [draft for planned, draft, _ in results if planned.source_id]
    others = [draft for planned, draft, _ in results if not planned.source_id]
    seconds = sorted(took for _, _, took in results)
    chances = [
        (bool(planned.source_id), draft.confidence) for planned, draft, _ in results if draft.confidence > 0
    ]
    outcomes = Counter(outcome(planned, draft) for planned, draft, _ in results)
    lines = [
        f"answerable, drafted with citations: {share(answerable, 'ready'):.3f} of {len(answerable)}",
        f"unanswerable, abstained: {share(others, 'abstained'):.3f} of {len(others)}",
        f"AUC of the confidence, answerable against not, {len(chances)} searched: {auc(chances):.3f}",
        f"ms per draft: p50 {1e3 * seconds[len(seconds) // 2]:.1f}",
        f"ms per draft: p95 {1e3 * seconds[len(seconds) * 95 // 100]:.1f}",
        *(f"{name}: {value:.3f}" for name, value in claim_figures(sample).items()),
        *(f"{count:4d} {name}" for name, count in sorted(outcomes.items())),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def auc(chances: Sequence[tuple[bool, float]]) -> float:
    """Return the chance that an answerable ticket has the higher confidence; ties count half."""
    good = [chance for answerable, chance in chances if answerable]
    bad = [chance for answerable, chance in chances if not answerable]
    return sum((high > low) + 0.5 * (high == low) for high in good for low in bad) / (len(good) * len(bad))


def share(drafts: Sequence[Draft], state: str) -> float:
    """Return the share of drafts in a state; a ready draft counts only with citations."""
    return sum(
        draft.state == state and (state != "ready" or bool(draft.citations)) for draft in drafts
    ) / len(drafts)


if __name__ == "__main__":
    main()
