"""A program: `python -m tests.benchmarks.usage_alarms` measures the usage detector's alarms on real use.

Each student's daily clicks (OULAD) are one account. The clock of an account runs to the last day of its
cohort, as the clock of a partition does with the events of other accounts. Dark means no event for 28 days.
The run on the held-out half also writes its section of RESULTS.md in this folder.
"""

import csv
import gzip
import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import Annotated, Literal

import typer
from rich.console import Console

from detectors.usage import UsageDetector, UsagePolicy
from schemas.usage import Anomaly, UsageEvent
from tests.benchmarks.inputs import START
from tests.results import write_section

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
RESULTS = Path(__file__).with_name("RESULTS.md")
HELD_OUT = "odd"
DARK = timedelta(days=28)
LEAST_HISTORY = timedelta(days=14)
MONTH = timedelta(days=30.4)

Half = Literal["even", "odd", "all"]
people = Console(width=140)


@dataclass
class Account:
    """The events of one account in order, the end of its cohort's data, and the anomalies found."""

    ends: datetime
    events: list[UsageEvent] = field(default_factory=list)
    found: list[Anomaly] = field(default_factory=list)

    def last(self) -> datetime:
        """Return the time of the last event."""
        return self.events[-1].occurred_at

    def span(self) -> timedelta:
        """Return the time from the first event to the last."""
        return self.last() - self.events[0].occurred_at

    def dark_after(self, at: datetime) -> bool:
        """Tell whether no event came in the 28 days from `at`."""
        return not any(at <= event.occurred_at < at + DARK for event in self.events)

    def stops(self) -> bool:
        """Tell whether the account stops: at least 14 days of events, then none in the last 28 days."""
        return self.last() < self.ends - DARK and self.span() >= LEAST_HISTORY


def half_of(account_id: str) -> Half:
    """Return the half that an account belongs to, by a hash of its id.

    >>> half_of("AAA-2013J/28400")
    'odd'
    """
    return "odd" if blake2b(account_id.encode(), digest_size=8).digest()[-1] % 2 else "even"


def load(folder: Path, half: Half) -> list[Account]:
    """Return the accounts of a half; all cohorts start on the same day."""
    by_id: dict[str, Account] = {}
    ends: dict[str, datetime] = {}
    for number, row in enumerate(_rows(folder / "usage.csv.gz")):
        at = START + timedelta(days=int(row["day"]))
        ends[row["cohort"]] = max(at, ends.get(row["cohort"], at))
        account_id = f"{row['cohort']}/{row['account_id']}"
        if half in ("all", half_of(account_id)):
            event = UsageEvent(f"e{number}", account_id, row["event"], at, float(row["count"]))
            by_id.setdefault(account_id, Account(at)).events.append(event)
    for account_id, account in by_id.items():
        account.events.sort(key=lambda event: event.occurred_at)
        account.ends = ends[account_id.split("/")[0]]
    return list(by_id.values())


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file)


def play(accounts: Sequence[Account], policy: UsagePolicy) -> float:
    """Fill `found` of every account; return the CPU seconds of that work."""
    start = time.process_time()
    for account in accounts:
        detector = UsageDetector(account.events[0].account_id, policy)
        for event in account.events:
            account.found += detector.observe(event).anomalies
        account.found += detector.advance(account.ends)
    return time.process_time() - start


def alarms(accounts: Sequence[Account]) -> Iterator[str]:
    """Yield one line per cause: alarms per account-month, and the share followed by 28 dark days."""
    months = sum((account.span() for account in accounts), timedelta()) / MONTH
    all_found = [(account, anomaly) for account in accounts for anomaly in account.found]
    yield f"{len(accounts)} accounts, {months:.0f} account-months from first to last event"
    for cause, count in sorted(Counter(anomaly.cause for _, anomaly in all_found).items()):
        dark = [
            account.dark_after(anomaly.detected_at)
            for account, anomaly in all_found
            if anomaly.cause == cause and anomaly.detected_at <= account.ends - DARK
        ]
        right = f"{sum(dark) / len(dark):.2f} of {len(dark)}" if dark else "none to tell by"
        yield f"{cause}: {count}, {count / months:.4f} per account-month; followed by 28 dark days: {right}"


def stops(accounts: Sequence[Account]) -> Iterator[str]:
    """Yield one line per way to find an account that stops: recall, and days after its last event."""
    stopped = [account for account in accounts if account.stops()]
    ways = {"silence after": ("silence",), "any cause from 28 days before": ("silence", "drop")}
    for name, causes in ways.items():
        earliest = -28 if len(causes) > 1 else 0
        lags = []
        for account in stopped:
            found = [anomaly for anomaly in account.found if anomaly.cause in causes]
            days = [(anomaly.detected_at - account.last()).days for anomaly in found]
            lags += [min(day for day in days if day >= earliest)] if any(d >= earliest for d in days) else []
        middle = f", median {median(lags):.0f} days after the last event" if lags else ""
        yield f"{name}: {len(lags)} of {len(stopped)} accounts that stop{middle}"


def main(
    data: Annotated[Path, typer.Option("--data", help="Folder with oulad/.")] = DATA,
    *,
    half: Annotated[str, typer.Option(help="even (tuned on), odd (held out) or all.")] = HELD_OUT,
) -> None:
    """Print alarms per account-month, precision, recall and cost."""
    if half not in ("even", "odd", "all") or not (data / "oulad" / "usage.csv.gz").is_file():
        raise typer.BadParameter("half must be even, odd or all, and the data folder must hold oulad/")
    accounts = load(data / "oulad", half)  # type: ignore[arg-type]
    seconds = play(accounts, UsagePolicy())
    events = sum(len(account.events) for account in accounts)
    lines = [*alarms(accounts), *stops(accounts)]
    lines.append(f"{events} events, {seconds / events * 1e6:.1f} us of CPU each")
    for line in lines:
        people.print(line, highlight=False)
    if half == HELD_OUT:
        command = shlex.join(["python", "-m", "tests.benchmarks.usage_alarms", *sys.argv[1:]])
        write_section(RESULTS, "usage-alarms", command, "\n".join(f"- {line}" for line in lines))


if __name__ == "__main__":
    typer.run(main)
