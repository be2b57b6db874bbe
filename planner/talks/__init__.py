"""Talks: two people follow a guide together, each on their own phone."""
