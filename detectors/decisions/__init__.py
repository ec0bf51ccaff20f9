"""What people's decisions on drafts teach: how far to trust a probability, and which sources serve. Pure."""
