"""These programs run in their own environments: that of the tests does not have their frameworks."""

collect_ignore_glob = ["*.py"]
