"""These programs run in environments of their own: their frameworks are not installed where the tests run."""

collect_ignore_glob = ["*.py"]
