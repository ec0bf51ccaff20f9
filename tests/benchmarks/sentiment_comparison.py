"""The speed comparison: the systems read the same texts in turn, in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from tests.benchmarks import sentiment_contestants as contestants
from tests.benchmarks.sentiment_contestants import DEVICE, PIPELINE, WHOLE, Ours
from tests.benchmarks.sentiment_encoders import Encoder
from tests.benchmarks.sentiment_measures import flops_of, interleaved, latencies, peak_flops, rows_of
from tests.benchmarks.sentiment_texts import Accepts, corpus_messages, of_length, real_mix

COUNTS = {"16 tokens": 256, "64 tokens": 96, "256 tokens": 32, "real mix": 192}
"""Texts of one measurement on a CPU: about a second each."""

GPU_TIMES = 64
"""How many times as many texts a GPU reads."""

TICKETS_A_SECOND = 500
"""Arrivals for the latency on a GPU; a CPU gets half of what it can do, at most so many."""

LATENCY_SECONDS = 10.0
"""Seconds in which tickets arrive, at most."""


class Comparison:
    """The contestants on one device; `report` measures them."""

    def __init__(self, encoder: Encoder, device: str, *, scale: float) -> None:
        self._encoder, self._device, self._scale = encoder, device, scale
        self.notes = [f"encoder: {encoder.origin}", f"device: {_device_words(device)}"]
        self._ours = Ours(encoder, device)
        self._whole = self._whole_product()
        self._pipeline = contestants.transformers_pipeline(encoder, device)
        self._peer, self._encode = contestants.sentence_transformers(encoder, device)
        if self._peer == contestants.STAND_IN:
            self.notes.append("sentence-transformers: not installed; a stand-in does what its encode does")

    def report(self, *, repeats: int, seconds: float) -> list[str]:
        """Return the lines of the tables, within about `seconds`."""
        lines = ["| texts | system | texts/s | CPU s / pipeline's |", "|---|---|--:|--:|"]
        shares, mix, best = [], [], 1.0
        until = time.perf_counter() + seconds
        for number, (size, texts) in enumerate(self._texts().items()):
            due = until - (len(COUNTS) - 1 - number) * seconds / len(COUNTS)
            windows = self._windows(texts)
            found = interleaved(self._works(texts, windows), repeats=repeats, until=due)
            lines += rows_of(size, len(texts), found)
            shares.append((size, flops_of(windows, self._encoder) / min(t.wall for t in found[DEVICE])))
            mix, best = texts, len(texts) / min(t.wall for t in found.get(WHOLE, found[DEVICE]))
        return [*lines, *self._roofline(shares), self._latency(mix, best, min(LATENCY_SECONDS, seconds))]

    def _whole_product(self) -> Any:
        try:
            return contestants.whole_product(self._device)
        except ModuleNotFoundError as error:
            self.notes.append(f"{WHOLE}: left out, because {error.name} is not installed")
            return None

    def _texts(self) -> dict[str, list[str]]:
        messages, tokenizer = corpus_messages(), self._encoder.tokenizer
        times = self._scale * (GPU_TIMES if self._device == "cuda" else 1)
        counts = {size: max(2, int(count * times)) for size, count in COUNTS.items()}
        if not messages:
            self.notes.append("texts: random words, because the corpus is not at hand")
        fixed = {
            size: of_length(messages, tokenizer, int(size.split()[0]), count, self._accepts())
            for size, count in counts.items()
            if size != "real mix"
        }
        return fixed | {"real mix": real_mix(messages, tokenizer, counts["real mix"])}

    def _accepts(self) -> Accepts:
        model = self._whole
        if model is None:
            return lambda text, tokens: True
        return lambda text, tokens: (
            [len(window) for window in model.prepare_all([text])[0].windows] == [tokens]
        )

    def _windows(self, texts: Sequence[str]) -> list[Sequence[int]]:
        """Return the windows that our whole reading gives the model, or those of the texts as they are."""
        if self._whole is None:
            return [*self._ours.windows(texts)]
        return [window for item in self._whole.prepare_all(texts) for window in item.windows]

    def _works(self, texts: list[str], windows: Sequence[Sequence[int]]) -> dict[str, Callable[[], object]]:
        works: dict[str, Callable[[], object]] = {DEVICE: lambda: self._ours.of_windows(windows)}
        if self._whole is not None:
            works[WHOLE] = lambda: self._whole.score(texts)
        works[PIPELINE] = lambda: self._pipeline(texts)
        works[self._peer] = lambda: self._encode(texts)
        return works

    def _roofline(self, achieved: Sequence[tuple[str, float]]) -> list[str]:
        if self._device != "cuda":
            reached = ", ".join(f"{size} {rate / 1e9:,.0f}" for size, rate in achieved)
            return ["", f"Our model alone, GFLOP/s at its best: {reached}."]
        peak = peak_flops()
        reached = ", ".join(f"{size} {rate / peak:.1%}" for size, rate in achieved)
        return ["", f"Share of {peak / 1e12:,.0f} TFLOP/s, the best bfloat16 product here: {reached}."]

    def _latency(self, texts: Sequence[str], best: float, seconds: float) -> str:
        rate = TICKETS_A_SECOND if self._device == "cuda" else min(TICKETS_A_SECOND, best / 2)
        score = self._ours.of_texts if self._whole is None else self._whole.score
        found = latencies(score, texts, rate=rate, seconds=seconds)
        if not found:
            return "No ticket arrived for the latency."
        p50, p99 = (found[int(share * (len(found) - 1))] * 1000 for share in (0.5, 0.99))
        return (
            f"Ticket to score at {rate:,.0f} tickets/s of the real mix: p50 {p50:,.0f} ms, p99 {p99:,.0f} ms."
        )


def _device_words(device: str) -> str:
    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"{torch.get_num_threads()} CPU threads"
