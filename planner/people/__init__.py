"""Persons, their sign-ins, how two become a couple, and how much one may put before the other."""
