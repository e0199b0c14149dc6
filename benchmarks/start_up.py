"""What it costs to start `bench`: process CPU over bare Python, median of many starts, against its budgets.

`python benchmarks/start_up.py [--quick]`
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys

BUDGETS_MS = {"--version": 15.0, "--help": 90.0}
"""Process CPU in ms that a start may cost over bare Python."""


def cpu_ms(arguments: list[str]) -> float:
    """User and system CPU of one child process, ms."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def main() -> int:
    """Print a table and a line of JSON; 0 when the budgets hold."""
    starts = 10 if "--quick" in sys.argv[1:] else 20
    commands = {
        "python": [sys.executable, "-c", "pass"],
        **{option: [sys.executable, "-m", "bench", option] for option in BUDGETS_MS},
    }
    for arguments in commands.values():
        cpu_ms(arguments)  # compiles and warms the disk cache
    # Interleaved, so that a busy moment of the machine falls on all of them alike.
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(starts):
        for name, arguments in commands.items():
            times[name].append(cpu_ms(arguments))
    medians = {name: statistics.median(values) for name, values in times.items()}
    over = {option: medians[option] - medians["python"] for option in BUDGETS_MS}
    print(f"{'start':<12}{'CPU ms':>8}{'over python':>14}{'budget':>8}")
    print(f"{'python':<12}{medians['python']:>8.1f}")
    for option, budget in BUDGETS_MS.items():
        print(f"{'bench ' + option:<12}{medians[option]:>8.1f}{over[option]:>14.1f}{budget:>8.0f}")
    holds = all(over[option] <= budget for option, budget in BUDGETS_MS.items())
    figures = {"benchmark": "start_up", "starts": starts, "python_ms": round(medians["python"], 1), "holds": holds}
    figures |= {f"over{option.replace('--', '_')}_ms": round(value, 1) for option, value in over.items()}
    print(json.dumps(figures))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
