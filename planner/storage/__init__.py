"""The database: how to open it, write to it and shape a column. It knows no table."""
