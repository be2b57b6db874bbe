"""The HTTP edge: parses what comes, calls one verb of the planner, renders what it answers. It knows no database."""
