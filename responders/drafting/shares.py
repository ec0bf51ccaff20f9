"""Which drafts a model writes: a share of the tickets, or none of them while it runs in shadow."""

from dataclasses import dataclass
from typing import Final, Protocol

from responders.drafting.choosing import is_chosen
from responders.generation.brief import Brief, Composed, TextGenerator
from responders.generation.models.outcomes import ShadowOutcome
from responders.words import content_stems, overlap

SAME_ANSWER: Final = 0.5
"""Jaccard overlap of stems from which two answers count as the same. Chosen by hand."""


class ShadowObserver(Protocol):
    """Counts the hidden drafts of a model."""

    def shadowed(self, outcome: ShadowOutcome) -> None:
        """Count one hidden draft."""
        ...


@dataclass(frozen=True, slots=True)
class ModelShare:
    """The share of tickets that the model writes, in [0, 1]; in shadow its drafts are hidden."""

    of_tickets: float = 1.0
    shadow: bool = False


class SharedGenerator:
    """Gives a fixed share of tickets to the model and the others to the composer.

    All messages of a ticket go the same way. In shadow the model writes too, only figures are kept, and the
    composer's draft is shown; that draft waits for the model.
    """

    def __init__(
        self, model: TextGenerator, composer: TextGenerator, share: ModelShare, observer: ShadowObserver
    ) -> None:
        self._model = model
        self._composer = composer
        self._share = share
        self._observer = observer

    @property
    def name(self) -> str:
        """Return the composer's name; a draft with words of the model names the model itself."""
        return self._composer.name

    def compose(self, brief: Brief) -> Composed:
        """Return the reply by the generator of this ticket; an outreach is the composer's."""
        if brief.outreach or not is_chosen(brief.ticket_id or "", self._share.of_tickets):
            return self._composer.compose(brief)
        if not self._share.shadow:
            return self._model.compose(brief)
        shown, hidden = self._composer.compose(brief), self._model.compose(brief)
        self._observer.shadowed(self._compared(shown, hidden))
        return shown

    def _compared(self, shown: Composed, hidden: Composed) -> ShadowOutcome:
        if (hidden.model or "").startswith(self._composer.name):
            return "fell_back"
        return "same" if overlap(_told(shown), _told(hidden)) >= SAME_ANSWER else "different"


def _told(composed: Composed) -> list[str]:
    return content_stems(" ".join(part.text for part in composed.parts if part.kind == "step"))
