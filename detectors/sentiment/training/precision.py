"""In which precision a training multiplies: half where the processor is built for it, single elsewhere."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import torch

_FAST: Final = ("amx_bf16", "avx512_bf16", "bf16")
"""What a processor says that multiplies bfloat16 itself, on x86 and on ARM."""


def multiplies_bfloat16(capabilities: Mapping[str, Any]) -> bool:
    """Return whether a processor with these capabilities multiplies bfloat16 itself.

    Others imitate it: a step of training took 25 times as long as in single precision.

    >>> multiplies_bfloat16({"avx2": True, "avx512_bf16": True}), multiplies_bfloat16({"avx2": True})
    (True, False)
    """
    return any(capabilities.get(name) for name in _FAST)


@cache
def has_fast_bfloat16() -> bool:
    """Return whether this machine's processor multiplies bfloat16 itself."""
    return multiplies_bfloat16(torch.cpu.get_capabilities())


def products() -> torch.autocast:
    """Return the context in which layers are passed in the precision that is fast on this processor."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_fast_bfloat16())


def weight_type() -> torch.dtype:
    """Return the type of weights and states that `products` multiplies."""
    return torch.bfloat16 if has_fast_bfloat16() else torch.float32
