"""Fuzz the served product from its own OpenAPI document, with schemathesis. `make fuzz` runs it."""
