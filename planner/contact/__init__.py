"""Contact between two partners, and what is held back from the receiver."""
