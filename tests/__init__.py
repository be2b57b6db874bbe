"""The tests: through HTTP first, the pure rules directly, real databases always."""
