"""The composition root: the only code that reads the settings and builds the parts of the service.

Commands parse their options, call one function of this folder, and print. This folder may import all of
`streams` except the commands themselves; it imports Faust, Torch and the models only inside functions, so
that a command which needs none of them starts in a second.

=============  =========================================================================
module         builds
=============  =========================================================================
`connections`  the settings, the database engine, the address and sign-in of the broker
`devices`      the device that models run on
`models`       the sentiment model, the embedder
`drafting`     the drafter
`generators`   what writes drafts: the composer, or a language model
`groups`       a worker: the handlers, pipelines and Faust app of one consumer group
`services`     the relay, the desk, the intake
`start`        the start and the end of these processes: logs, metrics, signals, health
`evaluation`   the drafting of production over a temporary database, for `rapport evaluate`
`local`        the whole service on this machine, for `rapport up` and `rapport demo`
=============  =========================================================================
"""
