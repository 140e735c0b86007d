"""Answers questions about press releases with verified quotes."""

import os

# OpenBLAS would put a thread on every processor for each product of matrices, and let it spin there while it waits.
# Where several are asked at once, or another program computes, they keep each other from working: the product that
# late interaction makes takes 1 ms by one thread, and 20 to 70 ms by two on two busy processors. It has to be said
# before numpy is loaded; what is set already stays.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
