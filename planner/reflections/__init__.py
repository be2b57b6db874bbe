"""Reflections: encrypted writing for one person, its lock, and the suggestions of what to write about."""
