"""GpuRunner: the one thread that owns the device, and retrieval's use of it. It also bounds memory."""

import asyncio
import math
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

import numpy as np

from detectors.sentiment.arrays import Float32
from detectors.sentiment.batching import padded_batches
from detectors.sentiment.encoder import TokenPlace, mean_per_text, unit_rows
from detectors.sentiment.windows import Window
from responders.retrieval.embedding import ReadText
from streams.process.errors import Fatal

__all__ = [
    "BatchModel",
    "DeviceEmbedder",
    "DeviceLostError",
    "DeviceMemoryError",
    "GpuRunner",
    "ItemFailure",
    "NotFiniteVectorError",
    "ObservedBatch",
    "WindowEncoder",
    "WrongResultCountError",
    "padded_batches",
]

Input = TypeVar("Input")
Output = TypeVar("Output")
Input_contra = TypeVar("Input_contra", contravariant=True)
Output_co = TypeVar("Output_co", covariant=True)

_MEMORY_WORDS = ("out of memory", "not enough memory", "can't allocate memory")
_DEVICE_WORDS = ("CUDA error", "device-side assert", "cudaError", "CUBLAS_STATUS", "CUDNN_STATUS")


class BatchModel(Protocol[Input_contra, Output_co]):
    """A model that knows nothing of batches, threads or Kafka."""

    def lengths(self, items: Sequence[Input_contra]) -> Sequence[int]:
        """Return the tokens that each item costs, in order."""

    def run(self, items: Sequence[Input_contra]) -> Sequence[Output_co]:
        """Return one result per item, in order."""


class DeviceMemoryError(RuntimeError):
    """One item alone does not fit into the device's memory."""


class DeviceLostError(Fatal):
    """The device failed; this process cannot use it again and ends at once, whatever it computed."""


class WrongResultCountError(RuntimeError):
    """A model returned more or fewer results than it was given items."""


class NotFiniteVectorError(RuntimeError):
    """The vector of a text has a NaN or an infinity, so a search by it is impossible."""


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """The answer for an item whose result was unusable; `reason` is `not_finite`."""

    reason: str


@dataclass(frozen=True, slots=True)
class ObservedBatch:
    """One batch as it ran: its task, items, padded tokens (longest x items), seconds on the device."""

    task: str
    items: int
    padded_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Work(Generic[Input, Output]):
    model: BatchModel[Input, Output]
    task: str
    items: Sequence[Input]
    lengths: Sequence[int]
    results: dict[int, Output | ItemFailure]


class GpuRunner:
    """Run models on one thread, so that calls never overlap on the device. A CPU works the same.

    `on_batch` is called in that thread after every successful batch.
    """

    def __init__(
        self, *, max_tokens: int = 16384, on_batch: Callable[[ObservedBatch], None] | None = None
    ) -> None:
        if max_tokens < 1:
            raise ValueError("max_tokens must be at least 1")
        self._max_tokens = max_tokens
        self._on_batch = on_batch
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="device")

    async def run(
        self, model: BatchModel[Input, Output], items: Sequence[Input], *, task: str = "model"
    ) -> list[Output | ItemFailure]:
        """Return one result per item, in order of `items`; a NaN or infinite result becomes an ItemFailure.

        A batch that does not fit into memory is halved and tried again. Raises DeviceMemoryError if an item
        alone does not fit, DeviceLostError if the device is gone (fatal), WrongResultCountError, and the
        model's own errors. After an exception the call has no results at all. Calls are served in the order
        of their arrival. `task` names the call in the batches that `on_batch` observes.
        """
        work = model, list(items), task
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, *work)

    def run_blocking(
        self, model: BatchModel[Input, Output], items: Sequence[Input], *, task: str = "model"
    ) -> list[Output | ItemFailure]:
        """Do the same from a thread that has no event loop, and wait for the results."""
        return self._thread.submit(self._run, model, list(items), task).result()

    async def call(self, function: Callable[[], Output]) -> Output:
        """Run `function` on the device's thread, to load a model or to warm it up."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def close(self) -> None:
        """Wait for the running call and refuse further calls. May be called twice."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(
        self, model: BatchModel[Input, Output], items: Sequence[Input], task: str
    ) -> list[Output | ItemFailure]:
        work = _Work(model, task, items, model.lengths(items), {})
        if len(work.lengths) != len(items):
            raise WrongResultCountError(f"{len(work.lengths)} lengths for {len(items)} items")
        pending = padded_batches(work.lengths, self._max_tokens)[::-1]
        while pending:
            rows = pending.pop()
            if not self._fits(work, rows):
                half = len(rows) // 2
                pending += [rows[half:], rows[:half]]
        return [work.results[row] for row in range(len(items))]

    def _fits(self, work: _Work[Input, Output], rows: list[int]) -> bool:
        """Run one batch; return False if it must be halved."""
        started = time.perf_counter()
        try:
            results = work.model.run([work.items[row] for row in rows])
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                _raise_if_device_lost(error)
                raise
            if len(rows) == 1:
                raise DeviceMemoryError(f"an item of {work.lengths[rows[0]]} tokens does not fit") from error
        else:
            self._keep(work, rows, results, time.perf_counter() - started)
            return True
        _release_cached_memory()
        return False

    def _keep(
        self, work: _Work[Input, Output], rows: list[int], results: Sequence[Output], seconds: float
    ) -> None:
        if len(results) != len(rows):
            raise WrongResultCountError(f"{len(results)} results for {len(rows)} items")
        for row, result in zip(rows, results, strict=True):
            work.results[row] = result if is_finite(result) else ItemFailure("not_finite")
        if self._on_batch is not None:
            padded = len(rows) * max(work.lengths[row] for row in rows)
            self._on_batch(ObservedBatch(work.task, len(rows), padded, seconds))


class WindowEncoder(BatchModel[Window, Float32], Protocol):
    """An encoder that embeds windows of tokens; only `run` touches the device."""

    @property
    def tokens(self) -> BatchModel[Window, Float32]:
        """Return the encoder as a model that gives the states of all tokens of a window."""
        ...

    def windows_to_embed(self, texts: Sequence[str]) -> Sequence[Sequence[Window]]:
        """Return the windows of each text, at least one each, in order."""
        ...

    def windows_to_read(
        self, texts: Sequence[str]
    ) -> Sequence[tuple[Sequence[Window], Sequence[TokenPlace]]]:
        """Return the windows of each text, and where the tokens of the first one stand."""
        ...


class DeviceEmbedder:
    """Turn texts into unit vectors on the device's thread; a long text is several windows."""

    def __init__(self, encoder: WindowEncoder, runner: GpuRunner) -> None:
        self._encoder = encoder
        self._runner = runner

    def embed(self, texts: Sequence[str]) -> Float32:
        """Return (n, 384) rows of length 1, in order of `texts`, from one call of the runner.

        Raises the errors of the runner, and NotFiniteVectorError.
        """
        windows = self._encoder.windows_to_embed(texts)
        rows = self._run(self._encoder, windows)
        states = np.array(rows, dtype=np.float32).reshape(len(rows), -1)
        return unit_rows(mean_per_text(states, [len(found) for found in windows]))

    def read(self, texts: Sequence[str]) -> list[ReadText]:
        """Return the vector of each text and of each of its tokens, in order, from one call of the runner.

        Only the tokens of the first window have a vector. Raises as `embed` does.
        """
        found = self._encoder.windows_to_read(texts)
        states = self._run(self._encoder.tokens, [windows for windows, _ in found])
        means = np.array([one.mean(axis=0) for one in states], dtype=np.float32).reshape(len(states), -1)
        counts = [len(windows) for windows, _ in found]
        vectors = unit_rows(mean_per_text(means, counts))
        firsts = np.cumsum([0, *counts])[:-1]
        return [
            ReadText(vector, states[first], tuple(spans))
            for vector, first, (_, spans) in zip(vectors, firsts, found, strict=True)
        ]

    def _run(self, model: BatchModel[Window, Float32], windows: Sequence[Sequence[Window]]) -> list[Float32]:
        flat = [window for found in windows for window in found]
        rows: list[Float32] = []
        for row in self._runner.run_blocking(model, flat, task="retrieval"):
            if isinstance(row, ItemFailure):
                raise NotFiniteVectorError("a text has no finite vector")
            rows.append(row)
        return rows


def is_finite(result: object) -> bool:
    """Whether a result made of numbers has no NaN or infinity; True for a result of another kind.

    >>> is_finite(0.5), is_finite((0.1, float("nan"))), is_finite(np.array([1.0, np.inf])), is_finite("text")
    (True, False, False, True)
    """
    if isinstance(result, float | np.floating):
        return math.isfinite(result)
    if isinstance(result, np.ndarray):
        return result.dtype.kind != "f" or bool(np.isfinite(result).all())
    if isinstance(result, tuple | list):
        return all(is_finite(part) for part in result)
    return True


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, on the device or on the machine.

    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("shapes differ"))
    (True, False)
    """
    torch = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _MEMORY_WORDS)


def _raise_if_device_lost(error: BaseException) -> None:
    torch = sys.modules.get("torch")
    accelerator = torch is not None and isinstance(error, torch.AcceleratorError)
    if accelerator or any(words in str(error) for words in _DEVICE_WORDS):
        raise DeviceLostError(str(error).splitlines()[0]) from error


def _release_cached_memory() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
