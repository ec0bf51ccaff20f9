"""Rows of counts as an older build kept them, in the layout of this build."""

from typing import Final

import numpy as np

from detectors.usage.counts.bursts import packed, top_share
from detectors.usage.counts.rows import COUNTS, fresh_counts

_NEW: Final = ("top", "tail_days", "tail_excess", "tail_new")
"""Fields that the older layout does not have."""

OLDER_COUNTS: Final = np.dtype([field for field in COUNTS.descr if field[0] not in _NEW])
"""The layout of snapshots of version 3: 324 bytes per series."""


def upgraded(data: bytes) -> bytes:
    """Return rows of the older layout as rows of this build; bytes of another length stay as they are.

    The busiest hours of the days before are taken from the shape of a working day, and no tail is known.

    >>> upgraded(np.zeros(2, OLDER_COUNTS).tobytes()) == upgraded(b"") * 2, len(upgraded(b"short"))
    (False, 5)
    """
    if len(data) % OLDER_COUNTS.itemsize:
        return data
    older = np.frombuffer(data, OLDER_COUNTS)
    block = fresh_counts(len(older))
    for name in OLDER_COUNTS.names or ():
        block[name] = older[name]
    usual = packed(top_share(block["shape"][:, 1].astype("f8")))
    block["top"] = np.where(block["days"] > 0.0, usual[:, None], 0)
    return block.tobytes()
