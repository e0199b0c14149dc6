"""What a simulated station declares of itself, as the station file of a real one would: accuracies, latencies, leads.

The truth is drawn inside these; the bench reckons with nothing else.
"""

from __future__ import annotations

from drivers.power_source import Capabilities
from drivers.simulated.world import Accuracies

CAPABILITIES = Capabilities(
    settle=2.0, readback_period=1.0, readback_latency=0.02, watchdog=False, power_accuracy_percent=0.2
)
"""Of its source, where that speaks no dialect with capabilities of its own."""

STANDARD_LATENCY_S = 0.02
"""How long its reference standard takes to answer."""

ACCURACIES = Accuracies()
"""Of its instruments and wires."""

LEAD_MILLIOHM, LEAD_UNCERTAINTY_MILLIOHM = 0.4, 0.1
"""Of its leads; the expanded uncertainty at k = 2."""
