import asyncio
import itertools
import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.gpu import (
    DeviceLostError,
    DeviceMemoryError,
    GpuRunner,
    ItemFailure,
    ObservedBatch,
    WrongResultCountError,
    padded_batches,
)

LENGTHS = st.lists(st.integers(min_value=0, max_value=600), max_size=80)


class Doubling:
    """Items are their own length; the result is twice the item. Notes the thread and every batch."""

    def __init__(self, *, capacity: int = 10**9) -> None:
        self.capacity = capacity
        self.threads: set[int] = set()
        self.batches: list[list[int]] = []

    def lengths(self, items: Sequence[int]) -> list[int]:
        return list(items)

    def run(self, items: Sequence[int]) -> list[float]:
        self.threads.add(threading.get_ident())
        if max(items) * len(items) > self.capacity:
            raise MemoryError
        self.batches.append(list(items))
        return [2.0 * item for item in items]


class Answering(Doubling):
    """Returns the given function's results for the items."""

    def __init__(self, answer: Callable[[Sequence[int]], list[float]]) -> None:
        super().__init__()
        self.answer = answer

    def run(self, items: Sequence[int]) -> list[float]:
        return self.answer(items)


def run(model: Doubling, items: Sequence[int], max_tokens: int = 100) -> list[float | ItemFailure]:
    with GpuRunner(max_tokens=max_tokens) as runner:
        return asyncio.run(runner.run(model, items))


@given(LENGTHS, st.integers(min_value=1, max_value=2000))
def test_every_index_is_in_exactly_one_batch(lengths: list[int], max_tokens: int) -> None:
    batches = padded_batches(lengths, max_tokens)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(batches)


@given(LENGTHS, st.integers(min_value=1, max_value=2000))
def test_the_padded_size_of_a_batch_of_several_stays_within_the_bound(
    lengths: list[int], max_tokens: int
) -> None:
    for batch in padded_batches(lengths, max_tokens):
        assert len(batch) == 1 or max(lengths[index] for index in batch) * len(batch) <= max_tokens


@given(LENGTHS, st.integers(min_value=1, max_value=2000))
def test_batches_are_sorted_by_length_and_full(lengths: list[int], max_tokens: int) -> None:
    batches = padded_batches(lengths, max_tokens)
    flat = [lengths[index] for batch in batches for index in batch]
    assert flat == sorted(lengths)
    for batch, following in itertools.pairwise(batches):
        assert lengths[following[0]] * (len(batch) + 1) > max_tokens


@pytest.mark.parametrize(("lengths", "max_tokens"), [([1], 0), ([-1], 5)])
def test_impossible_bounds_and_lengths_are_refused(lengths: list[int], max_tokens: int) -> None:
    with pytest.raises(ValueError, match="must"):
        padded_batches(lengths, max_tokens)


@given(st.lists(st.integers(min_value=1, max_value=150), max_size=40))
def test_results_come_in_the_order_of_the_items(items: list[int]) -> None:
    assert run(Doubling(), items) == [2.0 * item for item in items]


def test_memory_running_out_halves_the_batch_and_goes_on() -> None:
    model = Doubling(capacity=25)
    assert run(model, [10] * 9) == [20.0] * 9
    assert max(map(len, model.batches)) <= 2


def test_an_item_that_never_fits_raises_a_typed_error() -> None:
    with pytest.raises(DeviceMemoryError, match="30 tokens"):
        run(Doubling(capacity=25), [10, 30])


def test_an_out_of_memory_runtime_error_of_torch_is_recognised() -> None:
    def answer(items: Sequence[int]) -> list[float]:
        if len(items) > 1:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return [1.0]

    assert run(Answering(answer), [5, 5, 5]) == [1.0, 1.0, 1.0]


def test_a_result_that_is_not_finite_fails_its_item_only() -> None:
    found = run(Answering(lambda items: [float("nan") if item == 7 else 1.0 for item in items]), [3, 7, 9])
    assert found == [1.0, ItemFailure("not_finite"), 1.0]


def test_vectors_with_an_infinity_fail_their_item() -> None:
    class Vectors:
        def lengths(self, items: Sequence[int]) -> list[int]:
            return [1] * len(items)

        def run(self, items: Sequence[int]) -> list[np.ndarray]:
            return [np.array([1.0, 0.0]), np.array([1.0, np.inf])]

    with GpuRunner() as runner:
        found = asyncio.run(runner.run(Vectors(), [1, 2]))
    assert isinstance(found[0], np.ndarray)
    assert found[1] == ItemFailure("not_finite")


def test_a_lost_device_has_an_error_of_its_own() -> None:
    def answer(_: Sequence[int]) -> list[float]:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(DeviceLostError, match="illegal memory access"):
        run(Answering(answer), [1])


def test_an_error_of_the_model_reaches_the_caller_as_it_is() -> None:
    def answer(_: Sequence[int]) -> list[float]:
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        run(Answering(answer), [1])


def test_a_wrong_number_of_results_is_an_error() -> None:
    with pytest.raises(WrongResultCountError, match="1 results for 2 items"):
        run(Answering(lambda _: [1.0]), [1, 1])


def test_concurrent_calls_share_one_thread_that_is_not_the_loop() -> None:
    model = Doubling()

    async def several() -> list[list[float | ItemFailure]]:
        return await asyncio.gather(*(runner.run(model, [number, number]) for number in range(1, 9)))

    with GpuRunner() as runner:
        results = asyncio.run(several())
    assert results == [[2.0 * number] * 2 for number in range(1, 9)]
    assert len(model.threads) == 1
    assert threading.get_ident() not in model.threads


def test_each_batch_is_observed_with_its_padded_size() -> None:
    seen: list[ObservedBatch] = []
    with GpuRunner(max_tokens=20, on_batch=seen.append) as runner:
        asyncio.run(runner.run(Doubling(), [10, 4, 4, 99]))
    assert [(batch.items, batch.padded_tokens) for batch in seen] == [(2, 8), (1, 10), (1, 99)]
    assert all(batch.seconds >= 0 for batch in seen)


def test_no_items_give_no_results_and_a_closed_runner_refuses() -> None:
    runner = GpuRunner()
    assert asyncio.run(runner.run(Doubling(), [])) == []
    runner.close()
    runner.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        asyncio.run(runner.run(Doubling(), [1]))


def test_functions_can_be_called_on_the_device_thread() -> None:
    model = Doubling()
    with GpuRunner() as runner:
        asyncio.run(runner.run(model, [1]))
        assert {asyncio.run(runner.call(threading.get_ident))} == model.threads
