"""A program: `python -m detectors.sentiment.corpus --writers w01,w02` writes a split of the corpus as CSV."""

import argparse
import io
import sys

from detectors.sentiment.corpus.export import of_writers, write_table
from detectors.sentiment.corpus.messages import CorpusError, read_messages


def main() -> None:
    """Write the agreed messages of some writers, or of all, to standard output as CSV."""
    parser = argparse.ArgumentParser(prog="python -m detectors.sentiment.corpus", description=__doc__)
    parser.add_argument("--writers", help="names such as w01,w02; by default all writers")
    named = parser.parse_args().writers
    try:
        messages = of_writers(read_messages(), None if named is None else named.split(","))
    except CorpusError as error:
        parser.error(str(error))
    table = io.StringIO(newline="")
    write_table(messages, table)
    sys.stdout.buffer.write(table.getvalue().encode())


if __name__ == "__main__":
    main()
