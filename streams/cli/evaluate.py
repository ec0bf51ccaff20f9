"""`rapport evaluate`: measure a part of the product on a file of labelled examples."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from schemas.reading.reader import read
from streams.cli import (
    evaluate_asks,
    evaluate_churn,
    evaluate_drafts,
    evaluate_injection,
    evaluate_moods,
    evaluate_retrieval,
    evaluate_routes,
    evaluate_sections,
    evaluate_texts,
    evaluate_trend,
    evaluate_usage,
)
from streams.cli.output_files import write_lines
from streams.cli.terminal import errors, fail
from streams.evaluate.proportion import Proportion
from streams.evaluate.reading import (
    Mail,
    MailRead,
    WrongRow,
    exact_share,
    grouped,
    lost_share,
    mails_of,
    read_mails,
)

app = typer.Typer(help="Measure a part of the product on labelled examples.", no_args_is_help=True)

WRONG_ROWS = 3
"""Exit code if some rows of the file could not be used, as in `rapport ingest`."""


@app.callback()
def evaluate() -> None:
    """Measure a part of the product on labelled examples; this needs no broker and no database of yours."""


app.command("sentiment")(evaluate_moods.sentiment)
app.command("trend")(evaluate_trend.trend)
app.command("asks")(evaluate_asks.asks)
app.command("routes")(evaluate_routes.routes)
app.command("claims")(evaluate_texts.claims)
app.command("privacy")(evaluate_texts.privacy)
app.command("churn")(evaluate_churn.churn)
app.command("usage")(evaluate_usage.usage)


@app.command("reading")
def reading(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="JSON lines with `body` and `expected`.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the mails that were not read exactly, as JSON lines.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Write every mail to --out.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    by: Annotated[
        str | None, typer.Option("--by", help="Also print the figures by this field, e.g. language.")
    ] = None,
) -> None:
    """Measure how well the customer's newest words are read out of raw mails of any mail client.

    `expected` holds the customer's new words in the order of the mail. They include the greeting, thanks,
    answers below or between quotes, and a P.S. They exclude quotes and their header lines, signatures,
    disclaimers, "Sent from my ...", banners, and the lines of a help desk or form. A closing formula such as
    "Best regards", and thanks with a name below, belong to the signature. A forwarded message, without its
    header lines, counts if the customer adds only a pointer such as "FYI".

    `exact` is the share of mails whose words equal the expected words; blanks and line ends are not compared.
    `lost_sentence` is the share of mails that lack at least one expected sentence. The exit code is 3 if a
    row of the file is not a labelled mail; each of these rows is named.

    Example: rapport evaluate reading mails.jsonl --by language --out wrong.jsonl
    """
    rows = _rows(file)
    wrong = [row for row in rows if isinstance(row, WrongRow)]
    found = read_mails([row for row in rows if isinstance(row, Mail)], _text_of)
    for row in wrong:
        errors.print(f"{file}, line {row.line}: {row.reason}.", markup=False, highlight=False, soft_wrap=True)
    if not found:
        fail(f"{file} holds no labelled mail.")
    if out is not None:
        write_lines(
            out, (json.dumps(mail.as_json(), ensure_ascii=False) for mail in found if every or not mail.exact)
        )
    groups = grouped(found, by) if by else {}
    if as_json:
        typer.echo(json.dumps(_figures(found, groups, wrong_rows=len(wrong)), indent=1, ensure_ascii=False))
    else:
        Console().print(_table({"all": found, **groups}))
    if wrong:
        raise typer.Exit(WRONG_ROWS)


def _text_of(body: str) -> str:
    return read(body).text


def _rows(file: Path) -> list[Mail | WrongRow]:
    try:
        with file.open("rb") as lines:
            return list(mails_of(lines))
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror or error}.")


def _figures(
    found: Sequence[MailRead], groups: dict[str, list[MailRead]], *, wrong_rows: int
) -> dict[str, Any]:
    figures = {**_shares(found), "wrong_rows": wrong_rows}
    by_group = {name: _shares(mails) for name, mails in groups.items()}
    return {**figures, "by": by_group} if groups else figures


def _shares(found: Sequence[MailRead]) -> dict[str, Any]:
    exact, lost = exact_share(found), lost_share(found)
    return {
        "mails": len(found),
        "exact": exact.share,
        "exact_interval": list(exact.interval),
        "lost_sentence": lost.share,
        "lost_sentence_interval": list(lost.interval),
    }


def _table(groups: dict[str, list[MailRead]]) -> Table:
    table = Table(title="Reading", caption="share of mails, with its 95 % interval")
    for heading in ("mails of", "mails", "exact", "with a lost sentence"):
        table.add_column(heading, justify="left" if heading == "mails of" else "right", no_wrap=True)
    for name, found in groups.items():
        cells = (_with_interval(exact_share(found)), _with_interval(lost_share(found)))
        table.add_row(name or "(not given)", f"{len(found):,}", *cells)
    return table


def _with_interval(share: Proportion) -> str:
    low, high = share.interval
    return f"{share.share:.3f} ({low:.3f} to {high:.3f})"


app.command("retrieval")(evaluate_retrieval.retrieval)
app.command("sections")(evaluate_sections.sections)
app.command("drafts")(evaluate_drafts.drafts)
app.command("injection")(evaluate_injection.injection)
