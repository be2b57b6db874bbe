"""Dates as calendar files."""
