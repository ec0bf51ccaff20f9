"""The wiring: Kafka, processes, settings, metrics, command line."""
