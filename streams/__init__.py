"""The wiring of the service: only this package knows Kafka, the environment and processes.

It may import `schemas`, `detectors` and `responders`; none of them imports it. Inside, imports point from the
top of this list to the bottom:

`cli`                                          commands and the composition root
`sentiment` `usage` `churn` `drafting`         the handlers of the four consumer groups
`intake` `ingest`                              events over HTTP, events from files
`operate` `evaluate` `demo` `embedded`         an operator's questions, measurements, the sample company, the
                                               embedded Kafka and PostgreSQL
`gpu` `generators`                             padded batches and the thread that owns the device; the clients
                                               of language models
`consume`, `kafka`                             reading a topic without losing a record; the broker
`process`                                      the life of one process
"""
