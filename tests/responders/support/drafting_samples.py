"""A few knowledge sources, an account in trouble, and a real embedder that needs no model."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from responders.chunks import KnowledgeSource
from responders.drafting import Drafter, Rules, Situation, queries_of
from responders.generation import Composer
from responders.retrieval import ArticleIndex, Embedder
from responders.retrieval.embedding import ReadText
from responders.retrieval.query import Query
from responders.words import content_stems, placed_stems
from schemas import (
    Account,
    Anomaly,
    ChurnAlert,
    Draft,
    Incident,
    KnowledgeArticle,
    Macro,
    SolvedTicket,
    Ticket,
)

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOST = "help.example.com"


class HashingEmbedder:
    """Bag of stems, each hashed to eight signed places of 384; rows of length 1. A token is a word."""

    def read(self, texts: Sequence[str]) -> list[ReadText]:
        found = []
        for text, vector in zip(texts, self.embed(texts), strict=True):
            places = [(start, end) for _, start, end in placed_stems(text)]
            states = self.embed([text[start:end] for start, end in places])
            found.append(ReadText(vector, states, tuple(places)))
        return found

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in content_stems(text) or ["nothing"]:
                digest = hashlib.blake2b(word.encode(), digest_size=24).digest()
                for place in range(8):
                    number = int.from_bytes(digest[3 * place : 3 * place + 3], "big")
                    vectors[row, number % 384] += 1.0 if number & 0x800000 else -1.0
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


EXPORTS = KnowledgeArticle(
    article_id="exports",
    title="Export labels",
    body="""# Export labels

An export is a file with the approved labels of a dataset.

## Choose a format

1. Open the dataset and choose **Export**.
2. Choose COCO, JSONL or CSV.
3. Choose **Start**. The link is valid for 24 hours.

## Download link expired

Download links end after 24 hours, but the file is kept for 30 days. Open **Exports** and choose **New link**.

## Empty section

## Questions

- **Category ids have gaps.** They follow the ontology. Tick **Renumber categories**.
- **Images are missing.** Tick **Include files** to pack them.
""",
    url=f"https://{HOST}/exports",
    tags=("exports",),
    updated_at=NOW - timedelta(days=9),
)
RUNS = KnowledgeArticle(
    article_id="runs",
    title="Training run error codes",
    body="""Each failed training run ends with a code.

| Code | Meaning | What to do |
|---|---|---|
| TR-101 | the GPU ran out of memory during one step | halve the batch size and start again |
| TR-105 | the loss became infinite during training | lower the learning rate and start again |
""",
    url=f"https://{HOST}/runs",
    updated_at=NOW - timedelta(days=9),
)
INTERNAL = KnowledgeArticle(
    article_id="goodwill",
    title="Goodwill discounts for churning customers",
    body="Customers who complain twice may get a goodwill discount of 20 percent. Never offer it first.",
    public=False,
    updated_at=NOW,
)
SEATS = Macro(
    macro_id="seats",
    title="Add seats to the plan",
    question="How do I add more seats for new colleagues to our plan?",
    body="""Hello {requester_name}, your plan {plan} has {seats} seats today.

1. Open **Settings > Billing**.
2. Choose **Add seats** and enter how many you need.

The purchase order {order_number} will be used for the invoice.

Best regards,
{agent_name}
""",
    updated_at=NOW,
)
STUCK = Macro(
    macro_id="stuck",
    title="Training run stuck in the queue",
    question="My training run is stuck in the queue and does not start.",
    body=(
        "I am sorry for the wait, {requester_name}. Open **Runs** and choose **Restart**."
        " The queue is emptied every 15 minutes."
    ),
    updated_at=NOW,
)


def solved(ticket_id: str, account_id: str, answer: str) -> SolvedTicket:
    question = "The webcam preview in the kiosk terminal flickers."
    return SolvedTicket(
        ticket_id=ticket_id, account_id=account_id, question=question, answer=answer, solved_at=NOW
    )


SOLVED = (
    solved("s1", "acme", "Set the kiosk refresh rate to 60. Your serial is zebrafish."),
    solved("s2", "beta", "Please set the kiosk refresh rate to 60. The beta project walrus is fine now."),
)
SOURCES: tuple[KnowledgeSource, ...] = (EXPORTS, RUNS, INTERNAL, SEATS, STUCK, *SOLVED)

ACCOUNT = Account(account_id="acme", name="Acme", plan="Team", seats=12, owner="Ida Okafor")
SURGE = Anomaly(
    anomaly_id="an-1",
    account_id="acme",
    cause="error_surge",
    metric="training.failed",
    observed=42,
    expected=2,
    expected_low=0,
    expected_high=4,
    deviation=20,
    baseline_days=14,
    sample_count=300,
    started_at=NOW - timedelta(hours=3),
    detected_at=NOW - timedelta(minutes=20),
    summary="42 failures in 3 h; 0 to 4 expected",
    model="usage-1",
)
OUTAGE = Incident(
    incident_id="in-1",
    cause="drop",
    metric="api.call",
    account_ids=("acme", "secret-other-account"),
    share_of_accounts=0.4,
    sentence="40 accounts dropped together",
    started_at=NOW - timedelta(hours=2),
    detected_at=NOW - timedelta(hours=1),
)


def ticket(body: str, **given: object) -> Ticket:
    fields = {"event_id": "ev-1", "ticket_id": "t-1", "account_id": "acme", "requester_name": "Ada Lovelace"}
    return Ticket.model_validate({**fields, "body": body, "occurred_at": NOW, **given})


def asked(text: str, embedder: Embedder | None = None) -> Query:
    ((query,),) = queries_of([[text]], embedder or HashingEmbedder())
    return query


class OneByOne:
    """A drafter that embeds each query by itself, for tests of a single draft."""

    def __init__(self, drafter: Drafter) -> None:
        self._drafter = drafter

    def draft(self, ticket: Ticket, situation: Situation, *, now: datetime) -> Draft:
        read = self._drafter.read(ticket, situation)
        (queries,) = queries_of([read.queries], HashingEmbedder())
        return self._drafter.draft(read, queries, now=now)

    def outreach(self, cause: ChurnAlert | Anomaly, situation: Situation, *, now: datetime) -> Draft:
        query = self._drafter.outreach_query(cause, now=now)
        return self._drafter.outreach(cause, situation, asked(query), now=now)


def two_steps(sources: Sequence[KnowledgeSource] = SOURCES, rules: Rules | None = None) -> Drafter:
    return Drafter(_index(tuple(sources)), Composer(), rules)


def drafter(sources: Sequence[KnowledgeSource] = SOURCES, rules: Rules | None = None) -> OneByOne:
    return OneByOne(two_steps(sources, rules))


@lru_cache(maxsize=4)
def _index(sources: tuple[KnowledgeSource, ...]) -> ArticleIndex:
    return ArticleIndex(sources, HashingEmbedder())


def situation(**given: object) -> Situation:
    return Situation.model_validate({"account": ACCOUNT, **given})
