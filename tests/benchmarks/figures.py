"""The figures of one run, from samples, the database, the ledger and the metrics of the workers."""

import os
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any
from urllib.request import urlopen

import psutil
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from schemas.tables import (
    AnomalyRow,
    ChurnAlertRow,
    DeadLetterRow,
    DraftRow,
    IncidentRow,
    SentimentRow,
)
from streams.cli.composition.local import LocalService
from streams.kafka.topics import GROUPS
from tests.benchmarks.sampling import MEBIBYTE, Reached, Sample

USAGE_PLACE = "usage < product.usage-events"


def machine() -> dict[str, Any]:
    """Return the machine of the run and its load at the start."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 1024**3, 1),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def rates(samples: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Return for each group and topic its records, and records per second between first and last commit.

    The first commit is the first one that was seen (samples come every half second). Its records count as
    the beginning, not as work between the two commits.
    """
    found = {}
    for place in sorted({place for sample in samples for place in sample.reached}):
        seen = [reached for sample in samples if (reached := sample.reached.get(place)) and reached.records]
        if seen:
            found[place] = _rate(seen[0], seen[-1])
    return found


def _rate(first: Reached, last: Reached) -> dict[str, float]:
    seconds = (last.at - first.at).total_seconds()
    per_second = (last.records - first.records) / seconds if seconds else 0.0
    return {"records": last.records, "seconds": round(seconds, 2), "per_second": round(per_second, 1)}


def cpu_per_usage_event(before: Sequence[Sample], during: Sequence[Sample]) -> dict[str, float] | None:
    """Return CPU microseconds per usage event, without start-up and without the cost of idling.

    `before` are samples of the idle service, `during` the samples after them. Returns None if the worker was
    replaced or handled nothing.
    """
    idle_share = _cpu_share(before, "usage")
    start, end = before[-1], _end_of(during, USAGE_PLACE)
    if end is None or "usage" not in start.pids or start.pids["usage"] != end.pids.get("usage"):
        return None
    events = end.reached[USAGE_PLACE].records
    used = end.cpu_seconds["usage"] - start.cpu_seconds["usage"]
    idle = idle_share * (end.at_seconds - start.at_seconds)
    return {
        "gross_microseconds": round(used / events * 1e6, 2),
        "net_microseconds": round((used - idle) / events * 1e6, 2),
        "idle_share_of_a_core": round(idle_share, 4),
    }


def _end_of(samples: Sequence[Sample], place: str) -> Sample | None:
    """Return the first sample in which the place has all its records."""
    there = [sample for sample in samples if place in sample.reached]
    most = max((sample.reached[place].records for sample in there), default=0)
    if not most:
        return None
    return next(sample for sample in there if sample.reached[place].records == most)


def _cpu_share(samples: Sequence[Sample], name: str) -> float:
    mine = [sample for sample in samples if name in sample.cpu_seconds]
    if len(mine) < 2:
        return 0.0
    used = mine[-1].cpu_seconds[name] - mine[0].cpu_seconds[name]
    return used / (mine[-1].at_seconds - mine[0].at_seconds)


def processes(samples: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Return the highest RSS in MiB and the CPU seconds of each process, over all its restarts."""
    names = sorted({name for sample in samples for name in sample.rss_bytes})
    return {
        name: {
            "max_rss_mib": round(max(sample.rss_bytes.get(name, 0) for sample in samples) / MEBIBYTE, 1),
            "cpu_seconds": round(_cpu_of_all_lives(samples, name), 1),
        }
        for name in names
    }


def _cpu_of_all_lives(samples: Sequence[Sample], name: str) -> float:
    most: dict[int, float] = {}
    for sample in samples:
        if (pid := sample.pids.get(name)) is not None:
            most[pid] = max(most.get(pid, 0.0), sample.cpu_seconds[name])
    return sum(most.values())


def counts(engine: Engine) -> dict[str, dict[str, int]]:
    """Return the number of findings, by kind and by label, cause, state or reason."""
    with Session(engine) as session:
        moods = session.execute(select(col(SentimentRow.label), col(SentimentRow.abstained)))
        drafts = session.execute(select(col(DraftRow.kind), col(DraftRow.state), col(DraftRow.record)))
        letters = session.execute(select(col(DeadLetterRow.consumer_group), col(DeadLetterRow.reason)))
        return {
            "sentiments": _counted(label or f"abstained: {abstained}" for label, abstained in moods),
            "drafts": _counted(_draft_words(kind, state, record) for kind, state, record in drafts),
            "anomalies": _counted(session.scalars(select(col(AnomalyRow.cause)))),
            "alerts": _counted(session.scalars(select(col(ChurnAlertRow.cause)))),
            "incidents": _counted(session.scalars(select(col(IncidentRow.cause)))),
            "dead letters": _counted(f"{group}: {reason}" for group, reason in letters),
        }


def _draft_words(kind: str, state: str, record: Mapping[str, Any]) -> str:
    reason = str(record["abstained"] or "").partition(":")[0]
    return f"{kind} {state}: {reason}" if reason else f"{kind} {state}"


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def latencies(service: LocalService) -> dict[str, dict[str, float]]:
    """Return p50 and p95 in seconds from the workers' own histograms, interpolated in their buckets.

    End to end is from the broker's append to the commit; at full speed that is mostly the wait in the queue.
    """
    found: dict[str, dict[str, float]] = {}
    for child in service.supervisor.children:
        if child.name not in GROUPS:
            continue
        with urlopen(f"http://127.0.0.1:{child.metrics_port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        for family in text_string_to_metric_families(text):
            if family.name in ("rapport_end_to_end_seconds", "rapport_stage_seconds"):
                found |= _of_family(family.samples)
    return dict(sorted(found.items()))


def _of_family(samples: Iterable[Any]) -> dict[str, dict[str, float]]:
    buckets: dict[str, list[tuple[float, float]]] = {}
    for sample in samples:
        if sample.name.endswith("_bucket"):
            stage = sample.labels.get("stage")
            name = sample.labels["consumer_group"] + (f" batch {stage}" if stage else " end to end")
            buckets.setdefault(name, []).append((float(sample.labels["le"]), sample.value))
    return {name: quantiles_of(found) for name, found in buckets.items() if found[-1][1]}


def quantiles_of(buckets: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return p50 and p95 of cumulative buckets (upper bound, count), at most the last finite bound.

    >>> quantiles_of([(1.0, 50), (2.0, 100), (inf, 100)])
    {'p50_seconds': 1.0, 'p95_seconds': 1.9, 'count': 100}
    """
    total = buckets[-1][1]
    p50, p95 = (round(_quantile(buckets, share * total), 4) for share in (0.5, 0.95))
    return {"p50_seconds": p50, "p95_seconds": p95, "count": int(total)}


def _quantile(buckets: Sequence[tuple[float, float]], rank: float) -> float:
    low, below = 0.0, 0.0
    for bound, count in buckets:
        if count >= rank:
            return low if bound == inf else low + (bound - low) * (rank - below) / max(count - below, 1e-9)
        low, below = bound, count
    return low
