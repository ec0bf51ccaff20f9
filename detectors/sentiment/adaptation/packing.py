"""A learner's state as bytes: msgpack, versioned, checksummed and range-checked; restores bit-equal.

Two kinds of bytes: the whole state, which the one learner of a desk needs, and the champion alone, which
every process that scores messages needs.
"""

import hashlib
from typing import Annotated, Final, Literal, TypeVar

import msgspec
import numpy as np

from detectors.sentiment.adaptation.corrections import MOST_BYTES, MOST_CORRECTIONS, CorrectionLog
from detectors.sentiment.adaptation.evidence import Contest
from detectors.sentiment.adaptation.learner import WINDOW, DeskState, Tried
from detectors.sentiment.adaptation.model import DeskModel
from detectors.sentiment.scores import LABELS

_DIGEST_BYTES: Final = 32
_Width = Annotated[int, msgspec.Meta(ge=1, le=65_536)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Doubles = tuple[float, float, float, float]
_EventIds = Annotated[list[str], msgspec.Meta(max_length=MOST_CORRECTIONS)]
_Kind = TypeVar("_Kind", bound=msgspec.Struct)
_MODEL_CLASSES: Final = len(LABELS)


class DamagedDeskError(ValueError):
    """The bytes are no state of a desk: damaged, of another version, or out of range."""


class ModelState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`DeskModel`; `refit` and `bias` are float64, `weight` is float32."""

    version: Literal[1]
    width: _Width
    refit: bytes
    weight: bytes
    bias: bytes
    from_shipped: bool
    share: _Share


class LogState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`CorrectionLog`; `states` are int8, `scales` and `logs` float32, `labels` one byte each."""

    width: _Width
    event_ids: _EventIds
    states: Annotated[bytes, msgspec.Meta(max_length=max(MOST_BYTES, 65_536))]
    scales: bytes
    logs: bytes
    labels: bytes


class ContestState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`Contest`."""

    capitals: _Doubles
    scored: float
    gain: float
    better: float
    worse: float


class TriedState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`Tried`."""

    truth: tuple[_Share, _Share, _Share]
    top: tuple[_Share, _Share, _Share]
    right: tuple[bool, bool, bool]


class LearnerState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`DeskState`."""

    version: Literal[1]
    log: LogState
    challenger: ModelState | None
    champion: ModelState | None
    fitted: _Count
    promoted: _Count
    promotions: _Count
    demotions: _Count
    learned: _Count
    contest: ContestState
    fallen: ContestState
    window: Annotated[list[TriedState], msgspec.Meta(max_length=WINDOW)]


def pack_state(state: DeskState) -> bytes:
    """Return the SHA-256 of the state, then the state; equal states give equal bytes."""
    return _sealed(
        LearnerState(
            version=1,
            log=_of_log(state.log),
            challenger=None if state.challenger is None else _of_model(state.challenger),
            champion=None if state.champion is None else _of_model(state.champion),
            fitted=state.fitted,
            promoted=state.promoted,
            promotions=state.version,
            demotions=state.demotions,
            learned=state.learned,
            contest=_of_contest(state.contest),
            fallen=_of_contest(state.fallen),
            window=[TriedState(tried.truth, tried.top, tried.right) for tried in state.window],
        )
    )


def unpack_state(data: bytes) -> DeskState:
    """Return the state of `pack_state`. Raises DamagedDeskError."""
    found = _opened(data, LearnerState)
    return DeskState(
        log=_log(found.log),
        challenger=None if found.challenger is None else _model(found.challenger),
        champion=None if found.champion is None else _model(found.champion),
        fitted=found.fitted,
        promoted=found.promoted,
        version=found.promotions,
        demotions=found.demotions,
        learned=found.learned,
        contest=_contest(found.contest),
        fallen=_contest(found.fallen),
        window=tuple(Tried(tried.truth, tried.top, tried.right) for tried in found.window),
    )


def pack_model(model: DeskModel) -> bytes:
    """Return the SHA-256 of a model, then the model; equal models give equal bytes."""
    return _sealed(_of_model(model))


def unpack_model(data: bytes) -> DeskModel:
    """Return the model of `pack_model`. Raises DamagedDeskError."""
    return _model(_opened(data, ModelState))


def _sealed(state: msgspec.Struct) -> bytes:
    plain = msgspec.msgpack.encode(state)
    return hashlib.sha256(plain).digest() + plain


def _opened(data: bytes, kind: type[_Kind]) -> _Kind:
    plain = data[_DIGEST_BYTES:]
    if hashlib.sha256(plain).digest() != data[:_DIGEST_BYTES]:
        raise DamagedDeskError("the checksum of the desk's state differs")
    try:
        return msgspec.msgpack.decode(plain, type=kind)
    except msgspec.DecodeError as error:
        raise DamagedDeskError(f"the desk's state cannot be read: {error}") from error


def _of_model(model: DeskModel) -> ModelState:
    return ModelState(
        version=1,
        width=model.weight.shape[1],
        refit=model.refit.astype("<f8").tobytes(),
        weight=model.weight.astype("<f4").tobytes(),
        bias=model.bias.astype("<f8").tobytes(),
        from_shipped=model.from_shipped,
        share=model.share,
    )


def _model(state: ModelState) -> DeskModel:
    return DeskModel(
        refit=_array(state.refit, "<f8", (_MODEL_CLASSES, _MODEL_CLASSES + 1)),
        weight=_array(state.weight, "<f4", (_MODEL_CLASSES, state.width)),
        bias=_array(state.bias, "<f8", (_MODEL_CLASSES,)),
        from_shipped=state.from_shipped,
        share=state.share,
    )


def _of_log(log: CorrectionLog) -> LogState:
    return LogState(
        width=log.states.shape[1],
        event_ids=list(log.event_ids),
        states=log.states.tobytes(),
        scales=log.scales.astype("<f4").tobytes(),
        logs=log.logs.astype("<f4").tobytes(),
        labels=log.labels.astype(np.uint8).tobytes(),
    )


def _log(state: LogState) -> CorrectionLog:
    count = len(state.event_ids)
    labels = _array(state.labels, "u1", (count,)).astype(np.int64)
    if len(set(state.event_ids)) != count or (labels >= _MODEL_CLASSES).any():
        raise DamagedDeskError("the desk's log has a message twice or an unknown mood")
    return CorrectionLog(
        tuple(state.event_ids),
        _array(state.states, "i1", (count, state.width)),
        _array(state.scales, "<f4", (count,)),
        _array(state.logs, "<f4", (count, _MODEL_CLASSES)),
        labels,
    )


def _of_contest(contest: Contest) -> ContestState:
    return ContestState(contest.capitals, contest.scored, contest.gain, contest.better, contest.worse)


def _contest(state: ContestState) -> Contest:
    return Contest(state.capitals, state.scored, state.gain, state.better, state.worse)


def _array(data: bytes, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    values = np.frombuffer(data, dtype=kind)
    if values.size != int(np.prod(shape)) or not np.isfinite(values).all():
        raise DamagedDeskError("an array of the desk's state has another size or is not finite")
    return values.reshape(shape)
