"""The core that all routes use: routing, parsing, rendering, fields, pagination, problems, OpenAPI."""
