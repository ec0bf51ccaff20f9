"""The state of a hazard watch as bytes: the packed rows as they are, and a checked description."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from safetensors import SafetensorError
from safetensors.numpy import load, save

from detectors.churn.hazard.habits import ROW, AccountHabits, HabitRows
from detectors.churn.hazard.learner import HazardLearnerState
from detectors.churn.hazard.prior import Prior
from detectors.churn.hazard.watch import LEDGER, HazardBudget, HazardWatch
from schemas.base import Id, Record

STATE_FORMAT: Final = "churn-hazard-state-1"


class _StateHead(Record):
    """What the rows do not say; `version` names the prior whose terms they hold."""

    state_format: str = STATE_FORMAT
    version: str
    day: int = Field(ge=0, le=10_000_000)
    account_ids: tuple[Id, ...]
    per_month: float = Field(gt=0.0)
    threshold: float
    learner: HazardLearnerState


class WrongHazardStateError(ValueError):
    """The bytes are damaged, or of another format or prior."""


def pack(watch: HazardWatch) -> bytes:
    """Return the whole state: equal states give equal bytes."""
    head = _StateHead(
        version=watch.prior.version,
        day=watch.book.day,
        account_ids=tuple(watch.book.places),
        per_month=watch.budget.per_month,
        threshold=watch.budget.threshold,
        learner=watch.learner.state(),
    )
    text = np.frombuffer(head.to_bytes(), np.uint8)
    return save(
        {"head": text, "habits": _bytes_of(watch.book.habits.rows), "ledger": _bytes_of(watch.ledger)}
    )


def unpack(content: bytes, prior: Prior, *, learns: bool = True) -> HazardWatch:
    """Return the packed watch, which scores bit for bit as the first; raise WrongHazardStateError."""
    head, habits, ledger = _parts(content)
    if head.version != prior.version:
        raise WrongHazardStateError(f"the state is of {head.version}, not of {prior.version}")
    watch = _restored(head, habits, prior, learns)
    watch.ledger = ledger
    watch.learner.restore(head.learner)
    watch.budget = HazardBudget(head.per_month, head.threshold)
    return watch


def adopt(content: bytes, prior: Prior, *, learns: bool = True) -> HazardWatch:
    """Return a watch of this prior with the habits and the pauses of a packed watch of any prior.

    What a learner learned belongs to its prior, so it begins again. Raises WrongHazardStateError.
    """
    head, habits, ledger = _parts(content)
    if head.version == prior.version:
        return unpack(content, prior, learns=learns)
    watch = _restored(head, habits, prior, learns)
    watch.ledger = np.zeros(len(habits), LEDGER)
    watch.ledger["alerted"] = ledger["alerted"]
    return watch


def _parts(content: bytes) -> tuple[_StateHead, HabitRows, HabitRows]:
    try:
        arrays = load(content)
        head = _StateHead.model_validate_json(arrays["head"].tobytes())
        habits = np.frombuffer(arrays["habits"].tobytes(), ROW).copy()
        ledger = np.frombuffer(arrays["ledger"].tobytes(), LEDGER).copy()
    except (SafetensorError, KeyError, ValueError) as error:
        raise WrongHazardStateError(f"the state cannot be read: {error}") from None
    if head.state_format != STATE_FORMAT or len(ledger) != len(habits):
        raise WrongHazardStateError("the state is of another format")
    return head, habits, ledger


def _restored(head: _StateHead, habits: HabitRows, prior: Prior, learns: bool) -> HazardWatch:
    watch = HazardWatch(prior, day=head.day, budget=head.per_month, learns=learns)
    try:
        watch.book.restore(head.account_ids, AccountHabits(head.day, habits))
    except ValueError as error:
        raise WrongHazardStateError(str(error)) from None
    return watch


def _bytes_of(rows: NDArray[np.void]) -> NDArray[np.uint8]:
    return np.frombuffer(rows.tobytes(), np.uint8)
