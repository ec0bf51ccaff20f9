"""The parts that a reader finds in one message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """Words below a quote, with the quoted words they answer."""

    quoted: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One message in parts; each part keeps the order of the message, and an absent part is '' or ().

    `newest` has the writer's new words: greeting, thanks, answers and P.S. included. `answers` are the
    parts of `newest` below or between quotes. `quoted` is the history with its header lines,
    `forwarded` the body of a forwarded message, `signature` the signature with disclaimers, mailer footers
    and form lines.
    `points_to_forwarded` says that the writer adds nothing of their own to the forwarded message.
    """

    newest: str = ""
    answers: tuple[Answer, ...] = ()
    quoted: str = ""
    forwarded: str = ""
    signature: str = ""
    points_to_forwarded: bool = False

    @property
    def text(self) -> str:
        """The customer's words: `newest`, and the forwarded words if the writer only points to them."""
        if self.points_to_forwarded:
            return "\n\n".join(part for part in (self.newest, self.forwarded) if part)
        return self.newest

    @property
    def folded(self) -> str:
        """The text that a page folds away: all parts that are not in `text`, by kind."""
        forwarded = "" if self.points_to_forwarded else self.forwarded
        return "\n\n".join(part for part in (self.signature, forwarded, self.quoted) if part)
