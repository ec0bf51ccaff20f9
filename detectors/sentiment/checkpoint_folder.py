"""A folder with a sequence-classification model of transformers, checked before torch reads it."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, get_args

from detectors.sentiment.language import ENGLISH_ONLY, LANGUAGES
from schemas.tickets import Mood

DECLARATION_FILE: Final = "rapport.json"
MAX_TEMPERATURE: Final = 20.0
"""Highest temperature that is accepted, as for the shipped head. Chosen by hand."""

_MOODS: Final = get_args(Mood)
_FIELDS: Final = frozenset({"labels", "temperature", "languages", "version", "abstain_below", "max_tokens"})
_UNSAFE: Final = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.msgpack")
_READ_BYTES: Final = 1 << 20


class CheckpointError(ValueError):
    """The folder cannot be used; the message is one sentence without its full stop."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """How the outputs of a checkpoint are read.

    `moods` has the mood of each output, in order of the outputs; several outputs may be one mood. Logits are
    divided by `temperature`. A mood less probable than `abstain_below` is `uncertain`. `max_tokens` is the
    longest window with its special tokens, or None for the model's own. `version` ends in the first 12 digits
    of the SHA-256 of the weights, and in `no-neutral` if no output is neutral.
    """

    moods: tuple[Mood, ...]
    languages: tuple[str, ...]
    version: str
    temperature: float = 1.0
    abstain_below: float = 0.0
    max_tokens: int | None = None

    @property
    def has_neutral(self) -> bool:
        """Return whether an output is neutral; otherwise its probability is always 0."""
        return "neutral" in self.moods

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Check the folder and return its declaration.

        `rapport.json` may set every field. Without `labels` there, the model's own names of its outputs must
        be negative, neutral and positive. Raises CheckpointError with what is wrong, and OSError if a file
        that exists cannot be read.
        """
        config = _checked_config(folder)
        weights = _weight_files(folder)
        declared = json_object(folder / DECLARATION_FILE) if (folder / DECLARATION_FILE).exists() else {}
        if unknown := sorted(set(declared) - _FIELDS):
            raise CheckpointError(f"{DECLARATION_FILE} has the unknown field {unknown[0]}")
        moods = _moods(_names(config), declared.get("labels"))
        return cls(
            moods=moods,
            languages=_languages(declared.get("languages", list(ENGLISH_ONLY))),
            version=_version(declared.get("version", folder.resolve().name), weights, moods),
            temperature=_number(declared, "temperature", 1.0, low=1e-3, high=MAX_TEMPERATURE),
            abstain_below=_number(declared, "abstain_below", 0.0, low=0.0, high=1.0),
            max_tokens=_max_tokens(declared.get("max_tokens")),
        )


def _checked_config(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise CheckpointError(f"{folder} is not a folder")
    config = json_object(folder / "config.json")
    for name in ("config.json", "tokenizer_config.json"):
        if (folder / name).exists() and "auto_map" in json_object(folder / name):
            raise CheckpointError(f"{name} names code of its own (auto_map), which is never run")
    if (folder / "adapter_config.json").exists():
        raise CheckpointError("the folder has an adapter; merge it into its model and save that")
    architectures = config.get("architectures") or []
    if not _is_texts(architectures) or not any(
        name.endswith("ForSequenceClassification") for name in architectures
    ):
        raise CheckpointError("config.json names no model for sequence classification")
    if config.get("problem_type") not in (None, "single_label_classification"):
        raise CheckpointError(f"the model answers a {config['problem_type']}, not one label of several")
    if not (folder / "tokenizer.json").is_file():
        raise CheckpointError("tokenizer.json is missing; save the fast tokenizer beside the model")
    return config


def json_object(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file. Raises CheckpointError if there is none."""
    if not path.is_file():
        raise CheckpointError(f"{path.name} is missing")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path.name} is not JSON") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path.name} is not a JSON object")
    return content


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of the model, in order of name."""
    if (folder / "model.safetensors").is_file():
        return [folder / "model.safetensors"]
    index = folder / "model.safetensors.index.json"
    if index.exists():
        shards = json_object(index).get("weight_map")
        names = set(shards.values()) if isinstance(shards, dict) else set()
        if not names or not all(isinstance(name, str) and Path(name).name == name for name in names):
            raise CheckpointError(f"{index.name} names no files")
        if missing := [name for name in sorted(names) if not (folder / name).is_file()]:
            raise CheckpointError(f"{missing[0]} is missing")
        return [folder / name for name in sorted(names)]
    unsafe = sorted(path.name for pattern in _UNSAFE for path in folder.glob(pattern))
    if unsafe:
        raise CheckpointError(
            f"{unsafe[0]} can run code when it is read; save the model as model.safetensors"
        )
    raise CheckpointError("model.safetensors is missing")


def _names(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the outputs in their order."""
    names = config.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}
    if not isinstance(names, dict) or set(names) != {str(number) for number in range(len(names))}:
        raise CheckpointError("id2label in config.json does not number its labels from 0")
    if len(names) < 2:
        raise CheckpointError("the model has one output, so it gives a number and no mood")
    return tuple(str(names[str(number)]) for number in range(len(names)))


def _moods(names: tuple[str, ...], declared: object) -> tuple[Mood, ...]:
    """Return the mood of each output.

    >>> _moods(("NEG", "POS"), {"NEG": "negative", "POS": "positive"})
    ('negative', 'positive')
    >>> _moods(("Positive", "Neutral", "Negative"), None)
    ('positive', 'neutral', 'negative')
    """
    if declared is None:
        declared = {name: name.lower() for name in names}
        if not set(declared.values()) <= set(_MOODS):
            wish = f'write {DECLARATION_FILE} with {{"labels": {{"{names[0]}": "negative", ...}}}}'
            raise CheckpointError(f"the labels {', '.join(names[:6])} are no moods; {wish}")
    if not isinstance(declared, dict):
        raise CheckpointError(f"labels in {DECLARATION_FILE} is not an object")
    if missing := [name for name in names if name not in declared]:
        raise CheckpointError(f"labels in {DECLARATION_FILE} lacks the model's label {missing[0]}")
    if unknown := [name for name in declared if name not in names]:
        raise CheckpointError(
            f"labels in {DECLARATION_FILE} has {unknown[0]}, which is no label of the model"
        )
    if wrong := [name for name in names if declared[name] not in _MOODS]:
        raise CheckpointError(
            f"labels in {DECLARATION_FILE} gives {wrong[0]} another mood than negative, neutral or positive"
        )
    moods: tuple[Mood, ...] = tuple(declared[name] for name in names)
    for mood in ("negative", "positive"):
        if mood not in moods:
            raise CheckpointError(f"no label of the model is {mood}")
    return moods


def _languages(declared: object) -> tuple[str, ...]:
    if not isinstance(declared, list) or not declared or not _is_texts(declared):
        raise CheckpointError(f"languages in {DECLARATION_FILE} is not a list of codes such as en")
    if unknown := [code for code in declared if code not in LANGUAGES]:
        raise CheckpointError(f"languages in {DECLARATION_FILE} has {unknown[0]}, which cannot be recognised")
    return tuple(dict.fromkeys(declared))


def _number(declared: Mapping[str, Any], name: str, default: float, *, low: float, high: float) -> float:
    value = declared.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CheckpointError(f"{name} in {DECLARATION_FILE} is not a number")
    if not low <= value <= high:
        raise CheckpointError(f"{name} in {DECLARATION_FILE} is not between {low:g} and {high:g}")
    return float(value)


def _max_tokens(declared: object) -> int | None:
    if declared is None:
        return None
    if isinstance(declared, bool) or not isinstance(declared, int) or not 8 <= declared <= 1 << 16:
        raise CheckpointError(f"max_tokens in {DECLARATION_FILE} is not a whole number from 8 to 65536")
    return declared


def _version(name: object, weights: list[Path], moods: tuple[Mood, ...]) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > 100 or not name.isprintable():
        raise CheckpointError(f"version in {DECLARATION_FILE} is not a name of at most 100 characters")
    digest = hashlib.sha256()
    for path in weights:
        digest.update(_sha256(path))
    return f"{name.strip()}-{digest.hexdigest()[:12]}{'' if 'neutral' in moods else '-no-neutral'}"


def _sha256(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
    return digest.digest()
