"""Acts that reach across rooms: space, leaving, safety, help, export, deletion. One list each of what it touches."""
