"""`python -m streams.cli` is the `rapport` command."""

from streams.cli import main

main()
