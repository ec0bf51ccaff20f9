"""What every test may use: the embedded broker and database."""

pytest_plugins = ["tests.embedded_fixtures"]
