"""A program: `python -m tests.responders.words_fit OUT` fits the projection of the vectors of words.

The training of the matching encoder starts from it. It keeps the directions in which the states of words
differ most: the first singular vectors of the words of four knowledge bases, the three for tuning in
`tests/evaluation` and the sample company. No label is used.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from responders.chunks.cutting import chunks_of
from responders.retrieval.word_vectors import WORD_WIDTH, save_projection
from responders.words import placed_stems
from streams.cli.composition.connections import read_settings
from streams.cli.composition.models import device_runner, load_text_encoder
from streams.cli.knowledge_folders import read_folder
from streams.demo.company import company
from streams.gpu import DeviceEmbedder
from tests.responders.confidence_bases import NOW, SEED

FOLDERS = [Path(__file__).parents[1] / "evaluation" / name for name in ("fernwerk", "halyard", "tidewell")]


def main(out: Annotated[Path, typer.Argument(help="The file to write, such as start.safetensors.")]) -> None:
    """Fit the projection and write it in half precision."""
    embedder = DeviceEmbedder(load_text_encoder(), device_runner(read_settings()))
    sources = [source for folder in FOLDERS for source in read_folder(folder).sources]
    sources += company(SEED, end=NOW).articles
    texts = [f"{one.title}: {one.heading}. {one.body}" for source in sources for one in chunks_of(source)]
    moments = np.zeros((384, 384))
    for start in range(0, len(texts), 64):
        part = texts[start : start + 64]
        for text, read in zip(part, embedder.read(part), strict=True):
            places = {place for _, first, last in placed_stems(text) for place in range(first, last)}
            kept = [row for row, (first, last) in enumerate(read.spans) if last > first and first in places]
            rows = read.states[kept] / np.linalg.norm(read.states[kept], axis=1, keepdims=True)
            moments += rows.T @ rows
    directions = np.linalg.svd(moments)[0][:, :WORD_WIDTH]
    save_projection(out, directions)
    typer.echo(f"{len(texts)} texts; {WORD_WIDTH} directions written to {out}")


if __name__ == "__main__":
    typer.run(main)
