"""The thread in which a process takes over, and learns, what people taught a desk."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 5.0
"""Seconds between two looks for new clicks or decisions, and for what was learned. Chosen by hand."""


class TaughtDesk(Protocol):
    """What a desk learned, which can be looked up and learned again."""

    def refresh(self, *, now: datetime) -> None:
        """Take over what is stored, and learn what is new."""
        ...


class DeskWatch:
    """The thread that refreshes what a desk learned every POLL_SECONDS until it is closed."""

    def __init__(self, desk: TaughtDesk, now: Callable[[], datetime], *, name: str = "desk-moods") -> None:
        self._desk = desk
        self._now = now
        self._name = name
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; it refreshes at once."""
        self._thread.start()

    def close(self) -> None:
        """End the thread after its present refresh."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            try:
                self._desk.refresh(now=self._now())
            except Exception:
                # The next look may succeed; work goes on with what is at hand until then.
                logger.exception("desk_not_refreshed", extra={"desk": self._name})
            if self._ended.wait(POLL_SECONDS):
                return
