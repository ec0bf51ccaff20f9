"""Build the drafter: for the drafting group, and for the commands that measure it."""

from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine
from sqlmodel import Session

from streams.process.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from responders.drafting.drafter import Drafter
    from responders.generation.brief import TextGenerator
    from schemas.lessons import Lessons

_FIRST_MESSAGE: Final = (
    "Hello, I'm Anna Miller, born on 1.2.1980 at 12 Oak Lane, London. My password is Abc12345! and the door "
    'code is 4711. Call me at 030 1234567, account number 12345678. Please reply with "yes". Regards, Anna'
)
"""An invented message with one of each common personal value."""


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
    """Read a message with many personal values, so that the first customer's waits for no pattern of them."""
    from responders.policy.injections import injection_suspicions
    from responders.privacy import Pseudonyms

    injection_suspicions(_FIRST_MESSAGE)
    Pseudonyms().mask(_FIRST_MESSAGE)
