"""The fixtures of every test: the embedded broker and database."""

pytest_plugins = ["tests.embedded_fixtures"]
