"""Build the drafter: for the drafting group, and for the commands that measure it."""

from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlmodel import Session

from streams.process.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from responders.drafting.drafter import Drafter
    from responders.generation.brief import TextGenerator
    from schemas.lessons import Lessons


def drafter_of(
    settings: Settings,
    engine: Engine,
    generator: "TextGenerator",
    lessons: "Callable[[], Lessons] | None" = None,
) -> "Drafter":
    """Return the drafter with the operator's rules and the desk's confidence, over a database's knowledge.

    `lessons` gives those of the moment; without it decisions change nothing.
    """
    from responders.drafting.drafter import Drafter, Rules
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
        holdout=settings.draft_holdout,
    )
    return Drafter(SqlKnowledge(engine), generator, rules, lessons=lessons)


def compile_patterns() -> None:
    """Read a message before the first customer's, which then waits for the compiling of few patterns."""
    from responders.policy.injections import injection_suspicions
    from responders.privacy import Pseudonyms

    injection_suspicions(Pseudonyms().mask("Hello, where is my parcel 12?"))
