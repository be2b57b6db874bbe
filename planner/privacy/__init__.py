"""Data rights: the inventory of tables, exports, deletion, erasure, and what others can see."""
