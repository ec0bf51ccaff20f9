"""What models hear in messages before their drafts are written."""

from collections.abc import Mapping, Sequence

from responders.drafting.message import marked_text, personal_texts, said_text
from responders.drafting.situation import Situation
from schemas.tickets import Sentiment, Ticket
from streams.heard import HeardMessage, MessageListener, TextsToHear


def heard_in(
    messages: Sequence[tuple[Ticket, Situation]], moods: Mapping[str, Sentiment], listener: MessageListener
) -> list[HeardMessage]:
    """Return what is heard in each message, in order; only personal values in one of another language."""
    return listener.hear([_texts_of(*message, moods.get(message[0].event_id)) for message in messages])


def _texts_of(ticket: Ticket, situation: Situation, mood: Sentiment | None) -> TextsToHear:
    personal = personal_texts(ticket, situation.thread)
    if _is_foreign(mood):
        return TextsToHear(personal=personal)
    return TextsToHear(said_text(ticket), marked_text(ticket).strip(), personal)


def _is_foreign(mood: Sentiment | None) -> bool:
    """Tell whether a message is in a language that the models do not read."""
    return mood is not None and mood.abstained == "unsupported_language"
