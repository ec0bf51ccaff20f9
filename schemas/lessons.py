"""What a desk's decisions on drafts changed: how likely its drafts answer, and which sources come first."""

from typing import Annotated, Final

from pydantic import Field

from schemas.base import Id, Record

MOST_OFFSET: Final = 1.0
"""Log-odds by which decisions move a probability at most: .50 becomes .27 or .73. Chosen by hand."""

MOST_BONUS: Final = 0.05
"""Points of score by which decisions move a source at most. Chosen by hand: a third of the bonus for a code,
so that no source comes first that says something else."""


class Lessons(Record):
    """The lessons that drafts are written with; `Lessons()` changes nothing.

    `offset` is added to the log-odds that a draft answers. `bonuses` are points of score by source id,
    negative for a source whose drafts people keep less of than of others. `version` counts the changes.
    """

    offset: float = Field(default=0.0, ge=-MOST_OFFSET, le=MOST_OFFSET)
    bonuses: dict[Id, Annotated[float, Field(ge=-MOST_BONUS, le=MOST_BONUS)]] = Field(default_factory=dict)
    version: int = 0
