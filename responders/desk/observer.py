"""The hooks by which the desk reports its requests and decisions."""

from typing import Protocol


class DeskObserver(Protocol):
    """Hears of the desk's requests and decisions. `route` is a path template, never a path."""

    def request(self, route: str, status: int, seconds: float) -> None:
        """Note one answered request, with its duration in seconds."""

    def decision(self, action: str) -> None:
        """Note one recorded decision: sent, edited, dismissed, or undone."""

    def retired(self, drafts: int) -> None:
        """Note how many waiting drafts (0 or 1) a reply from the desk without a draft retired."""

    def correction(self, shown: str, given: str) -> None:
        """Note that a person gave a message a mood; `shown` is the model's, or `none` if it had none."""
