"""`rapport schemas`: write and check the JSON Schema of every topic."""

from pathlib import Path
from typing import Annotated

import typer

from streams.cli.terminal import errors, fail
from streams.operate.jsonschemas import RELEASED, released_incompatibilities, stale_topics, write_schemas


def schemas(
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder of the files, one per topic.")] = Path(
        "schemas/json"
    ),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if a file is not current.")
    ] = False,
) -> None:
    """Write the JSON Schema of every topic, and compare it with the released schema.

    A change that breaks a reader of released records is refused with its reasons. To release, write to
    the folder `released` as well: rapport schemas --out schemas/json/released

    Example: rapport schemas --check
    """
    if reasons := released_incompatibilities(out):
        for reason in reasons:
            errors.print(reason, style="yellow", markup=False, highlight=False, soft_wrap=True)
        fail(f"{len(reasons)} changes are not backward compatible with {out / RELEASED}.")
    if not check:
        _write(out)
    elif stale := stale_topics(out):
        fail(f"The schemas of {', '.join(stale)} are not current in {out}; run `rapport schemas`.")


def _write(out: Path) -> None:
    try:
        changed = write_schemas(out)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror or error}.")
    names = ", ".join(changed) if changed else "nothing changed"
    errors.print(f"{out}: {names}.", markup=False, highlight=False)
