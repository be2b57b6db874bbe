"""The domain of Rekindle: people, activities, dates, notes. It has never heard of HTTP.

A room imports only the rooms below it; the order stands in pyproject.toml and is checked by `make lint`.
"""
