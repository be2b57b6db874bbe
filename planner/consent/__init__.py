"""Acts that reach across rooms: space, leaving, safety, help, export, deletion."""
