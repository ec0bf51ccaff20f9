"""Online anomalies of gauges: values such as a latency, seats, a score or a sum that is already counted."""
