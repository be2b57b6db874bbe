"""Activities and prompts: loaded from seeds/ into the database, and cached by each process."""
