"""The one safe way to read a topic.

Imports `kafka` (records, topics and the link to the consumer), `process` and the store of `responders`.

The way of a record, with the names to follow. The modules are of this folder unless
"kafka." comes first:

 1. `kafka.transport.Consumer.getmany` polls the broker and cuts the records of a partition into a `Chunk`.
 2. `kafka.app.build_app` attaches the agent that hands each chunk to `pipeline.Pipeline.offer`.
 3. `batches.Batches.next` gathers chunks until the batch is full or its first record has waited long enough.
 4. `steps.Steps.prepare` begins the batch. It claims each partition that is new to this worker:
    `fates.Transactions.claim` raises the partition's epoch, so that no former owner can write any more.
 5. `fates.Transactions.restore` and `Handler.rebuild` load the handler's memory of that partition.
 6. `partitions.OwnedPartitions.first_holes` finds skipped offsets; `kafka.link.ConsumerLink.seek` goes back
    to their records.
 7. `partitions.OwnedPartitions.decode` calls `Handler.decode` and makes one `PartitionBatch` per partition.
 8. `steps.Steps.compute` calls `Handler.compute` in the compute thread and keeps the outcomes it returns.
 9. `pipeline.Pipeline._finish` lets `steps.Steps.commit` call `fates.Transactions.write`, one SQL transaction
    in the SQL thread.
10. In it, `fates.FateWriter.write` decides the `Fates`, calls `Handler.write`, and advances the partition's
    offset.
11. After it, `Pipeline._finish` acknowledges the chunk (`Chunk.acknowledge`): `kafka.transport.Consumer.ack`
    marks its offset as done, and Faust's commit timer reports it to the broker.
12. If a step fails, `steps.Recovery.recover` redoes the batch in halves until the record at fault is alone
    and becomes a dead letter.

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
