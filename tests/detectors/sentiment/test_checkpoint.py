"""Checkpoints of transformers: the declared labels, the files that are refused, and odd weights."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from detectors.sentiment.checkpoint import CheckpointModel
from detectors.sentiment.checkpoint_folder import CheckpointError
from tests.detectors.support.tiny_models import LONGEST, Architecture, write_checkpoint

TEXT = "The export failed again and nobody answers"
STARS = {number: f"{number + 1} stars" for number in range(5)}
STAR_MOODS = dict(
    zip(STARS.values(), ("negative", "negative", "neutral", "positive", "positive"), strict=True)
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("sound") / "tiny", "distilbert")


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "tiny"))


def declare(folder: Path, **declared: object) -> Path:
    (folder / "rapport.json").write_text(json.dumps(declared), encoding="utf-8")
    return folder


def change(path: Path, **fields: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | fields), encoding="utf-8")


def probabilities(model: CheckpointModel, text: str = TEXT) -> np.ndarray:
    score = model.score([text])[0]
    assert score.probabilities is not None
    return np.array(score.probabilities)


def test_names_that_are_moods_need_no_declaration_and_their_order_does_not_matter(tmp_path: Path) -> None:
    plain = CheckpointModel.load(write_checkpoint(tmp_path / "plain", "roberta"))
    turned = {0: "POSITIVE", 1: "Neutral", 2: "negative"}
    other = CheckpointModel.load(write_checkpoint(tmp_path / "turned", "roberta", labels=turned))
    short = "It failed again"
    assert np.allclose(probabilities(plain, short), probabilities(other, short)[::-1], atol=1e-6)


def test_several_labels_of_one_mood_are_summed(tmp_path: Path) -> None:
    stars = write_checkpoint(tmp_path / "m", "distilbert", labels=STARS, declared={"labels": STAR_MOODS})
    whole = probabilities(CheckpointModel.load(stars))
    merged = dict.fromkeys(STARS.values(), "negative") | {"5 stars": "positive"}
    part = probabilities(CheckpointModel.load(declare(stars, labels=merged)))
    assert whole.sum() == pytest.approx(1.0)
    assert part[1] == 0.0
    assert part[0] > whole[0]
    assert part[2] < whole[2]


def test_a_model_of_two_labels_says_that_it_knows_no_neutral(tmp_path: Path) -> None:
    two = {0: "LABEL_0", 1: "LABEL_1"}
    moods = {"labels": {"LABEL_0": "negative", "LABEL_1": "positive"}, "version": "mine"}
    model = CheckpointModel.load(write_checkpoint(tmp_path / "m", "roberta", labels=two, declared=moods))
    score = model.score([TEXT])[0]
    assert score.probabilities is not None
    assert score.probabilities[1] == 0.0
    assert score.label in ("negative", "positive")
    assert score.model.startswith("mine-")
    assert score.model.endswith("-no-neutral")


def test_a_higher_temperature_is_less_sure_of_the_same_mood(folder: Path) -> None:
    cold = CheckpointModel.load(folder).score([TEXT])[0]
    warm = CheckpointModel.load(declare(folder, temperature=10.0)).score([TEXT])[0]
    assert cold.label == warm.label
    assert cold.probabilities is not None
    assert warm.probabilities is not None
    assert 1 / 3 <= max(warm.probabilities) < max(cold.probabilities)


def test_an_uncertain_score_keeps_its_probabilities_and_states(folder: Path) -> None:
    sure = CheckpointModel.load(folder).score([TEXT])[0]
    unsure = CheckpointModel.load(declare(folder, abstain_below=1.0)).score([TEXT])[0]
    assert (unsure.label, unsure.abstained) == (None, "uncertain")
    assert (unsure.probabilities, unsure.score) == (sure.probabilities, sure.score)
    assert unsure.states is not None


def test_the_declared_languages_are_read_and_others_abstain(folder: Path) -> None:
    german = "Der Export ist schon wieder fehlgeschlagen und niemand antwortet."
    model = CheckpointModel.load(declare(folder, languages=["de", "fr"]))
    read, refused = model.score([german, "How do I export my labels?"])
    assert (read.abstained, read.language) == (None, "de")
    assert (refused.abstained, refused.language) == ("unsupported_language", "en")


@pytest.mark.parametrize("architecture", ["distilbert", "roberta"])
def test_windows_have_the_models_own_length(tmp_path: Path, architecture: Architecture) -> None:
    model = CheckpointModel.load(write_checkpoint(tmp_path / "m", architecture))
    item = model.prepare_all([f"{TEXT} " * 40])[0]
    assert max(map(len, item.windows)) == LONGEST
    assert len({window[0] for window in item.windows}) == len({window[-1] for window in item.windows}) == 1


def test_states_are_the_mean_over_real_tokens_whatever_the_padding(folder: Path) -> None:
    model = CheckpointModel.load(folder)
    alone = model.score([TEXT])[0].states
    padded = model.score([TEXT, f"{TEXT} and now nobody works again"])[0].states
    assert alone is not None
    assert padded is not None
    assert alone.shape == (16,)
    assert np.allclose(alone, padded, atol=1e-4)


def test_weights_that_are_not_finite_are_an_abstention_and_no_crash(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"] = np.full_like(weights["classifier.bias"], np.nan)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    score = CheckpointModel.load(folder).score([TEXT])[0]
    assert (score.abstained, score.label, score.probabilities) == ("not_finite", None, None)


def _drop(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def _without_classifier(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["classifier.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def _as_pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _config(**fields: Any) -> Callable[[Path], object]:
    return lambda folder: change(folder / "config.json", **fields)


def _declared(**fields: object) -> Callable[[Path], object]:
    return lambda folder: declare(folder, **fields)


def _text(name: str, content: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(content, encoding="utf-8")


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (shutil.rmtree, "is not a folder"),
    "no config": (_drop("config.json"), "config.json is missing"),
    "broken config": (_text("config.json", "{"), "config.json is not JSON"),
    "no weights": (_drop("model.safetensors"), "model.safetensors is missing"),
    "pickle": (_as_pickle, "pytorch_model.bin can run code when it is read"),
    "damaged weights": (_text("model.safetensors", "no tensors"), "transformers cannot load the model"),
    "missing shard": (
        lambda folder: (
            _drop("model.safetensors")(folder),
            _text("model.safetensors.index.json", '{"weight_map": {"a": "b.safetensors"}}')(folder),
        ),
        "b.safetensors is missing",
    ),
    "no classifier": (_without_classifier, "the weights lack classifier.weight"),
    "no tokenizer": (_drop("tokenizer.json"), "tokenizer.json is missing"),
    "broken tokenizer": (_text("tokenizer.json", "{}"), "tokenizer.json cannot be read"),
    "own code": (_config(auto_map={"AutoModel": "evil.Model"}), "never run"),
    "own tokenizer code": (_text("tokenizer_config.json", '{"auto_map": {}}'), "never run"),
    "an adapter": (_text("adapter_config.json", "{}"), "merge it into its model"),
    "no classification": (_config(architectures=["DistilBertModel"]), "no model for sequence classification"),
    "regression": (_config(problem_type="regression"), "answers a regression"),
    "unknown architecture": (_config(model_type="mystery"), "transformers cannot load the model"),
    "names without moods": (_config(id2label={"0": "A", "1": "B", "2": "C"}), "A, B, C are no moods"),
    "one output": (_config(id2label={"0": "positive"}), "gives a number and no mood"),
    "a label too few": (_declared(labels={"negative": "negative"}), "lacks the model's label neutral"),
    "a label too many": (
        _declared(
            labels={"negative": "negative", "neutral": "neutral", "positive": "positive", "x": "neutral"}
        ),
        "no label of the model",
    ),
    "an unknown mood": (
        _declared(labels={"negative": "negative", "neutral": "bored", "positive": "positive"}),
        "another mood than",
    ),
    "nothing positive": (
        _declared(labels=dict.fromkeys(("negative", "neutral", "positive"), "negative")),
        "no label of the model is positive",
    ),
    "an unknown field": (_declared(temprature=1.0), "unknown field temprature"),
    "no temperature": (_declared(temperature=0), "temperature in rapport.json is not between"),
    "a wrong temperature": (_declared(temperature="warm"), "temperature in rapport.json is not a number"),
    "an unknown language": (_declared(languages=["klingon"]), "has klingon, which cannot be recognised"),
    "no language": (_declared(languages=[]), "is not a list of codes"),
    "too long windows": (_declared(max_tokens=512), "cannot read a window of 512 tokens"),
    "a version that is no name": (_declared(version="a\nb"), "not a name of at most 100 characters"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_folder_that_cannot_be_used_is_refused_in_one_sentence(folder: Path, case: str) -> None:
    damage, sentence = WRONG[case]
    damage(folder)
    with pytest.raises(CheckpointError) as caught:
        CheckpointModel.load(folder)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not str(caught.value).endswith(".")


def test_code_in_the_folder_never_runs(folder: Path) -> None:
    witness = folder / "ran"
    for name in ("modeling_tiny.py", "configuration_tiny.py", "tokenization_tiny.py"):
        (folder / name).write_text(f"open({str(witness)!r}, 'w')", encoding="utf-8")
    CheckpointModel.load(folder).score([TEXT])
    assert not witness.exists()


def test_a_pickle_beside_the_safetensors_is_not_read(folder: Path) -> None:
    version = CheckpointModel.load(folder).version
    (folder / "pytorch_model.bin").write_bytes(b"not read")
    assert CheckpointModel.load(folder).version == version
