"""The tables of `rapport evaluate sentiment`."""

import math
from collections.abc import Mapping
from typing import Final

from rich.markup import escape
from rich.table import Table

from streams.evaluate.bootstrap import Sampled
from streams.evaluate.mood_report import Figures, MoodReport
from streams.operate.dead_letters import printable

MOST_PROBABLE: Final = (
    "The figures use the most probable mood, also for rows that abstain as uncertain. Rows without "
    "probabilities count as wrong."
)

_GROUP_FIGURES: Final = ("accuracy", "recall_negative")
_NAMES: Final[Mapping[str, str]] = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "auc_negative": "AUC of negative",
    "recall_negative": "recall of negative",
    "neutral_called_negative": "neutral called negative",
    "precision_positive": "precision of positive",
    "recall_sarcasm": "recall of sarcasm",
    "auc_frustration": "AUC of frustration",
    "recall_threat": "recall of threat",
    "precision_threat": "precision of threat",
    "ece": "calibration error (ECE)",
    "error_among_kept": "error among the kept",
}
"""The name of each figure in the tables; those of groups are made by `_name`."""


def figures_table(report: MoodReport, *, model: str) -> Table:
    """Return the figures of all rows, with their intervals, beside the figures of the baseline."""
    drawn = f"95 % intervals over drawn {report.resampled}"
    table = Table(title=f"Sentiment: {report.rows:,} rows, model {model}", caption=drawn)
    table.add_column("figure", overflow="fold")
    for heading in ("model", "baseline"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name in _in_order(report.overall):
        table.add_row(_name(name), _shown(report.overall[name]), _shown(report.baseline.get(name)))
    without = sum(report.without_mood.values())
    table.add_row("rows without probabilities", f"{without:,}", "")
    return table


def groups_table(title: str, groups: Mapping[str, tuple[int, Figures]]) -> Table:
    """Return accuracy and recall of negative by group; --json has every figure of each group."""
    table = Table(title=f"By {title}", caption="--json FILE has every figure of each group")
    table.add_column(title, overflow="fold")
    for heading in ("rows", *(_NAMES[name] for name in _GROUP_FIGURES)):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, (rows, found) in groups.items():
        table.add_row(
            escape(printable(name)), f"{rows:,}", *(_shown(found[figure]) for figure in _GROUP_FIGURES)
        )
    return table


def _in_order(found: Figures) -> list[str]:
    return [name for name in _NAMES if name in found] + [name for name in found if name not in _NAMES]


def _name(figure: str) -> str:
    """Return the name of a figure for people.

    >>> _name("coverage.80"), _name("abstained.uncertain"), _name("ece")
    ('accuracy at 80 % coverage', 'abstained: uncertain', 'calibration error (ECE)')
    """
    group, _, member = figure.partition(".")
    if group == "coverage":
        return f"accuracy at {member} % coverage"
    return f"{group}: {member.replace('_', ' ')}" if member else _NAMES[figure]


def _shown(figure: Sampled | None) -> str:
    """Return a figure with its interval.

    >>> _shown(None)
    '–'
    """
    if figure is None or math.isnan(figure.value):
        return "–"
    low, high = figure.interval
    return f"{figure.value:.3f} ({low:.3f} to {high:.3f})"
