"""The domain of Rekindle: people, activities, dates, notes. It knows nothing of HTTP.

A room imports only the rooms below it. pyproject.toml lists their order, and `make lint` checks it.
"""
