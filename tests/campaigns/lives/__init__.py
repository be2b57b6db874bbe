"""Random lives of two couples and a loner, compared with a small model of what each act should do."""
