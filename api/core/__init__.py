"""What every route uses: routing, parsing, rendering, fields, pagination, problems, OpenAPI."""
