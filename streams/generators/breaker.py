"""What keeps a failing or costly model away: a circuit breaker, a retry budget, a daily budget of tokens."""

from collections.abc import Callable
from datetime import date
from threading import Lock
from typing import Final

FAILURES_TO_OPEN: Final = 5
"""Failures in a row that open the breaker. Chosen by hand."""

OPEN_SECONDS: Final = 20.0
"""Seconds without a request after the breaker opened; then one request tries again. Chosen by hand."""

RETRIES_PER_REQUEST: Final = 0.1
"""Retries that each request earns: at most one request in ten is repeated. Chosen by hand."""

MAX_SAVED_RETRIES: Final = 10.0
"""Retries that can be saved up, and the number at the start. Chosen by hand."""


class CircuitBreaker:
    """Refuses requests after FAILURES_TO_OPEN failures in a row, and lets one try after OPEN_SECONDS.

    That one request closes the breaker or opens it again. Safe for several threads. `clock` returns seconds.

    >>> now = [0.0]
    >>> breaker = CircuitBreaker(lambda: now[0])
    >>> for _ in range(5): breaker.failed()
    >>> breaker.admits(), breaker.is_open
    (False, True)
    >>> now[0] = 21.0
    >>> breaker.admits(), breaker.admits()
    (True, False)
    >>> breaker.succeeded()
    >>> breaker.admits()
    True
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._opened_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether requests are refused, except for the one that tries."""
        return self._opened_at is not None

    def admits(self) -> bool:
        """Tell whether a request may be sent now. The caller reports its result."""
        with self._lock:
            if self._opened_at is None:
                return True
            now = self._clock()
            if now - self._opened_at < OPEN_SECONDS:
                return False
            self._opened_at = now  # The others wait for the result of this request.
            return True

    def succeeded(self) -> None:
        """Close the breaker."""
        with self._lock:
            self._failures, self._opened_at = 0, None

    def failed(self) -> None:
        """Count a failure, and open the breaker if it is one too many."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._opened_at = self._clock()


class RetryBudget:
    """Grants a retry only for every tenth request, so that retries do not add to an overload.

    >>> budget = RetryBudget()
    >>> sum(budget.spend() for _ in range(20))
    10
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._saved = MAX_SAVED_RETRIES

    def earn(self) -> None:
        """Count a request."""
        with self._lock:
            self._saved = min(MAX_SAVED_RETRIES, self._saved + RETRIES_PER_REQUEST)

    def spend(self) -> bool:
        """Take one retry; return False if none is left."""
        with self._lock:
            if self._saved < 1:
                return False
            self._saved -= 1
            return True


class DailyTokens:
    """A budget of tokens for each account and day (UTC), in the memory of this process.

    An account's tickets are in one partition, so one process counts them all; a restart counts from zero.
    None is no limit. Safe for several threads.

    >>> tokens = DailyTokens(100, lambda: date(2026, 1, 31))
    >>> tokens.reserve("acme", 80), tokens.reserve("acme", 30), tokens.reserve("other", 30)
    (True, False, True)
    >>> tokens.settle("acme", reserved=80, used=20)
    >>> tokens.reserve("acme", 30)
    True
    """

    def __init__(self, limit: int | None, today: Callable[[], date]) -> None:
        self._limit = limit
        self._today = today
        self._lock = Lock()
        self._day: date | None = None
        self._used: dict[str | None, int] = {}

    def reserve(self, account_id: str | None, tokens: int) -> bool:
        """Reserve tokens for a request; return False if the account's budget of the day is too small."""
        if self._limit is None:
            return True
        with self._lock:
            if self._today() != self._day:
                self._day, self._used = self._today(), {}
            used = self._used.get(account_id, 0) + tokens
            if used > self._limit:
                return False
            self._used[account_id] = used
            return True

    def settle(self, account_id: str | None, *, reserved: int, used: int) -> None:
        """Replace a reservation by the tokens that were used."""
        with self._lock:
            if self._limit is not None:
                self._used[account_id] = max(0, self._used.get(account_id, 0) - reserved + used)
