"""What an operator asks: the ledger, dead letters, replays and JSON Schemas."""
