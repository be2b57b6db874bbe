"""Random lives of two couples and a loner, held against a small model of what should come of each act."""
