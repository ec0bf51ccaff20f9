"""The encoder that matches a question in a customer's words with the section that answers."""
