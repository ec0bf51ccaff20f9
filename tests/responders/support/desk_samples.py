"""Small records for the desk's tests, as rows like those of the consumer groups."""

from datetime import UTC, datetime, timedelta
from math import sin, tau

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from schemas import (
    Account,
    Anomaly,
    ChartPoint,
    ChurnAlert,
    Citation,
    Claim,
    Contribution,
    Draft,
    Incident,
    Sentiment,
    SituationFact,
    Stakes,
    Ticket,
)
from schemas.tables import (
    AccountRow,
    AnomalyRow,
    ChunkRow,
    ChurnAlertRow,
    DraftRow,
    IncidentRow,
    SentimentRow,
    TicketEventRow,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MODEL = "test-model"


def put(engine: Engine, *rows: SQLModel) -> None:
    with Session(engine) as session, session.begin():
        session.add_all(rows)


def account_row(account_id: str = "acme", name: str = "Acme Robotics", **known: object) -> AccountRow:
    account = Account.model_validate({"account_id": account_id, "name": name, **known})
    return AccountRow(account_id=account_id, name=name, record=account.to_json(), updated_at=NOW)


def event_row(
    ticket_id: str, event_id: str = "", *, minutes_ago: float = 30, **fields: object
) -> TicketEventRow:
    ticket = Ticket.model_validate(
        {
            "event_id": event_id or f"{ticket_id}-1",
            "ticket_id": ticket_id,
            "account_id": "acme",
            "subject": f"Subject of {ticket_id}",
            "body": f"Body of {ticket_id}",
            "occurred_at": NOW - timedelta(minutes=minutes_ago),
            **fields,
        }
    )
    return TicketEventRow(
        event_id=ticket.event_id,
        ticket_id=ticket.ticket_id,
        account_id=ticket.account_id,
        kind=ticket.kind,
        channel=ticket.channel,
        record=ticket.to_json(),
        occurred_at=ticket.occurred_at,
    )


def mood_row(
    ticket_id: str, event_id: str = "", *, minutes_ago: float = 30, **fields: object
) -> SentimentRow:
    mood = Sentiment.model_validate(
        {
            "event_id": event_id or f"{ticket_id}-1",
            "ticket_id": ticket_id,
            "account_id": "acme",
            "label": "neutral",
            "probabilities": (0.2, 0.6, 0.2),
            "score": 0.0,
            "language": "en",
            "language_confidence": 0.99,
            "model": MODEL,
            "occurred_at": NOW - timedelta(minutes=minutes_ago),
            "scored_at": NOW,
            **fields,
        }
    )
    return SentimentRow(
        event_id=mood.event_id,
        ticket_id=mood.ticket_id,
        account_id=mood.account_id,
        label=mood.label,
        score=mood.score,
        abstained=mood.abstained,
        record=mood.to_json(),
        occurred_at=mood.occurred_at,
        scored_at=mood.scored_at,
    )


def angry(ticket_id: str, event_id: str = "", **fields: object) -> SentimentRow:
    unhappy: dict[str, object] = {
        "label": "negative",
        "probabilities": (0.9, 0.08, 0.02),
        "score": -0.88,
        "frustration": 0.8,
        "frustration_reasons": ("third message", "deadline"),
    }
    return mood_row(ticket_id, event_id, **(unhappy | fields))  # type: ignore[arg-type]


def draft_of(ticket_id: str | None, draft_id: str = "", **fields: object) -> Draft:
    return Draft.model_validate(
        {
            "draft_id": draft_id or f"draft-{ticket_id}",
            "ticket_id": ticket_id,
            "account_id": "acme",
            "based_on": f"{ticket_id}-1",
            "channel": "email",
            "state": "ready",
            "subject": f"Re: Subject of {ticket_id}",
            "body": "Hello,\n\nThe export needs the admin role. Ask your admin to grant it.\n\nKind regards",
            "claims": (
                Claim(text="The export needs the admin role.", source_ids=("kb-1",), supported=True),
                Claim(text="Ask your admin to grant it.", source_ids=("kb-2",), supported=True),
            ),
            "citations": (
                citation("kb-1", "Export roles", "Exports need the admin role.", public=True),
                citation("kb-2", "Granting roles", "An admin grants roles under Settings."),
            ),
            "confidence": 0.83,
            "model": MODEL,
            "created_at": NOW - timedelta(minutes=29),
            **fields,
        }
    )


def citation(source_id: str, title: str, quote: str, *, public: bool = False, url: str = "") -> Citation:
    return Citation(
        source_id=source_id,
        source_kind="article",
        title=title,
        quote=quote,
        url=url or f"https://help.example/{source_id}",
        updated_at=NOW - timedelta(days=20),
        public=public,
    )


def draft_row(draft: Draft, *, state: str = "") -> DraftRow:
    return DraftRow(
        draft_id=draft.draft_id,
        kind=draft.kind,
        ticket_id=draft.ticket_id,
        account_id=draft.account_id,
        based_on=draft.based_on,
        state=state or draft.state,
        stale_reason="newer_message" if state == "stale" else None,
        record=draft.to_json(),
        created_at=draft.created_at,
        updated_at=draft.created_at,
    )


def outreach_row(draft_id: str = "outreach-1", **fields: object) -> DraftRow:
    anomaly_fact = SituationFact(
        name="labelling", value="down 71 % since 8 March", origin="usage", observed_at=NOW - timedelta(days=2)
    )
    known: dict[str, object] = {
        "kind": "outreach",
        "based_on": "anomaly-1",
        "subject": "Can we help with labelling?",
        "body": "Hello, we saw that labelling has slowed down. Can we help?",
        "claims": (),
        "citations": (),
        "facts": (anomaly_fact,),
        "created_at": NOW - timedelta(hours=3),
    }
    return draft_row(draft_of(None, draft_id, **(known | fields)))


def chunk_row(source_id: str, url: str = "") -> ChunkRow:
    return ChunkRow(
        chunk_id=f"{source_id}#0",
        source_id=source_id,
        source_kind="article",
        title="A title",
        body="A body",
        url=url or f"https://help.example/{source_id}",
        tags=[],
        public=True,
        position=0,
        updated_at=NOW,
        embedding=[0.0] * 384,
    )


def chart(days: int = 14, drop_at: float = 0.8) -> tuple[ChartPoint, ...]:
    count = days * 12
    points = []
    for n in range(count):
        expected = 60 + 40 * sin(tau * n / 12)
        observed = expected * (0.25 if n > count * drop_at else 1.0) + 6 * sin(n * 1.7)
        at = NOW - timedelta(hours=2 * (count - n))
        warm = n >= 24
        points.append(
            ChartPoint(
                at=at,
                observed=max(0.0, observed),
                expected=expected if warm else None,
                low=max(0.0, expected - 22) if warm else None,
                high=expected + 22 if warm else None,
            )
        )
    return tuple(points)


def alert_row(alert_id: str = "alert-1", *, state: str = "new", **fields: object) -> ChurnAlertRow:
    """Return a case: "alert-1" is one of acme, any other is of an account of its own unless one is named."""
    alert = ChurnAlert.model_validate(
        {
            "alert_id": alert_id,
            "dedup_key": f"key-{alert_id}",
            "account_id": "acme" if alert_id == "alert-1" else f"acme-{alert_id}",
            "cause": "drop",
            "severity": "critical",
            "score": 0.91,
            "sentence": "Labelling fell to 26 tasks a day where 80 to 120 are usual, for two days.",
            "contributions": (
                Contribution(
                    name="task.labelled",
                    summary="71 % below its own past",
                    observed=26.0,
                    expected_low=80.0,
                    expected_high=120.0,
                    share=0.74,
                    samples=168,
                ),
                Contribution(
                    name="mood",
                    summary="the last three tickets were negative",
                    observed=-0.6,
                    expected_low=-0.2,
                    expected_high=0.4,
                    share=0.26,
                    samples=3,
                ),
            ),
            "contrary": ("Logins are as usual", "Exports are as usual"),
            "next_action": "Call the owner and ask what stopped the labelling team.",
            "stakes": Stakes(
                plan="Scale", seats=120, annual_revenue=84_000, renewal_on=NOW + timedelta(days=41)
            ),
            "chart": chart(),
            "chart_metric": "task.labelled",
            "started_at": NOW - timedelta(days=2),
            "detected_at": NOW - timedelta(days=1, hours=20),
            "due_at": NOW + timedelta(hours=6),
            "rule": "account-health-1",
            **fields,
        }
    )
    return ChurnAlertRow(
        alert_id=alert_id,
        dedup_key=alert.dedup_key,
        account_id=alert.account_id,
        cause=alert.cause,
        severity=alert.severity,
        score=alert.score,
        state=state,
        record=alert.to_json(),
        detected_at=alert.detected_at,
        evidence_at=alert.updated_at or alert.detected_at,
        created_at=alert.detected_at,
        updated_at=alert.detected_at,
    )


def incident_row() -> IncidentRow:
    incident = Incident(
        incident_id="incident-1",
        cause="error_surge",
        metric="training.failed",
        account_ids=tuple(f"account-{n}" for n in range(17)),
        share_of_accounts=0.34,
        sentence="Training runs fail for 17 accounts since 11:20.",
        started_at=NOW - timedelta(minutes=40),
        detected_at=NOW - timedelta(minutes=30),
    )
    return IncidentRow(
        incident_id="incident-1",
        cause=incident.cause,
        record=incident.to_json(),
        detected_at=incident.detected_at,
        created_at=NOW,
    )


def anomaly_row(anomaly_id: str = "anomaly-1", **fields: object) -> AnomalyRow:
    anomaly = Anomaly.model_validate(
        {
            "anomaly_id": anomaly_id,
            "account_id": "acme",
            "cause": "drop",
            "metric": "task.labelled",
            "observed": 26.0,
            "expected": 100.0,
            "expected_low": 80.0,
            "expected_high": 120.0,
            "deviation": -6.2,
            "baseline_days": 12.0,
            "sample_count": 144,
            "started_at": NOW - timedelta(days=2),
            "detected_at": NOW - timedelta(days=1, hours=20),
            "summary": "Labelling fell by 71 %",
            "chart": chart(),
            "model": MODEL,
            **fields,
        }
    )
    return AnomalyRow(
        anomaly_id=anomaly_id,
        account_id=anomaly.account_id,
        cause=anomaly.cause,
        metric=anomaly.metric,
        record=anomaly.to_json(),
        started_at=anomaly.started_at,
        detected_at=anomaly.detected_at,
    )
