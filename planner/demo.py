"""A couple to look at. (Filled in below.)"""
