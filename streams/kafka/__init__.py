"""Everything that touches a broker: the Faust app, its transport, topics, the relay and history."""
