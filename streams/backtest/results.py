"""The result of a backtest as JSON: figures, incidents, and every decision with its reason."""

from collections.abc import Mapping
from typing import Any

from streams.backtest.outcomes import KnownOutcomes, OutcomeFigures, outcome_figures
from streams.backtest.records import Backtest, ReplayStep, SeenIncident
from streams.evaluate.proportion import Proportion


def figures_of(backtest: Backtest, known: KnownOutcomes | None) -> dict[str, Any]:
    """Return the figures of a backtest; `outcomes` is None unless outcomes are known."""
    opened, months = backtest.count("opened"), backtest.account_months
    figures: dict[str, Any] = {
        "accounts": sum(bool(series.days) for series in backtest.use.series.values()),
        "account_months": round(months, 2),
        "anomalies": len(backtest.anomalies),
        "alerts": opened,
        "alerts_per_month": round(opened / backtest.span.months, 2),
        "alerts_per_account_month": round(opened / months, 4) if months else None,
        "joined": backtest.count("joined"),
        "explained": backtest.count("explained"),
        "incidents": len(backtest.incidents),
        "recovered": backtest.count("recovered"),
        "expired": backtest.count("expired"),
        "by_cause": _by_cause(backtest),
        "events": dict(backtest.use.fates),
        "detectors_set_aside": backtest.use.set_aside,
        "outcomes": None,
    }
    if known is not None:
        figures["outcomes"] = outcomes_json(outcome_figures(backtest, known), known)
    return figures


def _by_cause(backtest: Backtest) -> dict[str, int]:
    causes = [step.alert.cause for step in backtest.opened() if step.alert is not None]
    return {cause: causes.count(cause) for cause in sorted(set(causes))}


def outcomes_json(figures: OutcomeFigures, known: KnownOutcomes) -> dict[str, Any]:
    """Return the figures against outcomes, shares with their 95 % intervals."""
    lead = figures.lead_quantiles()
    return {
        "horizon_days": known.horizon_days,
        "known_until": known.known_until.isoformat(),
        "precision": _share(figures.precision),
        "recall": _share(figures.recall),
        "lead_days": None if lead is None else dict(zip(("q1", "median", "q3"), lead, strict=True)),
        "open_alerts": figures.open,
        "alerts_after_leaving": figures.after_leaving,
    }


def _share(share: Proportion) -> dict[str, Any]:
    low, high = share.interval
    value = share.share if share.total else None
    return {"value": value, "count": share.count, "total": share.total, "low": low, "high": high}


def backtest_json(backtest: Backtest, known: KnownOutcomes | None) -> dict[str, Any]:
    """Return the whole result; times are ISO 8601 in UTC."""
    span = {"start": backtest.span.start.isoformat(), "end": backtest.span.end.isoformat()}
    return {
        "span": span,
        "figures": figures_of(backtest, known),
        "incidents": [_incident(seen) for seen in backtest.incidents],
        "decisions": [_decision(step, known) for step in backtest.steps],
        "anomalies": [
            anomaly.model_dump(mode="json", exclude={"chart", "kind"}) for anomaly in backtest.anomalies
        ],
    }


def _incident(seen: SeenIncident) -> Mapping[str, Any]:
    last = {"last_move_at": seen.last_move_at.isoformat()}
    return seen.incident.model_dump(mode="json") | last


def _decision(step: ReplayStep, known: KnownOutcomes | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "at": step.at.isoformat(),
        "account_id": step.account_id,
        "decision": step.kind,
        "why": step.sentence,
        "case_id": step.case_id,
        "incident_id": step.incident_id,
    }
    if step.alert is None:
        return found
    alert = step.alert.model_dump(
        mode="json", include={"alert_id", "cause", "severity", "score", "started_at", "detected_at"}
    )
    if known is not None and step.kind == "opened":
        alert["verdict"] = known.verdict(step.account_id, step.at)
    return found | alert
