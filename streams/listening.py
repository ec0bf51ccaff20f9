"""What models hear in messages before their drafts are written."""

from collections.abc import Mapping, Sequence

from responders.drafting.message import marked_text, subject_of
from responders.drafting.said import said_in
from schemas.tickets import Sentiment, Ticket
from streams.heard import HeardMessage, MessageListener, TextsToHear


def heard_in(
    tickets: Sequence[Ticket], moods: Mapping[str, Sentiment], listener: MessageListener
) -> list[HeardMessage]:
    """Return what is heard in each ticket, in order; nothing in one that is not readable."""
    return listener.hear([_texts_of(ticket, moods.get(ticket.event_id)) for ticket in tickets])


def _texts_of(ticket: Ticket, mood: Sentiment | None) -> TextsToHear:
    if _is_foreign(mood):
        return TextsToHear()
    said = f"{subject_of(ticket)}\n{said_in(ticket)}".strip()
    return TextsToHear(said, marked_text(ticket).strip())


def _is_foreign(mood: Sentiment | None) -> bool:
    """Tell whether a message is in a language that the models do not read."""
    return mood is not None and mood.abstained == "unsupported_language"
