"""Points where a worker or relay kills or stops itself: around SQL commit, outbox send, offset commit."""

import os
import signal
from collections.abc import Callable
from typing import Any

WORKER_POINTS = ("before-sql-commit", "after-sql-commit", "before-offset-commit")
RELAY_POINTS = ("after-outbox-send", "after-outbox-commit")
POINTS = WORKER_POINTS + RELAY_POINTS
FREEZE = "freeze-before-sql"
"""No kill: the process stops itself (SIGSTOP) with a current batch, before its transaction begins."""

FREEZES = ("freeze-in-claim", "freeze-in-restore", "freeze-in-write")
"""Stops inside a transaction: with a claimed partition, with half-read states, with a written batch."""


def install(text: str) -> None:
    """Arm a failpoint, `NAME` or `NAME:N`: the process gets SIGKILL at its N-th pass (by default the first).

    Raises AssertionError if the patched function no longer exists under its name.
    """
    name, _, number = text.partition(":")
    _INSTALLERS[name](_Trigger(int(number or 1)))


class _Trigger:
    """Count passes, and kill or stop the process at the last one."""

    def __init__(self, passes: int) -> None:
        self._left = passes

    def __call__(self, number: signal.Signals = signal.SIGKILL) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), number)


def patched(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
    """Replace a function of a class or module by `wrap(function)`."""
    assert hasattr(owner, name), f"{owner} has no {name} any more: mend tests/faults"
    setattr(owner, name, wrap(getattr(owner, name)))


def _before_sql_commit(trigger: _Trigger) -> None:
    from streams.consume.fates import FateWriter

    def wrap(write: Any) -> Any:
        def written_not_committed(*arguments: Any, **settings: Any) -> Any:
            written = write(*arguments, **settings)
            trigger()
            return written

        return written_not_committed

    patched(FateWriter, "write", wrap)


def _after_sql_commit(trigger: _Trigger) -> None:
    from streams.consume.fates import Transactions

    def wrap(write: Any) -> Any:
        def committed_not_acknowledged(*arguments: Any, **settings: Any) -> Any:
            written = write(*arguments, **settings)
            trigger()
            return written

        return committed_not_acknowledged

    patched(Transactions, "write", wrap)


def _before_offset_commit(trigger: _Trigger) -> None:
    from streams.kafka.transport import Consumer

    def wrap(commit: Any) -> Any:
        async def acknowledged_not_told(*arguments: Any, **settings: Any) -> Any:
            trigger()
            return await commit(*arguments, **settings)

        return acknowledged_not_told

    patched(Consumer, "_commit", wrap)


def _after_outbox_send(trigger: _Trigger) -> None:
    from responders.store import outbox
    from streams.kafka import relay

    def wrap(mark_sent: Any) -> Any:
        def sent_not_marked(*arguments: Any, **settings: Any) -> Any:
            trigger()
            return mark_sent(*arguments, **settings)

        return sent_not_marked

    assert vars(relay)["outbox"] is outbox, "the relay marks rows by another module: mend tests/faults"
    patched(outbox, "mark_sent", wrap)


def _after_outbox_commit(trigger: _Trigger) -> None:
    from streams.kafka.relay import Relay

    def wrap(publish: Any) -> Any:
        async def marked(*arguments: Any, **settings: Any) -> Any:
            published = await publish(*arguments, **settings)
            if published:
                trigger()
            return published

        return marked

    patched(Relay, "_publish_shard", wrap)


def _freeze_before_sql(trigger: _Trigger) -> None:
    from streams.consume.fates import Transactions

    def wrap(write: Any) -> Any:
        def stopped_before(*arguments: Any, **settings: Any) -> Any:
            trigger(signal.SIGSTOP)
            return write(*arguments, **settings)

        return stopped_before

    patched(Transactions, "write", wrap)


def _freeze_in_claim(trigger: _Trigger) -> None:
    from responders.store import progress
    from streams.consume import fates

    def wrap(claim: Any) -> Any:
        def stopped_with_a_lock(*arguments: Any, **settings: Any) -> Any:
            claimed = claim(*arguments, **settings)
            trigger(signal.SIGSTOP)
            return claimed

        return stopped_with_a_lock

    assert vars(fates)["progress"] is progress, "claims are made elsewhere: mend tests/faults"
    patched(progress, "claim", wrap)


def _freeze_in_restore(trigger: _Trigger) -> None:
    from responders.store import signals
    from streams.usage import handler as usage

    def wrap(load: Any) -> Any:
        def stopped_with_an_open_cursor(*arguments: Any, **settings: Any) -> Any:
            for state in load(*arguments, **settings):
                trigger(signal.SIGSTOP)
                yield state

        return stopped_with_an_open_cursor

    assert vars(usage)["signals"] is signals, "states are loaded elsewhere: mend tests/faults"
    patched(signals, "load_detector_states", wrap)


def _freeze_in_write(trigger: _Trigger) -> None:
    from streams.consume.fates import FateWriter

    def wrap(write: Any) -> Any:
        def stopped_before_commit(*arguments: Any, **settings: Any) -> Any:
            written = write(*arguments, **settings)
            trigger(signal.SIGSTOP)
            return written

        return stopped_before_commit

    patched(FateWriter, "write", wrap)


_INSTALLERS: dict[str, Callable[[_Trigger], None]] = {
    "before-sql-commit": _before_sql_commit,
    "after-sql-commit": _after_sql_commit,
    "before-offset-commit": _before_offset_commit,
    "after-outbox-send": _after_outbox_send,
    "after-outbox-commit": _after_outbox_commit,
    FREEZE: _freeze_before_sql,
    "freeze-in-claim": _freeze_in_claim,
    "freeze-in-restore": _freeze_in_restore,
    "freeze-in-write": _freeze_in_write,
}
