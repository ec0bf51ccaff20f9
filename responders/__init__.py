"""What we say and show: retrieval, drafting, the store and the desk."""
