"""Carrying word of inbox items to the outside: deliveries as rows, and the channels that take them."""
