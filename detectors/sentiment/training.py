"""Training of the sentiment head: multinomial logistic regression on the encoder's pooled states.

Data: GoEmotions (Demszky et al. 2020, arXiv 2005.00547), 54 k short comments with 28 emotions, mapped to
three moods by the paper's own grouping. The paper's ambiguous emotions (confusion, curiosity, realization,
surprise) count as neutral, because a customer's question is curiosity or confusion and must read as neutral.
The model card has the figures of this choice and of the others.
"""

import hashlib
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from detectors.sentiment.arrays import Float32, Float64, Int64
from detectors.sentiment.encoder import TextEncoder
from detectors.sentiment.head import Description, Head
from detectors.sentiment.measures import measures
from detectors.sentiment.scores import LABELS

POSITIVE = frozenset(
    "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief".split()
)
NEGATIVE = frozenset(
    "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse"
    " sadness".split()
)
AMBIGUOUS = frozenset("confusion curiosity realization surprise".split())
NEUTRAL = AMBIGUOUS | {"neutral"}
REQUEST = frozenset({"desire"})

L2_STRENGTH = 3e-3
"""Weight of the squared weights in the loss. Chosen on `dev.tsv` of GoEmotions, see the model card."""

CLASS_WEIGHT_POWER = 1.0
"""Power of a class's inverse share in its weight: 0 keeps the shares, 1 makes all classes equal.

Chosen with the support sentences of the tests in view, see the model card.
"""

MAX_STEPS = 150
"""Iterations of L-BFGS at most. Chosen by hand."""

_CHUNK_ROWS = 4096
"""Rows encoded between two reports of progress. Chosen by hand."""

_TEMPERATURES = np.geomspace(0.25, 8.0, 241)
"""The grid of `best_temperature`: 241 values in steps of 1.5 %."""


class TrainingDataError(ValueError):
    """The data folder lacks a file, or a line of a file cannot be understood."""


class StateEncoder(Protocol):
    """The part of an encoder that training needs."""

    def pooled_states(self, texts: Sequence[str], max_tokens: int = 16384) -> Float32:
        """Return one row of states per text, in order."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text, the number of its mood in LABELS, and whether desire is its only positive emotion."""

    text: str
    label: int
    request: bool = False


def mood(emotions: AbstractSet[str]) -> int | None:
    """Return the label number of a comment's emotions, or None if they mix positive with negative.

    Ambiguous emotions next to a positive or a negative emotion do not change the mood.

    >>> mood({"gratitude", "surprise"}), mood({"curiosity"}), mood({"anger"}), mood({"joy", "fear"})
    (2, 1, 0, None)
    """
    positive, negative = bool(emotions & POSITIVE), bool(emotions & NEGATIVE)
    if positive and negative:
        return None
    return LABELS.index("positive" if positive else "negative" if negative else "neutral")


def read_examples(path: Path, names: Sequence[str]) -> list[Example]:
    """Read a GoEmotions file: text, comma-separated emotion numbers and an id per line, separated by tabs.

    Rows that mix positive and negative are left out; order is kept. Raises TrainingDataError with the file
    and the line.
    """
    examples = []
    for number, line in enumerate(_lines(path), start=1):
        try:
            text, marks, _ = line.split("\t")
            emotions = frozenset(names[int(mark)] for mark in marks.split(","))
        except (ValueError, IndexError) as error:
            raise TrainingDataError(f"{path.name}, line {number}: text, emotions and id expected") from error
        label = mood(emotions)
        if label is not None:
            examples.append(Example(text, label, emotions & POSITIVE == REQUEST))
    return examples


def train(
    train_rows: Sequence[Example],
    dev_rows: Sequence[Example],
    *,
    encoder: StateEncoder,
    seed: int,
    progress: Callable[[str], None],
) -> Head:
    """Return a head fitted on `train_rows` with its temperature fitted on `dev_rows`.

    Rows whose only positive emotion is desire are left out of the fit: "I would like to ..." is a request,
    not praise. Classes weigh the same regardless of their share, because the share of angry customers differs
    from desk to desk. The loss is convex and starts from zero; `seed` orders the rows, so equal arguments
    give equal weights on one machine. Raises TrainingDataError if a class is missing.
    """
    order = np.random.default_rng(seed).permutation(len(train_rows))
    rows = [train_rows[index] for index in order if not train_rows[index].request]
    labels, dev_labels = _labels(rows), _labels(dev_rows)
    if len(set(labels.tolist())) < len(LABELS) or not len(dev_labels):
        raise TrainingDataError("every mood needs training rows, and calibration needs dev rows")
    states = encode_rows(rows, encoder=encoder, progress=progress, name="train")
    progress("fitting")
    weight, bias = fit(states, labels)
    dev_states = encode_rows(dev_rows, encoder=encoder, progress=progress, name="dev")
    temperature = best_temperature(dev_states.astype(np.float64) @ weight.T + bias, dev_labels)
    digest = hashlib.sha256(weight.tobytes() + bias.tobytes()).hexdigest()[:8]
    command = f"rapport train sentiment --data FOLDER --out FOLDER --seed {seed}"
    described = Description(f"minilm-goemotions-{digest}", LABELS, temperature, "all-MiniLM-L6-v2", command)
    return Head(weight, bias, described)


def fit(states: Float32, labels: Int64) -> tuple[Float32, Float32]:
    """Return (3, d) weights and 3 biases for raw states, fitted by L-BFGS on standardised states.

    `states` is overwritten, which halves the memory.
    """
    import torch  # noqa: PLC0415

    features = torch.from_numpy(states)
    mean, spread = features.mean(dim=0), features.std(dim=0) + 1e-6
    features.sub_(mean).div_(spread)
    target, importance = torch.from_numpy(labels), torch.from_numpy(_importance(labels))
    weight = torch.zeros(len(LABELS), features.shape[1], requires_grad=True)
    bias = torch.zeros(len(LABELS), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=MAX_STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        losses = torch.nn.functional.cross_entropy(features @ weight.T + bias, target, reduction="none")
        total = (losses * importance).sum() + L2_STRENGTH * weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    raw = weight.detach() / spread
    return raw.numpy(), (bias.detach() - raw @ mean).numpy()


def best_temperature(logits: Float64, labels: Int64) -> float:
    """Return the temperature in [0.25, 8], from a fixed grid, with the lowest negative log-likelihood.

    >>> best_temperature(np.array([[9.0, 0.0, 0.0]] * 4), np.array([0, 0, 0, 1])) > 4
    True
    """

    def cost(temperature: float) -> float:
        scaled = logits / temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(labels)), labels]
        return float((np.log(np.exp(scaled).sum(axis=1)) - chosen).mean())

    return round(float(min(_TEMPERATURES, key=cost)), 4)


def encode_rows(
    rows: Sequence[Example], *, encoder: StateEncoder, progress: Callable[[str], None], name: str
) -> Float32:
    """Return the states of all rows, in order; report to `progress` after every 4,096 rows."""
    parts = []
    for start in range(0, len(rows), _CHUNK_ROWS):
        parts.append(encoder.pooled_states([row.text for row in rows[start : start + _CHUNK_ROWS]]))
        progress(f"{name}: encoded {min(start + _CHUNK_ROWS, len(rows))} of {len(rows)} texts")
    return np.concatenate(parts)


def evaluate(head: Head, rows: Sequence[Example], *, encoder: StateEncoder) -> dict[str, float]:
    """Return accuracy, macro_f1, auc_negative and ece of `head` on `rows`."""
    states = encoder.pooled_states([row.text for row in rows])
    return measures(head.probabilities(states), _labels(rows))


def train_from_folder(
    data: Path, out: Path, *, seed: int, limit: int | None, progress: Callable[[str], None]
) -> dict[str, float]:
    """Train on train.tsv, calibrate on dev.tsv, measure on test.tsv of `data`, write the head into `out`.

    `limit` keeps a random sample of that many rows of each file. Returns the measures on the test rows, with
    `temperature` and the numbers of rows. Raises TrainingDataError if the folder is not GoEmotions, and
    OSError if `out` cannot be written.
    """
    names = _lines(data / "labels.txt")
    if set(names) != POSITIVE | NEGATIVE | NEUTRAL:
        raise TrainingDataError("labels.txt does not name the 28 emotions of GoEmotions")
    splits = {name: read_examples(data / f"{name}.tsv", names) for name in ("train", "dev", "test")}
    if limit is not None:
        splits = {name: _sample(rows, limit, seed) for name, rows in splits.items()}
    encoder = TextEncoder.load("cpu")
    head = train(splits["train"], splits["dev"], encoder=encoder, seed=seed, progress=progress)
    found = evaluate(head, splits["test"], encoder=encoder)
    head.save(out)
    progress(f"wrote {head.description.version}")
    counts = {f"{name}_rows": float(len(rows)) for name, rows in splits.items()}
    return found | {"temperature": head.description.temperature} | counts


def _sample(rows: list[Example], limit: int, seed: int) -> list[Example]:
    if limit >= len(rows):
        return rows
    chosen = np.random.default_rng(seed).choice(len(rows), size=limit, replace=False)
    return [rows[index] for index in sorted(chosen.tolist())]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    except FileNotFoundError as error:
        raise TrainingDataError(f"{path.name} is missing in {path.parent}") from error
    except UnicodeDecodeError as error:
        raise TrainingDataError(f"{path.name} is not UTF-8") from error


def _labels(rows: Sequence[Example]) -> Int64:
    return np.array([row.label for row in rows], dtype=np.int64)


def _importance(labels: Int64) -> Float32:
    counts = np.bincount(labels, minlength=len(LABELS))
    weights = (counts.sum() / counts[labels]) ** CLASS_WEIGHT_POWER
    return np.asarray(weights / weights.sum(), dtype=np.float32)
