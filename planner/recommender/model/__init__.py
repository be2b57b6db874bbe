"""The ranking model: pure numpy and plain values. No database, no clock."""
