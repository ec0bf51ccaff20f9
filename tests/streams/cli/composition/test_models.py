"""The sentiment model that the settings name: the shipped one, or a checkpoint in a folder."""

from pathlib import Path

import pytest

from streams.cli.composition.models import (
    load_embedder,
    load_index_models,
    load_models,
    load_sentiment,
    load_text_encoder,
)
from streams.cli.sentences import NotConfiguredError
from streams.process.metrics import Metrics
from streams.process.settings import Settings
from tests.detectors.support.tiny_models import write_checkpoint


def test_a_checkpoint_scores_while_retrieval_keeps_its_own_encoder(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "tiny", "distilbert")
    loaded = load_models(Settings(sentiment_model=folder, device="cpu"), Metrics())
    [score] = loaded.scorer.score(["The export failed"])
    assert score.model.startswith("tiny-")
    assert score.label is not None
    assert loaded.embedder.embed(["The export failed"]).shape == (1, 384)


def test_knowledge_is_indexed_by_the_encoder_that_reads_the_questions() -> None:
    settings, text = Settings(device="cpu"), "Where do I click to leave?"
    embedders = [
        load_models(settings, Metrics()).embedder,
        load_index_models(settings).embedder,
        load_embedder(settings),
    ]
    first, *others = [embedder.embed([text]) for embedder in embedders]
    assert all((first == other).all() for other in others)
    assert float(first[0] @ load_text_encoder().encode([text])[0]) < 0.99


def test_a_wrong_folder_is_one_sentence_that_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(NotConfiguredError) as caught:
        load_sentiment(Settings(sentiment_model=tmp_path / "nowhere", device="cpu"))
    assert (
        str(caught.value)
        == f"RAPPORT_SENTIMENT_MODEL cannot be used: {tmp_path / 'nowhere'} is not a folder."
    )


def test_a_checkpoint_and_a_head_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotConfiguredError, match="not both"):
        load_sentiment(Settings(sentiment_model=tmp_path, sentiment_weights=tmp_path, device="cpu"))
