"""Drafts and pages: retrieval, drafting, the store and the desk."""
