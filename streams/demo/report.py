"""The tables of the demo: a live table while it plays, and a summary of its findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles

from rich.table import Table
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import overview
from streams.demo.model import Company
from streams.demo.player import Tally
from streams.kafka.topics import DRAFTING, SENTIMENT


@dataclass(frozen=True)
class Latency:
    """Seconds from sending a ticket to its effect: median, 95th percentile, number of tickets."""

    p50_seconds: float
    p95_seconds: float
    count: int

    def words(self) -> str:
        """Return the figures as text for people."""
        if not self.count:
            return "–"
        return f"p50 {self.p50_seconds:.2f} s · p95 {self.p95_seconds:.2f} s"


def latency(sent_at: Mapping[str, datetime], seen_at: Mapping[str, datetime]) -> Latency:
    """Return the latency of the events that are in both mappings.

    >>> from datetime import timedelta
    >>> start = datetime(2026, 1, 1)
    >>> done = {"a": start + timedelta(seconds=1), "b": start + timedelta(seconds=3)}
    >>> latency({"a": start, "b": start, "c": start}, done)
    Latency(p50_seconds=2.0, p95_seconds=2.9, count=2)
    """
    waits = sorted(
        (seen_at[event_id] - sent).total_seconds()
        for event_id, sent in sent_at.items()
        if event_id in seen_at
    )
    if len(waits) < 2:
        only = waits[0] if waits else 0.0
        return Latency(only, only, len(waits))
    cuts = quantiles(waits, n=100, method="inclusive")
    return Latency(cuts[49], cuts[94], len(waits))


@dataclass(frozen=True)
class Findings:
    """The findings of the run, compared with the planted stories."""

    counts: Mapping[str, int]
    answerable: int
    answered: int
    unanswerable: int
    abstained: int
    planted: Mapping[str, bool]
    to_score: Latency
    to_draft: Latency

    @property
    def coverage(self) -> float:
        """Return the share of answerable tickets that got a draft with citations."""
        return self.answered / max(1, self.answerable)


def findings(engine: Engine, company: Company, tally: Tally, ticket_ids: frozenset[str]) -> Findings:
    """Read the results of the service and compare them with the truth of the sample company."""
    with Session(engine) as session:
        counts = overview.counts(session)
        cited, abstained = overview.drafted_tickets(session)
        causes = overview.alert_causes(session)
        to_score = latency(tally.sent_at, overview.seen_at(session, SENTIMENT))
        to_draft = latency(tally.sent_at, overview.seen_at(session, DRAFTING))
    others = ticket_ids - company.answerable
    return Findings(
        counts=counts,
        answerable=len(company.answerable),
        answered=len(cited & company.answerable),
        unanswerable=len(others),
        abstained=len((abstained & others) - cited),
        planted=planted_found(company, causes, counts["incidents"]),
        to_score=to_score,
        to_draft=to_draft,
    )


def planted_found(company: Company, causes: set[tuple[str, str]], incidents: int) -> dict[str, bool]:
    """Return, for each planted story, whether an alert (for the outage: an incident) names it."""
    found: dict[str, bool] = {
        cause: any((onset.account_id, seen) in causes for seen in (cause, "combined"))
        for cause, onset in company.planted.onsets().items()
    }
    return found | {"outage": incidents > 0}


def live_table(engine: Engine, tally: Tally, *, lag_records: int, title: str) -> Table:
    """Return the table of a running demo."""
    with Session(engine) as session:
        counts = overview.counts(session)
        cited, abstained = overview.drafted_tickets(session)
        to_score = latency(tally.sent_at, overview.seen_at(session, SENTIMENT))
        to_draft = latency(tally.sent_at, overview.seen_at(session, DRAFTING))
    moment = f"{tally.event_time:%a %d %b %H:%M}" if tally.event_time else "–"
    return two_columns(
        title,
        [
            ("event time", moment),
            ("in", f"{tally.tickets:,} ticket events · {tally.usage_events:,} usage events"),
            ("scored", f"{counts['scored']:,} ({counts['score_abstained']} declined)"),
            ("drafted", f"{len(cited):,} with sources ({len(abstained - cited)} declined)"),
            ("alerts", f"{counts['alerts']} · incidents {counts['incidents']}"),
            ("dead letters", f"{counts['dead_letters']}"),
            ("lag", f"{lag_records:,} records"),
            ("ticket → score", to_score.words()),
            ("ticket → draft", to_draft.words()),
        ],
    )


def summary_table(found: Findings, tally: Tally) -> Table:
    """Return the table of a finished demo."""
    counts = found.counts
    stories = [(f"planted: {name.replace('_', ' ')}", _mark(hit)) for name, hit in found.planted.items()]
    return two_columns(
        "Summary",
        [
            ("in", f"{tally.tickets:,} ticket events · {tally.usage_events:,} usage events"),
            ("scored", f"{counts['scored']:,} ({counts['score_abstained']} declined)"),
            ("answerable tickets drafted", f"{found.answered} of {found.answerable} ({found.coverage:.0%})"),
            ("unanswerable tickets declined", f"{found.abstained} of {found.unanswerable}"),
            (
                "alerts",
                f"{counts['alerts']} · incidents {counts['incidents']} · outreach {counts['outreach']}",
            ),
            *stories,
            ("dead letters", f"{counts['dead_letters']}"),
            ("ticket → score", found.to_score.words()),
            ("ticket → draft", found.to_draft.words()),
        ],
    )


def _mark(hit: bool) -> str:
    return "found" if hit else "[bold red]missed[/]"


def two_columns(title: str, rows: Sequence[tuple[str, str]]) -> Table:
    """Return a table of names and values."""
    table = Table(title=title, show_header=False, min_width=64)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    for name, value in rows:
        table.add_row(name, value)
    return table
