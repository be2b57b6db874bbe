"""Picking: what to do, and why it fits."""

import os

# The matrices here are small, and a server runs one thread a request: threads of the linear algebra's own would only
# wait for each other (on two busy cores, two of them took two to eight times the processor time of one). Read once,
# when numpy is loaded; whoever sets the variable keeps what they set.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
