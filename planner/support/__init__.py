"""Help from outside: help cards, the safety page and the operator's support contacts."""
