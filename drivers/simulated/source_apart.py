"""A simulated source as a process of its own, in real time: `python -m drivers.simulated.source_apart [DIALECT [LATENCY]]`.

It says on stdout, a line of JSON each, its VISA resource name and then every change of its terminals with CLOCK_MONOTONIC in s:
whether a source is off is what its far end was told, and nobody else's word.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import replace

from drivers.load import OFF, Load
from drivers.power_source import Reading
from drivers.simulated.instrument_servers import make_server
from drivers.source_dialects import default_capabilities


async def serve(dialect: str, latency: float | None) -> None:
    """Serve until killed; `latency` in s is a reading's, the dialect's own where None.

    Raises `InstrumentError` for a dialect that is not known.
    """
    load = OFF

    def changed(to: Load) -> None:
        nonlocal load
        load = to
        _say(
            {
                "time": time.clock_gettime(time.CLOCK_MONOTONIC),
                "volts": max(map(abs, to.u)),
                "amperes": to.largest_current,
            }
        )

    limits = default_capabilities(dialect)
    if latency is not None:
        limits = replace(limits, readback_latency=latency)
    server = make_server(dialect, changed, lambda: Reading(0.0, load.u, load.i, load.power, load.frequency), limits)
    await server.start()
    _say({"resource": server.resource})
    await asyncio.Event().wait()


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _, *given = sys.argv
    asyncio.run(serve(given[0] if given else "generic-scpi", float(given[1]) if len(given) > 1 else None))
