"""A program: `python -m tests.benchmarks.usage_detection` measures false alerts, and delays of true ones.

The packed detector judges simulated accounts: a zoo of streams without trouble, and planted falls and
failures. For planted trouble the budget learns until the day before it and is then frozen: otherwise half of
the accounts falling at once would teach it that falls are usual. Beside it stands River's GaussianScorer on
totals of days.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from detectors.usage.counts.budget import CAUSES, SHARES
from tests.benchmarks.usage_detection.replay import Alert, gaussian_alerts, replayed
from tests.benchmarks.usage_detection.streams import (
    DAYS,
    ONSET_DAY,
    ONSET_HOUR,
    QUIET,
    VACATION_DAYS,
    StreamKind,
    apart,
    counts_of,
    fall,
    more_failures,
    off,
    outage,
)

ONSET = ONSET_DAY * 24 + ONSET_HOUR
WATCHED_HOURS = 168
LEAST_COHORT = 60
LEAVERS = 5
OUTAGES = (
    ("60 % of the accounts at 30 % for 4 h", 0.3, 4),
    ("60 % of the accounts at 0 % for 4 h", 0.0, 4),
    ("60 % of the accounts at 30 % for a day", 0.3, 24),
    ("60 % of the accounts at 0 % for 2 days", 0.0, 48),
    ("60 % of the accounts at 30 % for 3 days", 0.3, 72),
)
"""Name, level and hours of each outage."""

LOW, FAILURES = CAUSES.index("low"), CAUSES.index("failures")

people = Console(width=140)


def quiet_lines(accounts: int, per_month: float) -> Iterator[str]:
    """Yield false alerts per account-month of each quiet kind, per cause, and as a multiple of the budget."""
    months = accounts * (DAYS - 7) / 30.4
    asked = " ".join(f"{cause} {share * per_month:.4f}" for cause, share in zip(CAUSES, SHARES, strict=True))
    yield f"alerts per account-month, {months:.0f} account-months each; asked: {asked}"
    for number, (name, kind) in enumerate(QUIET.items()):
        counts, failed = counts_of(kind, accounts, 1_000 + number)
        alerts = replayed(counts, failed, per_month=per_month, is_cohort=True).alerts
        rates = [sum(alert.cause == cause for alert in alerts) / months for cause in range(len(CAUSES))]
        plain = len(gaussian_alerts(counts, per_month=per_month)) / months
        parts = " ".join(f"{cause} {rate:.4f}" for cause, rate in zip(CAUSES, rates, strict=True))
        yield f"{name:20} {parts}  all / budget {sum(rates) / per_month:.1f}  GaussianScorer {plain:.4f}"


def delays(alerts: list[Alert], accounts: int, cause: int, *, onset: int = ONSET) -> Any:
    """Return per account the hours from the onset to the first alert within a week, or infinity."""
    found = np.full(accounts, np.inf)
    for alert in alerts:
        if alert.cause == cause and onset <= alert.hour < onset + WATCHED_HOURS:
            found[alert.account] = min(found[alert.account], alert.hour - onset + 1)
    return found


def said(name: str, found: Any) -> str:
    """Return one line: the share found within a week, and the delay in hours."""
    hours = found[np.isfinite(found)]
    middle = f"p50 {np.median(hours):.0f} h, p90 {np.quantile(hours, 0.9):.0f} h" if len(hours) else "-"
    return f"{name:46} found {len(hours) / len(found):.0%}  {middle}"


def fall_lines(accounts: int, per_month: float) -> Iterator[str]:
    """Yield how early falls are found, by volume, noise and depth, also after a vacation."""
    for volume in (300.0, 30.0, 12.0):
        for noise in (0.15, 0.3):
            for level in (0.5, 0.2, 0.0):
                kind = StreamKind(volume, noise, fall(level))
                found = _fall(kind, accounts, per_month)
                yield said(f"{level - 1:.0%}, {volume:.0f} a day, noise {noise:.0%}", found)
    for level in (0.2, 0.0):
        kind = StreamKind(300.0, 0.15, fall(level, after_vacation=True))
        yield said(f"{level - 1:.0%}, 300 a day, after a week off", _fall(kind, accounts, per_month))
    counts, failed = counts_of(StreamKind(300.0, 0.15, off(ONSET_DAY)), accounts, 6)
    alerts = replayed(counts, failed, per_month=per_month, frozen_from=ONSET_DAY).alerts
    day = delays(alerts, accounts, LOW, onset=ONSET_DAY * 24)
    yield said("a missing day", np.where(day <= 24, day, np.inf))


def _fall(kind: StreamKind, accounts: int, per_month: float) -> Any:
    """Return the delays of a fall; a vacation before it is judged, but teaches the budget nothing."""
    counts, failed = counts_of(kind, accounts, 5)
    alerts = replayed(counts, failed, per_month=per_month, frozen_from=VACATION_DAYS[0]).alerts
    return delays(alerts, accounts, LOW)


def failure_lines(accounts: int, per_month: float) -> Iterator[str]:
    """Yield how early more failures are found, by their usual number and by how much it grows."""
    for usual in (4.0, 20.0):
        for times in (3.0, 10.0):
            counts, failed = counts_of(StreamKind(300.0, 0.15, failures=usual), accounts, 7)
            more = more_failures(failed, usual, times, 8)
            alerts = replayed(counts, more, per_month=per_month, frozen_from=ONSET_DAY).alerts
            name = f"failures x{times:.0f} for 24 h, usually {usual:.0f} a day"
            yield said(name, delays(alerts, accounts, FAILURES))


def cohort_lines(accounts: int, per_month: float) -> Iterator[str]:
    """Yield what remains of trouble that most accounts share, and of leavers beside it.

    Three of five accounts fall, and `LEAVERS` others leave for good in the same hour.
    """
    size = max(accounts, LEAST_COHORT)
    affected, leavers = range(size * 3 // 5), range(size - LEAVERS, size)
    for name, level, hours in OUTAGES:
        change = outage(level, hours, len(affected), LEAVERS)
        counts, failed = counts_of(StreamKind(300.0, 0.15, change), size, 9)
        replay = replayed(counts, failed, per_month=per_month, is_cohort=True, frozen_from=ONSET_DAY)
        own = {alert.account for alert in replay.alerts if alert.cause == LOW and alert.hour >= ONSET}
        found = delays(replay.alerts, size, LOW)[list(leavers)]
        yield (
            f"{name:46} own alerts {len(own & set(affected)) / len(affected):.0%},"
            f" shared {len(replay.shared & set(affected)) / len(affected):.0%} of {len(affected)};"
            f" leavers within 48 h of its end {np.mean(found <= hours + 48):.0%}"
        )
    counts, failed = counts_of(StreamKind(300.0, 0.15, apart(size // 4)), size, 10)
    replay = replayed(counts, failed, per_month=per_month, is_cohort=True, frozen_from=ONSET_DAY)
    found = delays(replay.alerts, size, LOW, onset=ONSET_DAY * 24)[: size // 4]
    yield said("a quarter of the accounts leaves on one day", found)


def main(
    accounts: Annotated[int, typer.Option(min=4, help="Accounts per stream.")] = 60,
    per_month: Annotated[float, typer.Option(help="The alert budget.")] = 0.02,
) -> None:
    """Print false alerts of quiet streams, then delays of planted trouble."""
    for lines in (quiet_lines, fall_lines, failure_lines, cohort_lines):
        for line in lines(accounts, per_month):
            people.print(line, highlight=False, markup=False)


if __name__ == "__main__":
    typer.run(main)
