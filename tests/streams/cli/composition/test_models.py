"""The sentiment model that the settings name: the shipped one, or a checkpoint in a folder."""

from pathlib import Path

import pytest

from streams.cli.composition.models import load_models, load_sentiment
from streams.cli.sentences import NotConfiguredError
from streams.process.settings import Settings
from tests.detectors.support.tiny_models import write_checkpoint


def test_a_checkpoint_scores_while_retrieval_keeps_its_own_encoder(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "tiny", "distilbert")
    loaded = load_models(Settings(sentiment_model=folder, device="cpu"))
    assert loaded.scorer.version.startswith("tiny-")
    assert loaded.scorer.score(["The export failed"])[0].label is not None
    assert loaded.retrieval.encode(["The export failed"]).shape == (1, 384)


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
