"""Build the drafter: for the drafting group, and for the commands that measure it."""

from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlmodel import Session

from streams.process.settings import Settings

if TYPE_CHECKING:
    from responders.drafting.drafter import Drafter


def drafter_of(settings: Settings, engine: Engine) -> "Drafter":
    """Return the drafter with the operator's rules and the desk's confidence, over a database's knowledge."""
    from responders.drafting.drafter import Drafter, Rules
    from responders.generation.composer import Composer
    from responders.store.calibration import load_confidence
    from responders.store.knowledge import SqlKnowledge

    with Session(engine) as session:
        confidence = load_confidence(session)
    rules = Rules(
        threshold=settings.draft_threshold,
        confidence=confidence,
        allowed_hosts=frozenset(settings.link_hosts),
        signature=settings.draft_signature,
        metric_names=settings.metric_names,
    )
    return Drafter(SqlKnowledge(engine), Composer(), rules)
