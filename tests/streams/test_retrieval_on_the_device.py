"""Retrieval embeds whole batches on the one thread that owns the device, and fails there as scoring does."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.sentiment import LexiconSentiment, TextEncoder
from responders.drafting import Drafter
from responders.generation import Composer
from responders.retrieval import ArticleIndex
from responders.store import knowledge
from responders.store.knowledge import SqlKnowledge
from schemas import ChurnAlert, Draft, Ticket
from streams.drafting import DraftingHandler, Models, OutreachHandler
from streams.gpu import DeviceEmbedder, DeviceMemoryError, GpuRunner, NotFiniteVectorError
from streams.process.errors import Fatal
from streams.process.metrics import Metrics
from tests.responders.support.drafting_samples import (
    ACCOUNT,
    NOW,
    SOURCES,
    HashingEmbedder,
    OneByOne,
)
from tests.streams.support.samples import TOLERANCE
from tests.streams.test_drafting_handler import alert, ticket

BODIES = (
    "How do I add more seats for new colleagues to our plan?",
    "My download link has expired. Can I have a new one?",
    "Does the zebrafish aquarium sing at night?",
    "Der Export ist nicht fertig und ich warte",
    "Hi",
)


Windows = tuple[tuple[int, ...], ...]


class Device:
    """An encoder of one window a text on a device that holds so many windows, or is lost."""

    def __init__(self, *, capacity: int = 10**9, failure: Callable[[], Exception] | None = None) -> None:
        self.capacity = capacity
        self.failure = failure
        self.texts: list[str] = []
        self.calls: list[int] = []
        self.passes: list[int] = []
        self.threads: set[str] = set()

    def windows_to_embed(self, texts: Sequence[str]) -> list[tuple[tuple[int, ...], ...]]:
        first = len(self.texts)
        self.texts += texts
        self.calls.append(len(texts))
        return [((number,),) for number in range(first, first + len(texts))]

    def windows_to_read(self, texts: Sequence[str]) -> list[tuple[Windows, tuple[tuple[int, int], ...]]]:
        spans = [read.spans or ((0, 0),) for read in HashingEmbedder().read(texts)]
        return list(zip(self.windows_to_embed(texts), spans, strict=True))

    @property
    def tokens(self) -> "Tokens":
        return Tokens(self)

    def lengths(self, items: Sequence[tuple[int, ...]]) -> list[int]:
        return [1] * len(items)

    def run(self, items: Sequence[tuple[int, ...]]) -> list[npt.NDArray[np.float32]]:
        texts = self.work(items)
        return list(HashingEmbedder().embed(texts))

    def work(self, items: Sequence[tuple[int, ...]]) -> list[str]:
        self.threads.add(threading.current_thread().name)
        if self.failure is not None:
            raise self.failure()
        if len(items) > self.capacity:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        self.passes.append(len(items))
        return [self.texts[window[0]] for window in items]


class Tokens:
    """The same encoder, with a state for each word; a text without words has one state."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def lengths(self, items: Sequence[tuple[int, ...]]) -> list[int]:
        return self._device.lengths(items)

    def run(self, items: Sequence[tuple[int, ...]]) -> list[npt.NDArray[np.float32]]:
        read = HashingEmbedder().read(self._device.work(items))
        return [one.states if len(one.states) else one.vector[None] for one in read]


@pytest.fixture
def runner() -> Iterator[GpuRunner]:
    with GpuRunner(max_tokens=1_024) as runner:
        yield runner


@pytest.fixture
def store(tables: Engine) -> Engine:
    with Session(tables) as session, session.begin():
        knowledge.save_account(session, ACCOUNT, now=NOW)
        knowledge.save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
    return tables


def replies(engine: Engine, device: Device, runner: GpuRunner) -> DraftingHandler:
    models = Models(LexiconSentiment(), DeviceEmbedder(device, runner))
    drafter = Drafter(SqlKnowledge(engine), Composer())
    return DraftingHandler(engine, drafter, models, metrics=Metrics(), tolerance=TOLERANCE)


def outreach(engine: Engine, device: Device, runner: GpuRunner) -> OutreachHandler:
    drafter = Drafter(SqlKnowledge(engine), Composer())
    return OutreachHandler(engine, drafter, DeviceEmbedder(device, runner), metrics=Metrics())


def messages() -> list[tuple[int, list[Ticket]]]:
    """Two partitions of messages, with an event between them that gets no draft."""
    written = [ticket(n, ticket_id=f"t{n}", body=body) for n, body in enumerate(BODIES)]
    closed = ticket(90, ticket_id="t0", kind="closed", body="")
    return [(0, [*written[:3], closed]), (1, written[3:])]


def alerts() -> list[ChurnAlert]:
    return [
        alert(account_id).model_copy(update={"detected_at": NOW + timedelta(minutes=number)})
        for number, account_id in enumerate(("acme", "beta", "gamma"))
    ]


def test_the_messages_of_a_whole_batch_are_one_call_and_their_asks_another_on_the_device_thread(
    store: Engine, runner: GpuRunner
) -> None:
    device = Device()
    drafted = replies(store, device, runner).compute(messages()).outcomes
    searched = [body for body in BODIES if not body.startswith("Hi")]
    assert (device.calls, device.passes) == ([len(searched)] * 2, [len(searched)] * 2)
    assert len(device.threads) == 1
    assert device.threads.pop().startswith("device")
    assert [type(one) for one in drafted[0]] == [Draft, Draft, Draft, type(None)]
    assert [type(one) for one in drafted[1]] == [Draft, Draft]


def test_the_queries_of_a_batch_of_alerts_are_one_call_on_the_device_thread(
    store: Engine, runner: GpuRunner
) -> None:
    device = Device()
    (drafted,) = outreach(store, device, runner).compute([(0, alerts())]).outcomes
    assert (device.calls, device.passes) == ([3], [3])
    assert [draft.account_id for draft in drafted if isinstance(draft, Draft)] == ["acme", "beta", "gamma"]


def test_a_batch_without_a_query_does_not_touch_the_device(store: Engine, runner: GpuRunner) -> None:
    device = Device(failure=lambda: RuntimeError("CUDA error: device lost"))
    replies(store, device, runner).compute([(0, [ticket(1, kind="closed", body=""), ticket(2, body="Hi")])])
    outreach(store, device, runner).compute([(0, [])])
    assert device.calls == []


def test_drafts_of_a_batch_are_those_of_the_messages_drafted_one_by_one(
    store: Engine, runner: GpuRunner
) -> None:
    handler = replies(store, Device(), runner)
    together = [draft for drafts in handler.compute(messages()).outcomes for draft in drafts]
    alone = [handler.compute([(0, [event])]).outcomes[0][0] for _, events in messages() for event in events]
    assert [_timeless(draft) for draft in together] == [_timeless(draft) for draft in alone]
    in_memory = OneByOne(Drafter(ArticleIndex(SOURCES, HashingEmbedder()), Composer()))
    with Session(store) as session:
        known = knowledge.situation(session, "acme", ticket(0), now=NOW)
    first = in_memory.draft(ticket(0, ticket_id="t0", body=BODIES[0]), known, now=NOW)
    assert isinstance(together[0], Draft)
    assert (together[0].body, together[0].citations) == (first.body, first.citations)


def _timeless(draft: object) -> object:
    return draft.model_copy(update={"created_at": NOW}) if isinstance(draft, Draft) else draft


def test_memory_that_runs_out_in_retrieval_halves_the_batch_and_gives_the_same_drafts(
    store: Engine, runner: GpuRunner
) -> None:
    small = Device(capacity=1)
    drafts = replies(store, small, runner).compute(messages()).outcomes
    roomy = replies(store, Device(), runner).compute(messages()).outcomes
    assert small.passes == [1] * 8
    assert [[_timeless(one) for one in part] for part in drafts] == [
        [_timeless(one) for one in part] for part in roomy
    ]


@pytest.mark.parametrize(
    "words", ["CUDA error: an illegal memory access was encountered", "CUBLAS_STATUS_EXECUTION_FAILED"]
)
def test_a_device_lost_in_retrieval_is_fatal_for_replies_and_outreaches(
    store: Engine, runner: GpuRunner, words: str
) -> None:
    device = Device(failure=lambda: RuntimeError(words))
    with pytest.raises(Fatal):
        replies(store, device, runner).compute(messages())
    with pytest.raises(Fatal):
        outreach(store, device, runner).compute([(0, alerts())])


def test_a_device_lost_while_sources_are_indexed_is_fatal_and_nothing_is_kept(
    store: Engine, runner: GpuRunner
) -> None:
    device = Device(failure=lambda: RuntimeError("CUDA error: unspecified launch failure"))
    changed = [SOURCES[0].model_copy(update={"title": "Changed"})]
    with Session(store) as session, pytest.raises(Fatal):
        knowledge.save_sources(session, changed, DeviceEmbedder(device, runner), now=NOW)


def test_a_text_that_never_fits_and_a_vector_that_is_not_finite_are_named(runner: GpuRunner) -> None:
    with pytest.raises(DeviceMemoryError):
        DeviceEmbedder(Device(capacity=0), runner).embed(["seats"])

    class Broken(Device):
        def run(self, items: Sequence[tuple[int, ...]]) -> list[npt.NDArray[np.float32]]:
            return [np.full(384, np.nan, dtype=np.float32)] * len(items)

    with pytest.raises(NotFiniteVectorError):
        DeviceEmbedder(Broken(), runner).embed(["seats"])


def test_the_encoder_gives_the_same_vectors_through_the_device_thread(runner: GpuRunner) -> None:
    encoder = TextEncoder.load()
    texts = ["seats for new colleagues", "", "word " * 700, "half a pair \ud83d", "Größe 😀"]
    through = DeviceEmbedder(encoder, runner).embed(texts)
    assert np.allclose(through, encoder.encode(texts), atol=1e-5)
    read = DeviceEmbedder(encoder, runner).read(texts)
    assert np.allclose([one.vector for one in read], through, atol=1e-5)
    assert [len(one.states) == len(one.spans) for one in read] == [True] * len(texts)
    assert [texts[0][start:end] for start, end in read[0].spans] == [
        "",
        "seats",
        "for",
        "new",
        "colleagues",
        "",
    ]
    assert np.allclose(np.linalg.norm(through, axis=1), 1.0, atol=1e-5)
