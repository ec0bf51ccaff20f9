"""The poison set through the real decoders: each input has its fate, and a failure is always a reason."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from detectors.churn.hazard.days import OpenDays
from detectors.sentiment import LexiconSentiment
from schemas import Ticket
from streams.churn import ChurnHandler
from streams.consume import Dropped, Failed
from streams.consume.holes import EmptyRanges
from streams.consume.partitions import OwnedPartition, OwnedPartitions, PartitionBatch
from streams.consume.pauses import FailurePolicy, Pauses
from streams.drafting import OutreachHandler
from streams.process.metrics import Metrics
from streams.sentiment import SentimentHandler
from streams.usage.handler import UsageHandler
from streams.usage.states import PartitionDetectors
from tests.faults.poison import (
    INJECTIONS,
    Fate,
    Poison,
    alert_poisons,
    signal_poisons,
    ticket_poisons,
    usage_poisons,
)
from tests.responders.support.drafting_samples import (
    NOW,
    SEATS,
    HashingEmbedder,
    drafter,
    situation,
    ticket,
    two_steps,
)
from tests.streams.support.rig import Record, chunk_of
from tests.streams.support.samples import TOLERANCE

MOST_COST = 12.0
"""Most CPU time of one record as a multiple of `yardstick`; a megabyte of text takes about one."""

TRIES = 3
"""The least of these times counts: a first run may load a module or collect garbage."""

UNPAUSED = FailurePolicy(window_records=1_000_000, max_in_a_row=1_000_000)
MAX_RECORD_BYTES = 1_000_000


@cache
def lexicon() -> LexiconSentiment:
    """Return the model after its first text, with everything loaded."""
    model = LexiconSentiment()
    model.score(["Hello"])
    return model


def new_sentiment() -> SentimentHandler:
    return SentimentHandler(lexicon(), metrics=Metrics(), max_tokens=4_096, tolerance=TOLERANCE)


def new_usage() -> UsageHandler:
    return UsageHandler(metrics=Metrics(), tolerance=TOLERANCE)


def new_churn() -> ChurnHandler:
    return ChurnHandler(metrics=Metrics())


def new_outreach() -> OutreachHandler:
    unused = create_engine("postgresql+psycopg://nowhere.invalid/none")  # only decodes here
    return OutreachHandler(unused, two_steps(), HashingEmbedder(), metrics=Metrics())


KINDS: dict[str, tuple[Callable[[], Any], Callable[[], tuple[Poison, ...]]]] = {
    "ticket": (new_sentiment, ticket_poisons),
    "usage": (new_usage, usage_poisons),
    "signal": (new_churn, signal_poisons),
    "alert": (new_outreach, alert_poisons),
}
CASES = [(kind, poison) for kind, (_, poisons) in KINDS.items() for poison in poisons()]


class Line:
    """One partition of one handler: bytes in, fates out, by the service's own decoding."""

    def __init__(self, handler: Any) -> None:
        self.handler = handler
        self._partitions = OwnedPartitions(
            handler, Pauses(UNPAUSED), EmptyRanges(), max_record_bytes=MAX_RECORD_BYTES
        )
        self._partitions.open(OwnedPartition(0, 1, 1, 0))
        self._offset = 0

    def work(self, *records: Record) -> PartitionBatch:
        for record in records:
            record.offset, self._offset = self._offset, self._offset + 1
        (part,) = self._partitions.decode([chunk_of(records)], 1)
        return part

    def fate(self, record: Record) -> Fate:
        """Return the fate of one record as far as it is decided without a database."""
        work = self.work(record)
        if work.failures:
            return work.failures[0][1].reason
        outcome = self._run(work.items)
        if isinstance(outcome, Failed):
            return outcome.reason
        return outcome.policy if isinstance(outcome, Dropped) else "effect"

    def _run(self, items: Sequence[Any]) -> Any:
        if isinstance(self.handler, OutreachHandler):
            return None
        return self.handler.compute([(0, items)]).outcomes[0][0]


def record_of(poison: Poison, value: bytes | None) -> Record:
    return Record(0, value, key=poison.key, headers=poison.headers)


def line_of(kind: str) -> Line:
    handler = KINDS[kind][0]()
    if isinstance(handler, UsageHandler):
        handler._partitions[0] = PartitionDetectors()
        handler._days._partitions[0] = OpenDays()
    return Line(handler)


def test_the_set_is_as_large_as_it_should_be_and_every_name_is_its_own() -> None:
    sizes = {kind: len(poisons()) for kind, (_, poisons) in KINDS.items()}
    assert sizes["ticket"] >= 40
    assert sizes["usage"] >= 25
    assert min(sizes["signal"], sizes["alert"]) >= 12
    for _, poisons in KINDS.values():
        assert max(Counter(poison.name for poison in poisons()).values()) == 1


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of some work."""
    started = time.process_time()
    work()
    return time.process_time() - started


@cache
def yardstick() -> float:
    """Return the seconds of writing and reading a megabyte of JSON: the same work on every machine."""
    numbers = [*range(150_000)]
    return min(seconds(lambda: json.loads(json.dumps(numbers))) for _ in range(TRIES))


def fate_of(kind: str, poison: Poison, value: bytes | None) -> Fate:
    line = line_of(kind)
    if poison.before is not None:
        assert line.fate(record_of(poison, poison.before)) == "effect", poison.name
    return line.fate(record_of(poison, value))


def cost_of(kind: str, poison: Poison, value: bytes | None) -> float:
    """Return the processor time of an input as a multiple of the yardstick, the least of some tries."""
    costs = (seconds(lambda: fate_of(kind, poison, value)) / yardstick() for _ in range(TRIES))
    return next((cost for cost in costs if cost < MOST_COST), MOST_COST)


def test_every_input_has_its_fate_in_bounded_time() -> None:
    found = {(kind, poison.name): fate_of(kind, poison, poison.value) for kind, poison in CASES}
    wanted = {(kind, poison.name): decided_without_a_database(kind, poison) for kind, poison in CASES}
    assert {case: fate for case, fate in found.items() if fate != wanted[case]} == {}
    costs = {(kind, poison.name): cost_of(kind, poison, poison.value) for kind, poison in CASES}
    assert {case: cost for case, cost in costs.items() if cost >= MOST_COST} == {}


def decided_without_a_database(kind: str, poison: Poison) -> Fate:
    """Return the fate without dedupe rows, which recognise duplicates, and without a producer."""
    if poison.fate == "refused":
        return "too_large"
    if kind != "usage" and poison.fate in {"id_conflict", "duplicate"}:
        return "effect"
    return poison.fate


def test_a_dedupe_row_tells_the_same_content_from_another() -> None:
    for poison in (found for found in ticket_poisons() if found.before):
        line = line_of("ticket")
        first, again = line.work(record_of(poison, poison.before), record_of(poison, poison.value)).items
        (first_id, first_hash), (again_id, again_hash) = map(line.handler.identity, (first, again))
        assert first_id == again_id, poison.name
        assert (first_hash == again_hash) == (poison.fate == "duplicate"), poison.name


@given(value=st.binary(max_size=500), kind=st.sampled_from([*KINDS]))
def test_no_bytes_raise_anything_but_a_reason(value: bytes, kind: str) -> None:
    fate = line_of(kind).fate(Record(0, value, key=b"k"))
    assert fate in {"broken_json", "invalid_record", "unknown_version", "empty_value"}


GOOD = {
    kind: [poison for poison in poisons() if poison.fate == "effect" and len(poison.value or b"") < 2_000]
    for kind, (_, poisons) in KINDS.items()
}
PIECES = st.sampled_from(
    (
        *(b"", b"\x00", b"\xff", b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b":", b",", b"null"),
        *(b"NaN", b"1e400", b"-", b"9" * 400, b"true", b"2026", b"+24:00", b"e", b"[" * 2_000),
        *(b'"schema_version": 3,', b'"occurred_at": "9999-12-31T23:59:59Z",', b"0001-01-01T00:00:00Z"),
        "\u202e\U0001f600".encode(),
    )
)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, Poison, bytes]:
    """Return a good record with some runs of its bytes replaced by awkward bytes."""
    kind = draw(st.sampled_from([*KINDS]))
    poison = draw(st.sampled_from(GOOD[kind]))
    value = poison.value or b""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(value)))
        end = min(len(value), start + draw(st.sampled_from([0, 0, 1, 2, 10, 30])))
        value = value[:start] + draw(PIECES) + value[end:]
    return kind, poison, value


@settings(max_examples=300)
@given(mutation=mutations())
def test_no_mutated_record_raises_anything_but_a_reason_or_takes_long(
    mutation: tuple[str, Poison, bytes],
) -> None:
    kind, poison, value = mutation
    line = line_of(kind)
    fate = line.fate(record_of(poison, value))
    assert cost_of(kind, poison, value) < MOST_COST
    assert fate != "handler_error"
    for _, failed in line.work(record_of(poison, value)).failures:
        assert len(failed.error) <= 300


TEXTS = [poison for poison in ticket_poisons() if poison.fate == "effect" and poison.name.endswith("as text")]
MARKS = ("<script", "<svg", "{{", "${", "=HYPERLINK", "im_start", "\x1b")


def test_odd_text_next_to_a_question_is_not_repeated_in_the_answer() -> None:
    for poison in TEXTS:
        odd = Ticket.model_validate_json(poison.value or b"").body
        draft = drafter().draft(ticket(f"{SEATS.question}\n\n{odd}"), situation(), now=NOW)
        assert draft.state in {"ready", "abstained"}, poison.name
        words = odd.split()[:2_000]
        runs = {" ".join(words[start : start + 4]) for start in range(len(words) - 3)}
        repeated = [found for found in (*runs, *MARKS) if found in draft.body + draft.subject]
        assert repeated == [], poison.name


def test_the_question_is_answered_if_only_an_injection_is_next_to_it() -> None:
    drafts = [
        drafter().draft(ticket(f"{SEATS.question}\n\n{odd}"), situation(), now=NOW)
        for odd in ("", *INJECTIONS)
    ]
    assert {draft.state for draft in drafts} == {"ready"}
