"""How fast the reference meter is: 36 months of hourly loads, S0 pulses a second, one step without an event.

`python benchmarks/reference_meter.py [--quick]`; ends with one JSON line, exits 0 only if all three budgets hold.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

sys.path[0] = str(Path(__file__).parents[1])  # this file bears the package's own name and would be found first

from reference_meter import HOUR, Power, ReferenceMeter  # noqa: E402  # see above

MONTHS_BUDGET_S = 1.5
PULSES_BUDGET_PER_S = 300_000
STEP_BUDGET_US = 5.0


def seconds_for_36_months() -> float:
    """26,280 hourly changing loads of a household; every window, hour and month is stored."""
    loads = [Power.of_watts(150 + hour * 37 % 2900, hour * 13 % 800, hour * 7 % 600) for hour in range(26_280)]
    meter = ReferenceMeter("685-382-OK-50")
    start = perf_counter()
    for load in loads:
        meter.advance(load, HOUR, pulses=False)
    took = perf_counter() - start
    assert (meter.hours, len(meter.months)) == (26_280, 36)
    return took


def pulses_per_second(hours: int) -> float:
    """Every S0 pulse of the 120 A three-phase type at Imax as an event with its exact time."""
    meter = ReferenceMeter("685-322-OK-50")
    load = Power.of_watts(27_600, 27_600, 27_600)
    start = perf_counter()
    for _ in range(10 * hours):
        meter.advance(load, HOUR // 10)
    return meter.pulse_count / (perf_counter() - start)


def microseconds_without_event(steps: int) -> float:
    """One `advance` in which nothing happens."""
    meter = ReferenceMeter("685-382-OK-50")
    load = Power.of_watts(1)
    meter.advance(load, 1)
    start = perf_counter()
    for _ in range(steps):
        meter.advance(load, 1_000)
    return (perf_counter() - start) / steps * 1e6


def main(quick: bool) -> int:
    """Print the table and the JSON line; 0 when all budgets hold."""
    months = min(seconds_for_36_months() for _ in range(1 if quick else 3))
    pulses = max(pulses_per_second(1 if quick else 5) for _ in range(1 if quick else 3))
    step = min(microseconds_without_event(20_000 if quick else 200_000) for _ in range(3))
    rows = [
        ("36 months of hourly loads", f"{months:.2f} s", f"< {MONTHS_BUDGET_S} s", months < MONTHS_BUDGET_S),
        ("S0 pulses", f"{pulses:,.0f} 1/s", f"> {PULSES_BUDGET_PER_S:,} 1/s", pulses > PULSES_BUDGET_PER_S),
        ("one advance without an event", f"{step:.2f} µs", f"< {STEP_BUDGET_US} µs", step < STEP_BUDGET_US),
    ]
    for name, figure, budget, holds in rows:
        print(f"{name:30} {figure:>16} {budget:>16}  {'ok' if holds else 'MISSED'}")
    print(json.dumps({"months_s": round(months, 3), "pulses_per_s": round(pulses), "step_us": round(step, 3)}))
    return 0 if all(row[-1] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main("--quick" in sys.argv[1:]))
