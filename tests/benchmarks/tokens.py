"""Milliseconds per text on this CPU by the padded tokens of a model batch, in one run."""

import csv
from pathlib import Path
from time import process_time

import torch
from rich.table import Table

from detectors.sentiment import SentimentModel
from tests.benchmarks.inputs import MissingDataError

LIMITS = (512, 1_024, 2_048, 4_096, 16_384)
BATCH_TEXTS = 256


def measure(data: Path, *, texts: int = 768) -> Table:
    """Return CPU milliseconds per text for each limit of padded tokens, on one thread."""
    file = data / "banking77" / "test.csv"
    if not file.exists():
        raise MissingDataError(f"{file} is missing.")
    torch.set_num_threads(1)
    model = SentimentModel.load()
    with file.open(encoding="utf-8", newline="") as rows:
        questions = [row["text"] for row in csv.DictReader(rows)][:texts]
    model.score(questions[:BATCH_TEXTS])
    table = Table("padded tokens", "ms of CPU per text", title=f"{len(questions)} questions, one thread")
    for limit in LIMITS:
        started = process_time()
        for start in range(0, len(questions), BATCH_TEXTS):
            model.score(questions[start : start + BATCH_TEXTS], max_tokens=limit)
        table.add_row(f"{limit:,}", f"{(process_time() - started) / len(questions) * 1_000:.2f}")
    return table
