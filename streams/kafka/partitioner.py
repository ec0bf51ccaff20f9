"""The partition of a key, equal for every producer of the service."""

from functools import lru_cache

from kafka.partitioner.default import murmur2

CACHED_KEYS = 100_000
"""Keys whose hash is remembered: murmur2 in Python costs microseconds, and an account sends many records."""


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition that Kafka's default partitioner gives a key, from 0 to `partitions` - 1.

    >>> [partition_of(key, 8) for key in (b"acme", b"acme", b"globex")]
    [4, 4, 7]
    """
    return _key_hash(key) % partitions


@lru_cache(CACHED_KEYS)
def _key_hash(key: bytes) -> int:
    """Return the murmur2 hash of a key without its sign bit, as the Java client computes it."""
    return int(murmur2(key)) & 0x7FFFFFFF
