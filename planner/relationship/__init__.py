"""Acts that reach across rooms and change a relationship: space, leaving, blocking."""
