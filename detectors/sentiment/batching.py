"""Groups of items of similar length, so that a padded batch stays within a memory bound."""

from collections.abc import Sequence


def padded_batches(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Return index groups whose padded size, longest x count, is at most `max_tokens`.

    `lengths` are token counts (>= 0) in item order. Groups are ordered shortest first and indices of equal
    length keep their order, so the result depends only on the arguments. Every index appears exactly once. An
    item longer than `max_tokens` is alone in its group: memory is then bounded by the longest item, which the
    model limits.

    Raises ValueError if `max_tokens` is below 1 or a length is negative.

    >>> padded_batches([5, 1, 4, 1], max_tokens=8)
    [[1, 3], [2], [0]]
    >>> padded_batches([3, 99, 3], max_tokens=10)
    [[0, 2], [1]]
    >>> padded_batches([], max_tokens=10)
    []
    """
    if max_tokens < 1:
        raise ValueError("max_tokens must be at least 1")
    if any(length < 0 for length in lengths):
        raise ValueError("lengths must not be negative")
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda position: lengths[position]):
        if batches and lengths[index] * (len(batches[-1]) + 1) <= max_tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
