"""Pulses on lines of gpio-sim, from a process of its own: `python -S pulses.py COUNT HALF_PERIOD_S PULL_FILE…`; low is active."""

import os
import sys
import time

count, half = int(sys.argv[1]), float(sys.argv[2])
lines = [os.open(path, os.O_WRONLY) for path in sys.argv[3:]]
due = time.monotonic()
for k in range(2 * count):
    level = b"pull-up\n" if k % 2 else b"pull-down\n"
    for line in lines:
        os.pwrite(line, level, 0)
    due += half
    time.sleep(max(0.0, due - time.monotonic()))
