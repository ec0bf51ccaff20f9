"""A causal model of transformers from a folder; the tiny one here has random weights and writes nonsense."""

import json
import threading
import time
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from responders.drafting.model_writer import ModelGenerator, WriterLimits
from responders.generation import Composer
from responders.generation.models.chat import ChatPrompt, ChatReply, ModelFailureError
from streams.generators.batching import BatchedModel
from streams.generators.causal import CausalFolderError, CausalModel
from streams.gpu import DeviceLostError, GpuRunner
from tests.responders.support.scripted_model import TWO_ASKS, Counted

TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}{% endfor %}<assistant>"
)


def prompt(data: str, max_tokens: int = 12) -> ChatPrompt:
    return ChatPrompt("Answer.", data, "{}", max_tokens=max_tokens)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a Llama of two small layers and a tokenizer of bytes."""
    path = tmp_path_factory.mktemp("tiny")
    raw = Tokenizer(BPE())
    raw.pre_tokenizer = ByteLevel(add_prefix_space=False)
    trainer = BpeTrainer(
        vocab_size=300, special_tokens=["<pad>", "<end>"], initial_alphabet=ByteLevel.alphabet()
    )
    raw.train_from_iterator(["seats and exports"], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="<end>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(path)
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=8_192,
        pad_token_id=0,
        eos_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def model(folder: Path) -> CausalModel:
    return CausalModel.load(folder)


def test_a_padded_batch_gives_what_each_prompt_gives_alone(model: CausalModel) -> None:
    prompts = [prompt("a"), prompt("How many seats are there in our plan? " * 5), prompt("exports")]
    together = model.run(prompts)
    alone = [model.run([one])[0] for one in prompts]
    assert [reply.text for reply in together] == [reply.text for reply in alone]
    assert len({reply.text for reply in together}) > 1
    assert all(0 < reply.answer_tokens <= 12 for reply in together)


def test_lengths_bound_the_padded_tokens_of_a_batch(model: CausalModel) -> None:
    short, long = model.lengths([prompt("a", 5), prompt("a" * 50, 5)])
    assert long > short > 5


def test_a_prompt_that_does_not_fit_gets_an_empty_answer_and_the_others_theirs(model: CausalModel) -> None:
    long, short = model.run([prompt("x y " * 9_000), prompt("a")])
    assert long == ChatReply("")
    assert short.answer_tokens > 0


def test_random_words_of_a_model_never_reach_a_draft(model: CausalModel) -> None:
    with GpuRunner() as runner:
        batched = BatchedModel(model.name, lambda prompts: runner.run_blocking(model, prompts), at_once=2)  # type: ignore[arg-type, return-value]
        writer = ModelGenerator(
            batched, Composer(), WriterLimits(120.0, 16), observer=Counted(), clock=time.monotonic
        )
        composed = writer.compose(TWO_ASKS)
    assert composed.parts == Composer().compose(TWO_ASKS).parts
    assert (composed.model or "").startswith("composer-2 (instead of tiny")
    assert (composed.model or "").endswith(": malformed)")


@pytest.mark.parametrize("damage", ["no folder", "no weights", "pickle", "remote code"])
def test_a_folder_that_cannot_be_used_is_refused_in_a_sentence(
    folder: Path, tmp_path: Path, damage: str
) -> None:
    other = tmp_path / "other"
    if damage != "no folder":
        other.mkdir()
        for path in folder.iterdir():
            (other / path.name).write_bytes(path.read_bytes())
    if damage in {"no weights", "pickle"}:
        (other / "model.safetensors").unlink()
    if damage == "pickle":
        torch.save({}, other / "pytorch_model.bin")
    if damage == "remote code":
        config = json.loads((other / "config.json").read_text())
        config |= {
            "model_type": "evil",
            "auto_map": {"AutoModelForCausalLM": "evil.Evil", "AutoConfig": "evil.C"},
        }
        (other / "config.json").write_text(json.dumps(config))
        (other / "evil.py").write_text("raise SystemExit('the code of the folder ran')")
    with pytest.raises(CausalFolderError):
        CausalModel.load(other)


def test_prompts_that_wait_become_one_batch_and_each_gets_its_own_answer() -> None:
    batches: list[int] = []

    def answer_all(prompts: object) -> list[ChatReply]:
        assert isinstance(prompts, list)
        batches.append(len(prompts))
        time.sleep(0.2)
        return [ChatReply(one.data, 1, 1) for one in prompts]

    batched = BatchedModel("echo", answer_all, at_once=4)
    found: dict[str, str] = {}
    threads = [
        threading.Thread(
            target=lambda text=f"p{n}": found.update({text: batched.reply(prompt(text), seconds=60).text})
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {f"p{n}": f"p{n}" for n in range(8)}
    assert max(batches) > 1
    assert max(batches) <= 4


def test_a_prompt_past_its_time_is_given_up_and_not_started() -> None:
    started: list[str] = []

    def answer_all(prompts: object) -> list[ChatReply]:
        assert isinstance(prompts, list)
        started.extend(one.data for one in prompts)
        time.sleep(1.0)
        return [ChatReply("x", 1, 1)] * len(prompts)

    batched = BatchedModel("slow", answer_all, at_once=1)
    blocker = threading.Thread(target=lambda: batched.reply(prompt("first"), seconds=60))
    blocker.start()
    while not started:
        time.sleep(0.01)
    with pytest.raises(ModelFailureError, match="timeout"):
        batched.reply(prompt("late"), seconds=0.1)
    blocker.join()
    assert batched.reply(prompt("last"), seconds=60).text == "x"
    assert started == ["first", "last"]


def test_a_failing_model_fails_its_batch_alone_and_a_lost_device_is_fatal() -> None:
    errors: list[Exception] = [RuntimeError("shapes differ"), DeviceLostError("gone")]

    def answer_all(prompts: object) -> list[ChatReply]:
        raise errors.pop(0)

    batched = BatchedModel("broken", answer_all, at_once=1)
    with pytest.raises(ModelFailureError, match="server_error"):
        batched.reply(prompt("a"), seconds=60)
    with pytest.raises(DeviceLostError):
        batched.reply(prompt("b"), seconds=60)
