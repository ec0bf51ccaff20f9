"""Apache Kafka 4.3 and PostgreSQL 18 with pgvector as child processes: the default on one machine.

Both are the real programs; in production the same settings name servers elsewhere. Import this package only
if the embedded services are needed: their programs come with the extra ``embedded``. It imports
`streams.kafka` and no other folder of the product.
"""

from streams.embedded.endpoints import Endpoints, running_endpoints
from streams.embedded.folders import EmbeddedError
from streams.embedded.kafka import EmbeddedKafka
from streams.embedded.postgres import EmbeddedPostgres
from streams.embedded.services import embedded, own_data_folder

__all__ = [
    "EmbeddedError",
    "EmbeddedKafka",
    "EmbeddedPostgres",
    "Endpoints",
    "embedded",
    "own_data_folder",
    "running_endpoints",
]
