"""Dates: proposed with one to three slots, answered, kept or not, and how they were."""
