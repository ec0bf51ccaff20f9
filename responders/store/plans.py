"""The names of the plans that the operator's accounts have."""

from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from responders.generation.plans import plan_names
from schemas.tables import AccountRow

MAX_PLANS: Final = 50
"""Names of plans that are read at most; more are no plans but free text."""


def load_plans(session: Session) -> tuple[str, ...]:
    """Return the distinct names of the plans of all accounts, sorted; () if they are more than MAX_PLANS."""
    plan = col(AccountRow.record)["plan"].as_string()
    found = session.scalars(select(plan).where(plan.is_not(None)).distinct().limit(MAX_PLANS + 1)).all()
    return () if len(found) > MAX_PLANS else plan_names(found)
