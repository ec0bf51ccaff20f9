"""The whole service as a new user sees it: `rapport demo` with a time limit, watched from outside."""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.process.ports import free_port
from tests.helm.support.charts import metric_names_used, sample_names

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 75
PATIENCE_SECONDS = 500.0
"""The demo works off what it sent: a minute on a free machine, four beside other tests on a slow one."""

LINK_SECRET = "the-secret-of-the-start-link"

pytestmark = pytest.mark.timeout(900)


def fetch(url: str, token: str = "") -> str:
    request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urlopen(request, timeout=5) as answer:
            return str(answer.read().decode())
    except (URLError, OSError):
        return ""


def refused(url: str) -> bool:
    """Tell whether the desk is up and refuses a visitor without the start link."""
    try:
        with urlopen(url, timeout=5):
            return False
    except HTTPError as error:
        with error:
            return error.code == 403
    except (URLError, OSError):
        return False


@dataclass
class Watched:
    """The traces of a demo: exit code, output, logs, and the last scrape of each process."""

    exit_code: int = -1
    output: str = ""
    scrapes: dict[str, str] = field(default_factory=dict)
    ready: dict[str, str] = field(default_factory=dict)
    queue: str = ""
    alerts: str = ""
    closed: bool = False
    logs: dict[str, bytes] = field(default_factory=dict)

    def total(self, process: str, sample: str, **labels: str) -> float:
        families = text_string_to_metric_families(self.scrapes[process])
        samples = [found for family in families for found in family.samples if found.name == sample]
        return sum(found.value for found in samples if labels.items() <= found.labels.items())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    environment = {
        **os.environ,
        "RAPPORT_DATA_FOLDER": str(folder / "data"),
        "RAPPORT_DESK_PORT": str(port),
        "RAPPORT_DESK_TOKEN": LINK_SECRET,
        "DEMO_SECONDS": str(SECONDS),
        "COLUMNS": "120",
    }
    watched, output = Watched(), folder / "output.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams", "demo"], cwd=ROOT, env=environment, stdout=sink, stderr=sink
        )
        watch(process, watched, folder / "data" / "demo" / "logs" / "prometheus-targets.json", port)
        watched.exit_code = process.wait(timeout=60)
    watched.output = output.read_text()
    watched.logs = {
        path.name: path.read_bytes() for path in (folder / "data" / "demo" / "logs").glob("*.log")
    }
    return watched


def watch(process: "subprocess.Popen[bytes]", watched: Watched, targets: Path, port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(1)
        for target in json.loads(targets.read_text()) if targets.exists() else []:
            name, address = target["labels"]["process"], target["targets"][0]
            watched.scrapes[name] = fetch(f"http://{address}/metrics") or watched.scrapes.get(name, "")
            watched.ready[name] = fetch(f"http://{address}/readyz") or watched.ready.get(name, "")
        watched.queue = fetch(f"http://127.0.0.1:{port}/tickets", LINK_SECRET) or watched.queue
        watched.alerts = fetch(f"http://127.0.0.1:{port}/accounts", LINK_SECRET) or watched.alerts
        watched.closed = watched.closed or refused(f"http://127.0.0.1:{port}/tickets")


def number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found, f"{pattern} not in\n{text}"
    return int(found.group(1).replace(",", ""))


def test_the_demo_ends_by_itself_with_everything_accounted_for(demo: Watched) -> None:
    assert demo.exit_code == 0, demo.output
    assert "ledger gap 0 · in flight 0 · not sent 0" in demo.output
    assert "missed" not in demo.output
    assert demo.output.count("found") == 5


def test_the_demo_reaches_the_sizes_it_promises(demo: Watched) -> None:
    assert number(r"scored\W+([\d,]+) \(", demo.output) >= 300
    assert number(r"ticket events · ([\d,]+) usage events", demo.output) >= 20_000
    assert number(r"answerable tickets drafted\W+\d+ of \d+ \((\d+)%\)", demo.output) >= 60
    assert re.search(r"ticket → score\W+p50 [\d.]+ s · p95 [\d.]+ s", demo.output)
    assert re.search(r"ticket → draft\W+p50 [\d.]+ s · p95 [\d.]+ s", demo.output)


def test_every_process_serves_its_metrics_and_was_ready(demo: Watched) -> None:
    assert set(demo.scrapes) == {"desk", "relay", "sentiment", "usage", "churn", "drafting"}
    assert all(json.loads(answer)["alive"] for answer in demo.ready.values())


def test_the_metrics_count_the_work_of_the_demo(demo: Watched) -> None:
    effects = {"fate": "effect"}
    assert demo.total("sentiment", "rapport_records_total", **effects) >= 300
    assert demo.total("usage", "rapport_records_total", **effects) >= 20_000
    assert (
        demo.total("churn", "rapport_churn_alerts_total") >= 4
    )  # alerts that are released in an idle moment count too
    assert demo.total("churn", "rapport_incidents_total") >= 1
    assert demo.total("drafting", "rapport_drafts_total", kind="reply", outcome="ready") >= 150
    assert demo.total("drafting", "rapport_model_abstentions_total") >= 1
    assert demo.total("relay", "rapport_outbox_published_total") >= 300
    assert demo.total("relay", "rapport_outbox_pending_rows") == 0
    assert demo.total("sentiment", "rapport_model_batch_items_count") >= 1
    assert demo.total("sentiment", "rapport_lag_records") == 0
    assert demo.total("desk", "rapport_desk_request_seconds_count", route="/tickets") >= 1
    for group in ("sentiment", "usage", "churn", "drafting"):
        assert demo.total(group, "rapport_end_to_end_seconds_count") >= 1
        assert demo.total(group, "rapport_last_progress_timestamp_seconds") > 0


def test_every_metric_of_dashboard_and_rules_is_in_the_live_scrape(demo: Watched) -> None:
    families = [
        family for scrape in demo.scrapes.values() for family in text_string_to_metric_families(scrape)
    ]
    assert metric_names_used() <= sample_names(families)


def test_a_log_has_no_terminal_code_and_every_line_is_json(demo: Watched) -> None:
    assert len(demo.logs) == 6
    for name, log in demo.logs.items():
        assert b"\x1b" not in log, name
        assert all(json.loads(line)["event"] for line in log.splitlines()), name
    assert "\x1b" not in demo.output


def test_every_process_tells_its_memory(demo: Watched) -> None:
    for process in demo.scrapes:
        assert demo.total(process, "process_resident_memory_bytes") > 10_000_000


def test_no_label_names_a_customer(demo: Watched) -> None:
    for scrape in demo.scrapes.values():
        assert "TES-" not in scrape
        assert "account_id" not in scrape


def test_the_desk_opens_by_the_printed_link_alone(demo: Watched) -> None:
    assert demo.closed
    assert re.search(rf"http://127\.0\.0\.1:\d+/\?token={LINK_SECRET}\s", demo.output)


def test_the_desk_showed_the_queue_and_the_alerts(demo: Watched) -> None:
    assert "draft ready" in demo.queue
    assert "One shared cause" in demo.alerts
    assert "Acknowledge" in demo.alerts
