"""The words of other products for channels and kinds of ticket events, and our words for them.

A channel that may be public counts as `forum`, because no account fact enters the draft of a forum post.
If it is private, `--map channel:Twitter=chat` says so.
"""

from collections.abc import Mapping
from typing import Any, Final, get_args

from schemas.tickets import Channel
from streams.ingest.columns import folded

CHANNELS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": (
        "email",
        "e-mail",
        "mail",
        "outbound email",
        "inbound email",
        "smtp",
        "imap",
        "gmail",
        "outlook",
    ),
    "web": (
        *("web", "web form", "website", "form", "portal", "customer portal", "help center", "helpcenter"),
        *("api", "web service", "feedback widget", "feedback", "ticket form", "contact form", "in-app"),
        *("sample ticket", "rule", "closed ticket", "ticket sharing", "import", "system", "other"),
    ),
    "chat": (
        *("chat", "live chat", "messaging", "native messaging", "message", "conversation", "widget"),
        *("web widget", "chat transcript", "mobile", "mobile sdk", "mobile app", "mobihelp", "push", "sms"),
        *("twilio sms", "text message", "whatsapp", "whatsapp message", "messenger", "facebook messenger"),
        *("facebook message", "twitter dm", "twitter direct message", "instagram dm", "instagram direct"),
        *("telegram", "telegram personal message", "line", "viber", "wechat", "slack", "teams"),
        *("phone", "phone call", "phone call inbound", "phone call outbound", "phone switch", "voice"),
        *("voicemail", "call", "telephone", "note"),
    ),
    "forum": (
        *("forum", "community", "social", "social media", "facebook", "facebook page", "facebook post"),
        *("facebook feed post", "facebook feed comment", "twitter", "twitter profile", "twitter status"),
        *("tweet", "x", "instagram", "youtube", "linkedin", "reddit", "app store", "google play", "review"),
        *("any channel",),
    ),
}
"""The words that mean each channel, compared by `folded`."""

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer_message": ("customer_message",),
    "human_reply": ("human_reply",),
    "merged": ("merged",),
    "closed": ("closed", "solved", "resolved"),
}

_CHANNEL_OF: Final = {folded(word): channel for channel, words in CHANNELS.items() for word in words}
_KIND_OF: Final = {folded(word): kind for kind, words in KINDS.items() for word in words}


def channel_of(word: Any) -> Any:
    """Return the channel that a word means, or the word itself if it means none.

    >>> [channel_of(word) for word in ("EMAIL", "Web form", "native_messaging", "Channel::TwilioSms")]
    ['email', 'web', 'chat', 'chat']
    """
    return _CHANNEL_OF.get(folded(word).removeprefix("channel::"), word)


def kind_of(word: Any) -> Any:
    """Return the kind of ticket event that a word means, or the word itself if it means none."""
    return _KIND_OF.get(folded(word), word)


def allowed_channels() -> str:
    """Return the channels as a list in a sentence."""
    return ", ".join(get_args(Channel))


def is_channel(word: Any) -> bool:
    """Return whether a word is one of the channels."""
    return word in get_args(Channel)
