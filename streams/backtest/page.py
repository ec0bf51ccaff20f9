"""The HTML report of a backtest: one file without any link, readable on a phone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from schemas.knowledge import Account
from streams.backtest.drawing import AccountChart, ChartMark, ChartShade
from streams.backtest.outcomes import KnownOutcomes
from streams.backtest.records import Backtest, ReplayStep, SeenIncident, StepKind
from streams.backtest.summary import plural, summary_rows

MOST_ACCOUNTS: Final = 300
"""Accounts with a chart of their own: a page of about 3 MB. Those with the most decisions come first."""

OPEN_ACCOUNTS: Final = 10
"""Accounts that are unfolded when the page opens."""

_FOLDER: Final = Path(__file__).parent / "templates"
_STYLE: Final[Mapping[StepKind, str]] = {
    "opened": "opened",
    "joined": "joined",
    "recovered": "closed",
    "expired": "closed",
}
_WORDS: Final[Mapping[StepKind, str]] = {
    "opened": "Alert, a case opens",
    "joined": "Alert, a further cause joins the case",
    "retold": "Alert, the case is told again",
    "unchanged": "Alert that changes nothing",
    "rested": "No alert, the account rests",
    "quietened": "No alert, its rule is quiet",
    "explained": "No alert, an incident explains it",
    "held_back": "No alert",
    "recovered": "Case closed by recovery",
    "expired": "Case expired",
}


@dataclass(frozen=True)
class ShownStep:
    """One line of an account."""

    at: datetime
    word: str
    sentence: str
    verdict: str = ""
    next_action: str = ""
    contrary: tuple[str, ...] = ()

    @property
    def style(self) -> str:
        """The class of the verdict in the style sheet."""
        return "right" if self.verdict == "right" else "wrong" if self.verdict != "open" else "soft"


@dataclass(frozen=True)
class ShownAccount:
    """One account of the page."""

    name: str
    told: str
    chart: Markup
    steps: Sequence[ShownStep]
    is_open: bool


def environment() -> Environment:
    """Return the templates of this folder; every value is escaped."""
    made = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True)
    made.filters["minute"] = minute
    # The style sheet of this folder is the only text that a page takes as it is.
    made.globals["style"] = Markup((_FOLDER / "style.css").read_text(encoding="utf-8"))
    return made


def minute(at: datetime) -> str:
    """Return an instant as the pages show it.

    >>> minute(datetime(2026, 3, 2, 9, 5, tzinfo=UTC))
    '2026-03-02 09:05'
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def backtest_page(
    backtest: Backtest, accounts: Mapping[str, Account], known: KnownOutcomes | None, *, note: str = ""
) -> str:
    """Return the report as HTML; `note` says what was read."""
    shown = _Accounts(backtest, accounts, known).shown()
    return (
        environment()
        .get_template("backtest.html")
        .render(
            first=f"{backtest.span.start:%Y-%m-%d}",
            last=f"{backtest.span.end:%Y-%m-%d %H:%M}",
            note=note,
            summary=summary_rows(backtest, known),
            incidents=backtest.incidents,
            accounts=shown,
            left_out=max(0, len(backtest.use.series) - len(shown)),
            has_outcomes=known is not None,
        )
    )


class _Accounts:
    """Tells the accounts of a backtest, those with the most decisions first."""

    def __init__(
        self, backtest: Backtest, accounts: Mapping[str, Account], known: KnownOutcomes | None
    ) -> None:
        self._backtest = backtest
        self._accounts = accounts
        self._known = known
        self._left = {} if known is None else known.left_on
        self._steps: dict[str, list[ReplayStep]] = defaultdict(list)
        for step in backtest.steps:
            self._steps[step.account_id].append(step)
        self._incidents: dict[str, list[SeenIncident]] = defaultdict(list)
        for seen in backtest.incidents:
            for account_id in seen.incident.account_ids:
                self._incidents[account_id].append(seen)

    def shown(self) -> list[ShownAccount]:
        """Return the accounts to show, in their order."""
        order = sorted(self._backtest.use.series, key=self._rank)[:MOST_ACCOUNTS]
        return [self._account(key, is_open=place < OPEN_ACCOUNTS) for place, key in enumerate(order)]

    def _rank(self, account_id: str) -> tuple[int, bool, int, str]:
        steps = self._steps.get(account_id, [])
        opened = sum(step.kind == "opened" for step in steps)
        return -opened, account_id not in self._left, -len(steps), account_id

    def _account(self, account_id: str, *, is_open: bool) -> ShownAccount:
        steps, account = self._steps.get(account_id, []), self._accounts.get(account_id)
        told = [account_id] if account else []
        left = self._left.get(account_id)
        told += [] if left is None else [f"left on {left.isoformat()}"]
        opened = sum(step.kind == "opened" for step in steps)
        told.append(plural(opened, "alert"))
        return ShownAccount(
            name=account.name if account else account_id,
            told=", ".join(told),
            chart=self._chart(account_id, steps),
            steps=[self._step(step) for step in steps],
            is_open=is_open and bool(steps),
        )

    def _step(self, step: ReplayStep) -> ShownStep:
        word = _WORDS[step.kind]
        if step.alert is None or step.kind != "opened":
            return ShownStep(step.at, word, step.sentence)
        verdict = "" if self._known is None else self._known.verdict(step.account_id, step.at)
        alert = step.alert
        return ShownStep(step.at, word, step.sentence, verdict, alert.next_action, alert.contrary)

    def _chart(self, account_id: str, steps: Sequence[ReplayStep]) -> Markup:
        marks = [
            ChartMark(step.at, _STYLE[step.kind], f"{minute(step.at)} {_WORDS[step.kind]}")
            for step in steps
            if step.kind in _STYLE
        ]
        left = self._left.get(account_id)
        if left is not None:
            marks.append(ChartMark(datetime.combine(left, time(12)), "left", f"left on {left.isoformat()}"))
        shades = [
            ChartShade(seen.incident.started_at, seen.last_move_at, seen.incident.sentence)
            for seen in self._incidents.get(account_id, [])
        ]
        chart = AccountChart(self._backtest.span, self._backtest.use.series[account_id])
        # The chart escapes its labels itself.
        return Markup(chart.svg(marks, shades))
