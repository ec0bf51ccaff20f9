"""The fixtures of every test: the embedded broker and database. Hypothesis runs without a deadline."""

from hypothesis import settings

pytest_plugins = ["tests.embedded_fixtures"]

# A deadline on the clock on the wall fails on a busy machine; the time limit of a test is enough.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
