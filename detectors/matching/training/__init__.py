"""The training of the matching encoder. It needs torch and transformers; nothing else imports it."""
