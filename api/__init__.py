"""The HTTP API. It parses a request, calls one function of the planner and renders the result. It runs no queries."""
