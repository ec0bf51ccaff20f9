"""A program: `python -m tests.benchmarks.sentiment` compares the speed of scoring moods.

Our model alone (from token ids), our whole reading, transformers.pipeline and sentence-transformers read the
same texts in turn, in one process, with encoders of the same size. It needs only torch, transformers and
numpy; a part that needs more is left out by name. The encoder comes from its package, from the folder of
`--weights`, or has random weights; `--pack FOLDER` writes such a folder of 46 MB. A GPU is used if there is
one: that part has not run on a GPU yet.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from tests.benchmarks.sentiment_comparison import Comparison
from tests.benchmarks.sentiment_encoders import find_encoder, pack

RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, or pack an encoder; see `--help`."""
    given = _options().parse_args(arguments)
    encoder = find_encoder(given.weights)
    if given.pack is not None:
        _print(f"{pack(encoder, given.pack):,} bytes in {given.pack}, from {encoder.origin}")
        return
    if given.threads:
        torch.set_num_threads(given.threads)
    comparison = Comparison(encoder, given.device, scale=given.scale)
    lines = comparison.report(repeats=given.repeats, seconds=given.seconds)
    body = "\n".join([*(f"- {note}" for note in comparison.notes), "", *lines])
    _print(body)
    if given.results is not None:
        _write(body, given.results, sys.argv[1:] if arguments is None else arguments)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sentiment", description=__doc__)
    parser.add_argument("--weights", type=Path, help="folder that --pack wrote")
    parser.add_argument("--pack", type=Path, help="write the encoder in float16 to this folder and end")
    parser.add_argument(
        "--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cpu or cuda"
    )
    parser.add_argument("--threads", type=int, default=0, help="CPU threads of torch; 0 is torch's choice")
    parser.add_argument("--repeats", type=int, default=7, help="measurements of each system and length")
    parser.add_argument("--seconds", type=float, default=240.0, help="stop repeating after so many seconds")
    parser.add_argument("--scale", type=float, default=1.0, help="texts of one measurement, as a factor")
    parser.add_argument("--results", type=Path, nargs="?", const=RESULTS, help="write the section to a file")
    return parser


def _print(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def _write(body: str, file: Path, arguments: Sequence[str]) -> None:
    from tests.results import write_section

    command = " ".join(["python -m tests.benchmarks.sentiment", *arguments])
    write_section(file, "sentiment-speed", command, body)


if __name__ == "__main__":
    main()
