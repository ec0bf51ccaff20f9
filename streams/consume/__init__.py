"""The one safe way to read a topic.

Imports `kafka` (records, topics and the link to the consumer), `process` and the store of `responders`.

The way of a record, with the names to follow:

 1. `kafka.transport.Consumer.getmany` polls the broker and cuts the records of a partition into a `Chunk`.
 2. `kafka.app.build_app` attaches the agent that hands each chunk to `Pipeline.offer`.
 3. `Batches.next` gathers chunks until the batch is full or its first record has waited long enough.
 4. `Steps.prepare` begins the batch: `Transactions.claim` raises the epoch of a partition that is new here.
 5. `Transactions.restore` and `Handler.rebuild` load the memory of that partition.
 6. `OwnedPartitions.first_holes` finds skipped offsets, and `ConsumerLink.seek` goes back to their records.
 7. `OwnedPartitions.decode` calls `Handler.decode` and makes one `PartitionBatch` per partition.
 8. `Steps.compute` sets the outcomes that `Handler.compute` returns, in the compute thread.
 9. `Steps.commit` calls `Transactions.write`, one SQL transaction in the SQL thread:
10. `FateWriter.write` decides the `Fates`, calls `Handler.write`, and advances the offset of the partition.
11. `Pipeline._finish` acknowledges the chunk (`Chunk.acknowledge`), and `Consumer.ack` frees its offset.
12. If a step fails, `Recovery.recover` redoes the batch in halves until the record at fault is a dead letter.
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
