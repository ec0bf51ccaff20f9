"""The usage group: one online detector per account, kept in memory, saved with the next offset."""
