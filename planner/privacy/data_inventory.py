"""The data inventory: one row a table says what each act that reaches across rooms does to it, and why.

Erasure reads it. The code of space, leaving, exports and the safety check is in other files, and tests compare it with
this list. A table without a row, or a row that contradicts the code, fails a test that names it.
"""

from __future__ import annotations

from planner.privacy.inventory import accounts, couples, dates, notes, recommender
from planner.privacy.inventory.table_row import TableRow

INVENTORY: tuple[TableRow, ...] = (
    *accounts.TABLES,
    *couples.TABLES,
    *dates.TABLES,
    *notes.TABLES,
    *recommender.TABLES,
)
