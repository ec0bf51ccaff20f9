"""How knowledge is indexed by this build."""

from typing import Final

INDEX_VERSION: Final = b"6"
"""Part of each source's hash: if a newer build indexes differently, loading a file again indexes it again.

It changes with the cutting of articles and with the weights of the encoder that reads them. A calibration of
another version does not count.
"""
