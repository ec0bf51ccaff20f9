"""Attention of packed windows: by runs of equal length, or on a GPU in one kernel."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import torch
import torch.nn.functional as F

TOLERANCE = 0.03
"""Largest difference of two kernels' attention in bfloat16, for values of about 1. Chosen by hand."""

PROBE_LENGTHS = (1, 1, 7, 16, 16, 40, 130, 256)
"""Lengths of the windows with which a kernel is tried."""

_log = logging.getLogger(__name__)


class Run(NamedTuple):
    """Windows of one length beside one another: so many of `length` tokens, from token `start`."""

    start: int
    windows: int
    length: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The windows of packed tokens: runs of equal length, (windows + 1,) int32 offsets, longest length."""

    runs: tuple[Run, ...]
    offsets: torch.Tensor
    longest: int


Attention = Callable[[torch.Tensor, Layout, int], torch.Tensor]
"""Attention within each window: (tokens, 3 * width) queries, keys and values, their layout, the number of
heads -> (tokens, width)."""


def layout_of(lengths: Sequence[int], device: torch.device) -> Layout:
    """Return the layout of windows of these lengths (>= 1), one after another, for `device`."""
    offsets = torch.tensor([0, *lengths], dtype=torch.int32).cumsum(0, dtype=torch.int32)
    return Layout(tuple(equal_runs(lengths)), offsets.to(device), max(lengths, default=0))


def equal_runs(lengths: Sequence[int]) -> Iterator[Run]:
    """Yield the runs of equal length of windows that stand one after another.

    >>> [tuple(run) for run in equal_runs([3, 3, 5])]
    [(0, 2, 3), (6, 1, 5)]
    """
    start = 0
    for length, same in groupby(lengths):
        count = len(list(same))
        yield Run(start, count, length)
        start += count * length


def attend_by_runs(qkv: torch.Tensor, layout: Layout, heads: int) -> torch.Tensor:
    """Return the attention of each run of equal length at once; see `Attention`."""
    tokens, width = qkv.shape[0], qkv.shape[1] // 3
    result = qkv.new_empty((tokens, width))
    for start, count, length in layout.runs:
        part = qkv[start : start + count * length].view(count, length, 3, heads, -1)
        query, key, value = part.permute(2, 0, 3, 1, 4).unbind()
        mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2)
        result[start : start + count * length].view(mixed.shape).copy_(mixed)
    return result


def attend_at_once(qkv: torch.Tensor, layout: Layout, heads: int) -> torch.Tensor:
    """Return the attention of all windows from one flash kernel; only on a GPU in half precision.

    Raises ImportError if this torch has no such kernel, and the errors of torch.
    """
    from torch.nn.attention.varlen import varlen_attn  # noqa: PLC0415

    query, key, value = qkv.view(qkv.shape[0], 3, heads, -1).unbind(1)
    offsets, longest = layout.offsets, layout.longest
    mixed = varlen_attn(query, key, value, offsets, offsets, longest, longest)
    assert isinstance(mixed, torch.Tensor)
    return mixed.reshape(qkv.shape[0], -1)


def attention_for(device: torch.device, dtype: torch.dtype, *, width: int, heads: int) -> Attention:
    """Return the fastest attention that is right on `device`: a GPU's one kernel is tried first.

    The kernel has not run on a GPU yet, so it must agree with `attend_by_runs` on a probe. If it does not,
    or cannot run, a warning is logged and `attend_by_runs` is returned.
    """
    if device.type != "cuda" or dtype == torch.float32:
        return attend_by_runs
    return checked(attend_at_once, device, dtype, width=width, heads=heads)


def checked(
    attention: Attention, device: torch.device, dtype: torch.dtype, *, width: int, heads: int
) -> Attention:
    """Return `attention` if it agrees with `attend_by_runs` on a probe, else `attend_by_runs`."""
    generator = torch.Generator().manual_seed(1)
    probe = torch.randn(sum(PROBE_LENGTHS), 3 * width, generator=generator).to(device, dtype)
    layout = layout_of(PROBE_LENGTHS, device)
    try:
        difference = (
            (attention(probe, layout, heads) - attend_by_runs(probe, layout, heads)).abs().max().item()
        )
    except (ImportError, RuntimeError, TypeError, ValueError) as error:
        _log.warning("attention of varying lengths cannot run, windows are grouped by length: %s", error)
        return attend_by_runs
    if not difference <= TOLERANCE:
        _log.warning("attention of varying lengths differs by %s, windows are grouped by length", difference)
        return attend_by_runs
    return attention
