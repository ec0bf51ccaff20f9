"""A program: `python -m detectors.sentiment.corpus --writers w01,w02` writes a split of the corpus as CSV."""

import argparse
import io
import sys

from detectors.sentiment.corpus.export import of_writers, write_table
from detectors.sentiment.corpus.messages import FOLDER, THREATS, CorpusError, read_messages


def main() -> None:
    """Write the agreed messages of some writers, or of all, to standard output as CSV."""
    parser = argparse.ArgumentParser(prog="python -m detectors.sentiment.corpus", description=__doc__)
    parser.add_argument("--writers", help="names such as w01,w02; by default all writers")
    parser.add_argument("--threats", action="store_true", help="the files about threats to leave instead")
    options = parser.parse_args()
    named = None if options.writers is None else options.writers.split(",")
    try:
        messages = of_writers(read_messages(THREATS if options.threats else FOLDER), named)
    except CorpusError as error:
        parser.error(str(error))
    table = io.StringIO(newline="")
    write_table(messages, table)
    sys.stdout.buffer.write(table.getvalue().encode())


if __name__ == "__main__":
    main()
