"""`python -m streams` and the command `rapport`: it handles SIGTERM before it imports anything heavy."""

import os
import signal
import sys
from typing import Final

SERVICES: Final = frozenset({"worker", "relay", "desk", "intake"})
"""Commands that run until SIGTERM. Until they are loaded they hold no work, so SIGTERM may exit 0 at once."""


def main() -> None:
    """Run the command line."""
    if len(sys.argv) > 1 and sys.argv[1] in SERVICES:
        # Idle threads of the linear algebra below numpy spin; the models' own threads do the work.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    from streams.cli import main as run  # noqa: PLC0415 - a second of imports

    run()


if __name__ == "__main__":
    main()
