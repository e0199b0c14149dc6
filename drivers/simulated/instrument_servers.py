"""The simulated instruments by the names of their dialects, so that a simulated line can choose its source and its standard.

Each takes its load to the world and its readings from it in the same two calls, whatever it speaks.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.load import Load
from drivers.power_source import Capabilities
from drivers.simulated.ametek_server import AmetekServer
from drivers.simulated.fluke_server import FlukeServer
from drivers.simulated.scpi_server import Instrument, ScpiServer
from drivers.simulated.scpi_source_server import ScpiSourceServer
from drivers.simulated.scpi_standard_server import Measured, ScpiStandardServer
from drivers.simulated.yokogawa_server import YokogawaServer
from drivers.simulated.zera_server import ZeraServer
from drivers.source_dialects import SOURCE_DIALECTS, STANDARD_DIALECTS, check_dialect, default_capabilities


def make_server(
    dialect: str, on_change: Callable[[Load], None], measured: Measured, capabilities: Capabilities | None = None
) -> ScpiServer:
    """The far end of a source of this dialect, not yet started; `capabilities` are its true limits, else the dialect's.

    `on_change` hears of each change of what the terminals are set to, ramps and gaps included; `measured` is asked for the
    readback. Raises `InstrumentError` for a dialect that is not known.
    """
    check_dialect(dialect, SOURCE_DIALECTS, "simulated power source")
    limits = capabilities or default_capabilities(dialect)
    instrument: Instrument
    match dialect:
        case "zera" | "zera-fg30x":
            instrument = ZeraServer(on_change, measured, limits, generator=dialect == "zera-fg30x")
        case "fluke-6105a":
            instrument = FlukeServer(on_change, measured, limits)
        case "ametek":
            instrument = AmetekServer(on_change, measured, limits)
        case _:
            instrument = ScpiSourceServer(on_change, measured, limits)
    return ScpiServer(instrument)


def make_standard_server(dialect: str, measured: Measured, latency: float = 0.1) -> ScpiServer:
    """The far end of a reference standard of this dialect, not yet started. Raises `InstrumentError` when it is not known."""
    check_dialect(dialect, STANDARD_DIALECTS, "simulated reference standard")
    if dialect == "yokogawa-wt300":
        return ScpiServer(YokogawaServer(measured))
    return ScpiServer(ScpiStandardServer(measured, latency))
