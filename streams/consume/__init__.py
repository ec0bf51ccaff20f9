"""The one safe way to read a topic.

Imports `kafka` (records, topics and the link to the consumer), `process` and the store of `responders`.

The way of a record in twelve lines; the modules are of this folder unless "kafka." comes first:

 1. `kafka.transport.Consumer.getmany` polls the broker; the records of a partition become a `Chunk`.
 2. `kafka.app.build_app` attaches the agent that hands each chunk to `pipeline.Pipeline.offer`.
 3. `batches.Batches.next` gathers chunks until the batch is full or its first record has waited enough.
 4. `steps.Steps.prepare` begins the batch: `fates.Transactions.claim` takes each new partition by its epoch.
 5. `fates.Transactions.restore` and `Handler.rebuild` load the handler's memory of that partition.
 6. `partitions.OwnedPartitions.first_holes` finds skipped offsets; `kafka.link.ConsumerLink.seek` goes back.
 7. `partitions.OwnedPartitions.decode` calls `Handler.decode`: one `PartitionBatch` per partition.
 8. `steps.Steps.compute` calls `Handler.compute` in the compute thread and keeps its outcomes.
 9. `steps.Steps.commit` calls `fates.Transactions.write`: one SQL transaction in the SQL thread.
10. In it, `fates.FateWriter.write` decides the `Fates`, calls `Handler.write` and advances the offset.
11. After it, `Chunk.acknowledge` lets `kafka.transport.Consumer.ack` mark the offset; Faust commits it.
12. If a step fails, `steps.Recovery.recover` halves the batch until the record at fault is a dead letter.

A handler is the work of one consumer group: streams/sentiment.py, usage/, churn.py and drafting.py.
"""

from streams.consume.fates import Fenced
from streams.consume.handler import Computed, Dropped, Failed, Handler, InvalidRecord
from streams.consume.pauses import FailurePolicy
from streams.consume.pipeline import Pipeline, PipelineOptions

__all__ = [
    "Computed",
    "Dropped",
    "Failed",
    "FailurePolicy",
    "Fenced",
    "Handler",
    "InvalidRecord",
    "Pipeline",
    "PipelineOptions",
]
