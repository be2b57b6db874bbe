"""The rows of the data inventory, one file a group of rooms."""
