"""Picking: what to do, and why it fits."""

import os

# The matrices here are small, and a server runs one thread a request: threads of the linear algebra's own would only
# wait for each other (two of them doubled the processor time of one suggestion). Read once, when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
