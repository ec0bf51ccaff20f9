"""The summary of a backtest as rows of text: for the page and for the terminal."""

from streams.backtest.outcomes import KnownOutcomes, OutcomeFigures, outcome_figures
from streams.backtest.records import Backtest
from streams.evaluate.proportion import Proportion

SummaryRow = tuple[str, str, str]
"""Name, value, remark."""


def summary_rows(backtest: Backtest, known: KnownOutcomes | None) -> list[SummaryRow]:
    """Return the summary; without outcomes nothing is said of right and wrong."""
    opened, months = backtest.count("opened"), backtest.account_months
    rate = f"{opened / months:.3f} per account-month" if months else ""
    fates = backtest.use.fates
    lost = ", ".join(f"{count:,} {name}" for name, count in sorted(fates.items()) if name != "counted")
    followed = sum(bool(series.days) for series in backtest.use.series.values())
    rows: list[SummaryRow] = [
        ("accounts", f"{followed:,}", f"{months:,.1f} account-months"),
        ("usage events", f"{fates['counted']:,}", f"also {lost}" if lost else ""),
        ("anomalies found", f"{len(backtest.anomalies):,}", ""),
        ("alerts", f"{opened:,}", rate),
        ("further causes of open cases", f"{backtest.count('joined'):,}", ""),
        ("incidents", f"{len(backtest.incidents):,}", _explained(backtest)),
        ("cases closed by recovery", f"{backtest.count('recovered'):,}", ""),
    ]
    return rows if known is None else rows + outcome_rows(outcome_figures(backtest, known), known)


def _explained(backtest: Backtest) -> str:
    count = backtest.count("explained")
    return f"they explain {plural(count, 'alert')}, which nobody is told" if count else ""


def plural(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> plural(1, "alert"), plural(1_200, "alert")
    ('1 alert', '1,200 alerts')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def outcome_rows(figures: OutcomeFigures, known: KnownOutcomes) -> list[SummaryRow]:
    """Return the rows about right and wrong."""
    days = known.horizon_days
    lead = figures.lead_quantiles()
    span = "" if lead is None else f"{lead[0]:.0f} to {lead[2]:.0f} days for the middle half"
    late = figures.after_leaving
    said = [f"too young to judge: {plural(figures.open, 'alert')}"] if figures.open else []
    said += [f"after the account had left: {plural(late, 'alert')}"] if late else []
    return [
        ("precision", share_told(figures.precision), f"of alerts; the account left within {days} days"),
        ("recall", share_told(figures.recall), f"of accounts that left; alerted {days} days before or later"),
        ("lead time", "–" if lead is None else f"{lead[1]:.0f} days", span),
        ("judged alerts", f"{figures.precision.total:,}", "; ".join(said)),
    ]


def share_told(share: Proportion) -> str:
    """Return a share with its 95 % interval and its counts.

    >>> share_told(Proportion(3, 4)), share_told(Proportion(0, 0))
    ('75 % (30–95 %, 3 of 4)', '–')
    """
    if not share.total:
        return "–"
    low, high = share.interval
    bounds = f"{100 * low:.0f}–{100 * high:.0f} %"
    return f"{100 * share.share:.0f} % ({bounds}, {share.count} of {share.total})"
