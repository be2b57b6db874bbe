"""What to suggest: profiles, votes, decks, matches and suggestions. The model is in `model/`."""
