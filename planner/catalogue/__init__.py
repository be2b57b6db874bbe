"""Activities and prompts: read from seeds/ into the database, and from there once a process and revision."""
