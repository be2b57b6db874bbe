"""Picking: what to do, and why it fits."""
