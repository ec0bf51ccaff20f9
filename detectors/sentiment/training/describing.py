"""The description of trained weights: their version, the command that made them, and what they learned."""

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Final

from detectors.sentiment.calibration import Calibration
from detectors.sentiment.corpus.messages import learned_files
from detectors.sentiment.heads import Heads
from detectors.sentiment.weights_file import Description

_FILES: Final = ("labels.txt", "train.tsv", "dev.tsv", "test.tsv")
_LIBRARIES: Final = ("torch", "transformers", "tokenizers", "numpy")


def described(data: Path, heads: Heads, calibration: Calibration, *, options: str) -> Description:
    """Return the description of weights with these heads.

    `data` is the folder of GoEmotions, `options` are those of the command after its folders.
    """
    digest = hashlib.sha256(heads.rule_weight.tobytes() + heads.whole_weight.tobytes()).hexdigest()[:8]
    return Description(
        version=f"minilm-mood-{digest}",
        encoder="all-MiniLM-L6-v2",
        command=f"rapport train sentiment --data FOLDER --out FOLDER {options}",
        calibration=calibration,
        data=digests([data / name for name in _FILES]) | corpus_digests(),
        versions={name: version(name) for name in _LIBRARIES},
    )


def corpus_digests() -> dict[str, str]:
    """Return the SHA-256 of each file of the corpus that a training learns, by its name."""
    return digests(learned_files())


def digests(paths: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of files, by name; raises OSError if one cannot be read."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
