"""The life of one process: settings, metrics, health, logs, database, supervision, backoff."""
