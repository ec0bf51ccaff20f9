"""Metrics have names with units and bounded labels; the number of series is independent of accounts."""

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Counter, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.sentiment import LexiconSentiment
from schemas import UsageEvent
from streams.cli.zero_series import PROCESSES, label_sets_of, start_at_zero
from streams.consume import Failed
from streams.consume.fates import FateCounts, Fates
from streams.consume.observing import Observer
from streams.consume.partitions import OwnedPartition, PartitionBatch
from streams.drafting import count_drafts
from streams.process.metrics import Metrics
from streams.sentiment import SentimentHandler
from streams.usage.handler import UsageHandler
from tests.responders.support.desk_samples import draft_of
from tests.streams.support.samples import TOLERANCE, WHEN, Raw, ticket

BOUNDED = {
    "bound",
    "change",
    "from",
    "to",
    "action",
    "rule",
    "cause",
    "consumer_group",
    "dependency",
    "fate",
    "generator",
    "kind",
    "label",
    "model",
    "outcome",
    "partition",
    "reason",
    "result",
    "route",
    "stage",
    "status",
    "topic",
    "side",
}
OF_PROMETHEUS = {"le", "version"}
UNITS = r"(_total|_seconds|_bytes|_rows|_records|_items|_accounts|_info|_paused|_ready|_nats|_ratio|_index)$"


def declared(metrics: Metrics) -> list[Any]:
    return [metric for metric in vars(metrics).values() if hasattr(metric, "_labelnames")]


def series(metrics: Metrics) -> set[tuple[str, frozenset[tuple[str, str]]]]:
    return {
        (sample.name, frozenset(sample.labels.items()))
        for family in metrics.registry.collect()
        for sample in family.samples
    }


def with_every_series(metrics: Metrics) -> Metrics:
    """Observe each metric once under each of its labels, as after traffic, and return the metrics."""
    for metric in declared(metrics):
        child = metric.labels(*["x"] * len(metric._labelnames)) if metric._labelnames else metric
        for name in ("inc", "observe", "set"):
            if hasattr(child, name) and metric._type in {"counter", "gauge", "histogram"}:
                getattr(child, name)(*[] if name == "inc" else [1.0])
                break
    metrics.build.info({"version": "1"})
    return metrics


def test_every_label_has_few_values() -> None:
    for metric in declared(Metrics()):
        assert set(metric._labelnames) <= BOUNDED, metric._name
    for _, labels in series(with_every_series(Metrics())):
        assert {name for name, _ in labels} <= BOUNDED | OF_PROMETHEUS


def test_every_name_says_its_owner_and_unit_and_has_a_sentence() -> None:
    for family in Metrics().registry.collect():
        name = family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")
        assert re.fullmatch(r"rapport_[a-z_]+", name)
        assert re.search(UNITS, name), name
        assert family.documentation.endswith(".")


def test_two_processes_in_one_test_do_not_share_a_registry() -> None:
    first, second = Metrics(), Metrics()
    first.published.labels("t").inc()
    assert second.registry.get_sample_value("rapport_outbox_published_total", {"topic": "t"}) is None


def counted(metrics: Metrics, accounts: range) -> None:
    """Drive the handlers and the pipeline's counters with one record for each account."""
    tickets = [ticket(n, account_id=f"account-{n}", subject=f"subject {n}") for n in accounts]
    scoring = SentimentHandler(LexiconSentiment(), metrics=metrics, max_tokens=4_096, tolerance=TOLERANCE)
    computed = scoring.compute([(0, tickets)])
    scoring.committed(list(zip(tickets, computed.outcomes[0], strict=True)), None)  # type: ignore[arg-type]
    raw = [Raw(b"k", b"v", offset=n) for n in accounts]
    part = PartitionBatch(OwnedPartition(0, 1, 1, 0), records=list(raw))
    counts = FateCounts(effects=len(raw), duplicates=1, late=1, dead_letters=2)
    failures = [(raw[3], Failed("broken_json", "why")), (raw[4], Failed("too_large", "why"))]
    Observer(metrics, scoring.group, scoring.topic).written([Fates(part, counts, [], [*failures])])


def test_ten_thousand_accounts_add_no_series(tables: Engine) -> None:
    metrics = Metrics()
    usage = UsageHandler(metrics=metrics, tolerance=TOLERANCE)
    with Session(tables) as session:
        usage.restore(session, 0)
    sizes = []
    for accounts in (range(1_000), range(1_000, 11_000)):
        counted(metrics, accounts)
        events = [
            UsageEvent(f"u{n}", f"account-{n}", "api.call", WHEN + timedelta(seconds=n)) for n in accounts
        ]
        computed = usage.compute([(0, events)])
        usage.committed([], computed.extra)
        sizes.append(series(metrics))
    assert sizes[0] == sizes[1]
    assert metrics.registry.get_sample_value("rapport_detector_accounts") == 11_000
    assert not re.search(r"account-\d|subject \d", generate_latest(metrics.registry).decode())


def test_a_scrape_reads_back_completely() -> None:
    metrics = with_every_series(Metrics())
    text = generate_latest(metrics.registry).decode()
    read = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    assert {name for name, _ in series(metrics)} == read


def test_promtool_finds_no_fault_in_a_scrape(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    text = generate_latest(with_every_series(Metrics()).registry)
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def counters(metrics: Metrics) -> dict[str, Counter]:
    return {name: metric for name, metric in vars(metrics).items() if isinstance(metric, Counter)}


def test_every_counter_is_0_from_the_first_scrape_under_each_label_set_that_is_known() -> None:
    known = {process: label_sets_of(process) for process in PROCESSES}
    assert {name for sets in known.values() for name in sets} == counters(Metrics()).keys()
    for process, sets in known.items():
        metrics = Metrics()
        start_at_zero(metrics, process)
        for name, counter in counters(metrics).items():
            (family,) = counter.collect()
            samples = [sample for sample in family.samples if sample.name.endswith("_total")]
            found = {
                tuple(sample.labels[label] for label in counter._labelnames): sample.value
                for sample in samples
            }
            assert found == dict.fromkeys(sets.get(name, ()), 0.0), (process, name)


def test_work_adds_no_counter_series_to_those_of_the_first_scrape() -> None:
    metrics = Metrics()
    for process in PROCESSES:
        start_at_zero(metrics, process)
    before = {found for found in series(metrics) if found[0].endswith("_total")}
    counted(metrics, range(100))
    count_drafts(metrics, [draft_of("t")])
    assert {found for found in series(metrics) if found[0].endswith("_total")} == before


def test_every_process_exports_its_memory_files_and_interpreter() -> None:
    metrics = Metrics()
    metrics.watch_process()
    names = {name for name, _ in series(metrics)}
    assert {"process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"} <= names
    assert {"python_info", "python_gc_collections_total"} <= names
