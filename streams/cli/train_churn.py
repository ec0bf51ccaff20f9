"""`rapport train churn`: train the prior of the hazard, and judge it on a cohort that it did not see."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from detectors.churn.hazard.fitting import Origin
from streams.cli.account_files import AccountFiles
from streams.cli.churn_tables import show_budgets
from streams.cli.composition.churn import DEFAULT_BUDGET, trained_models
from streams.cli.terminal import fail, say
from streams.evaluate.account_days import DaySpool
from streams.evaluate.churn_card import card_text, churn_told
from streams.evaluate.churn_figures import ChurnFigures
from streams.evaluate.churn_play import play

_FILES: Final = ("usage.csv.gz", "accounts.csv")
_CARD: Final = "card.md"
_PACKAGES: Final = ("numpy", "river", "safetensors")


def churn(
    data: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="Folder with usage.csv.gz and accounts.csv.")
    ],
    out: Annotated[Path, typer.Option(dir_okay=False, help="Write the prior here; card.md goes beside it.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same prior.")] = 7,
    judge: Annotated[
        str | None, typer.Option(help="Cohort that the figures of the card hold out; the last by default.")
    ] = None,
) -> None:
    """Train the prior of the daily hazard of going dark; takes a minute or two on two cores.

    The files are those of `rapport evaluate churn`, with a column `cohort`. One cohort is held out: the prior
    that is written never saw it, and the figures of the card are those of this prior on it.

    Example: rapport train churn --data oulad --out prior.json --seed 7 --judge AAA-2014J
    """
    files = AccountFiles(data / _FILES[0], data / _FILES[1], None)
    with TemporaryDirectory(prefix="rapport-") as folder:
        spool = DaySpool(Path(folder))
        calendar = files.read(spool)
        cohorts = sorted(spool.accounts)
        held_out = judge or cohorts[-1]
        others = [cohort for cohort in cohorts if cohort != held_out]
        if held_out not in cohorts or not others:
            fail(f"--judge names one of several cohorts: {', '.join(cohorts)}.")
        say(f"Training on {', '.join(others)}, judging {held_out}.")
        origin = Origin(seed, _hashes(data), {name: version(name) for name in _PACKAGES})
        models = trained_models(spool, calendar, others, budget=DEFAULT_BUDGET, origin=origin)
        figures = ChurnFigures(spool.last_day, None)
        for snapshot in play(spool, calendar, models.population, [held_out]):
            figures.add(snapshot)
    told = churn_told(figures)
    show_budgets({held_out: told["at_budget"]})
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(models.prior.model_dump_json(indent=1) + "\n", encoding="utf-8")
    card = card_text(models.prior, others, held_out, told)
    (out.parent / _CARD).write_text(card, encoding="utf-8")
    say(f"Wrote {models.prior.version} to {out}, and its {_CARD}. {models.note}".rstrip())


def _hashes(data: Path) -> dict[str, str]:
    return {name: hashlib.sha256((data / name).read_bytes()).hexdigest() for name in _FILES}
