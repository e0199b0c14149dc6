"""The mutants that may live: each by its file, its line and its change, with the reason why no test could be asked to see it."""

from __future__ import annotations

from changes import Mutant

_DUST = "what floating point leaves over: no load point lies so near beside it, and none exactly there"
_UNASKED = "only the random part is asked for, which holds nothing of it"
_NO_TYPE = "55.2 and 69 kW are the types on either side of 57.1 kW"
_NO_POINT = "infinity is below no current, whatever stands beside it"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    **{
        (f"bench/{file}.py", line, change): _DUST
        for file, line, changes in (
            ("norms", "unity = abs(power_factor - 1.0) < 1e-9", ("Lt → LtE", "1e-09 → 1.1000000000000001e-09")),
            (
                "norms",
                "half_inductive = abs(power_factor - 0.5) < 1e-9 and inductive",
                ("Lt → LtE", "1e-09 → 1.1000000000000001e-09"),
            ),
            (
                "accuracy",
                "return max(periods, math.ceil(at_one / (limit_percent / 30.0) - 1e-9))",
                ("1e-09 → 1.1000000000000001e-09",),
            ),
        )
        for change in changes
    },
    (
        "bench/norms.py",
        "least, most, limits = _VARIATIONS.get((quantity, unity), (math.inf, 0.0, (0.0, 0.0)))",
        "0.0 → 1.0",
    ): _NO_POINT,
    (
        "bench/accuracy.py",
        "at_one = budget(load, 1, reference_percent=0.0, circuit_percent=0.0, circuit_mrad=0.0, profile=profile).random",
        "0.0 → 1.0",
    ): _UNASKED,
    (
        "bench/measurements.py",
        "if self.marginal_upper is not None and self.upper is not None and self.upper < value <= self.marginal_upper:",
        "Lt → LtE",
    ): "at its upper limit a value is inside, and this line is not reached",
    (
        "bench/pulse_error.py",
        "inside = [k for k in range(bisect_right(times, start), len(times)) if times[k] < end]",
        "Lt → LtE",
    ): "a reading at the end counts twice, over no time",
    (
        "bench/edge_fit.py",
        "while k < len(times) - 2 and times[k + 1] <= edge:",
        "LtE → Lt",
    ): "at a reading both stretches beside it give its energy",
    ("sequences/no_load.py", "volts = round(abs(self.load.u[0]), 6)", "6 → 7"): _DUST,
    ("sequences/s0_pulses.py", "if self._imax_power <= STANDARD_PAUSE_UP_TO_W:", "LtE → Lt"): _NO_TYPE,
    (
        "sequences/register_rate.py",
        "gained = (wh - start + wraps_at_wh // 2) % wraps_at_wh - wraps_at_wh // 2",
        "Add → Sub",
    ): "half a turn of the ring forward or back is the same place",
    (
        "sequences/parking.py",
        "if position.s0.count == count and _LEAST_LEFT_WH <= left <= _ACCEPTED_WH:",
        "LtE → Lt",
    ): "1.0 less any other number is neither 0.002 nor 0.08: both have more binary places than it can have",
    (
        "sequences/parking.py",
        "if not self.for_screening and len(positions) * _EACH_S > self._saved(len(positions)):",
        "Gt → GtE",
    ): "no type saves to the last binary place what parking so many of it takes",
    (
        "sequences/run_on.py",
        "return pulse_period(before.load) / 2 - waited - _seconds(after, before) > _WORTH_S",
        "Gt → GtE",
    ): _DUST,
    (
        "sequences/repeated_pulses.py",
        "if found.earliest_s is None or found.latest_s is None:",
        "Or → And",
    ): "without pairs both are None, with pairs neither; the types ask for both",
    (
        "sequences/connections.py",
        "return Shift(position.number, percent, _ROUGH_PERCENT / 4, _ROUGH_PERCENT, abs(percent) > _ROUGH_PERCENT)",
        "Gt → GtE",
    ): "100 (x − 1) is exactly 2 or −2 for no floating-point x",
    (
        "sequences/logic.py",
        "reached = peak_by_pulses(rises, start.latest, last.latest, Span(0, 0))",
        "0 → 1",
    ): "of the lower end nobody asks, and the upper end of a window without a pulse is 4 W already",
}
"""By file, text of the line, and change."""

_OF_THE_MODEL = {
    "strict=True": "a guard for the programmer: the types already fix the lengths",
    "1 << 100": "any time that does not come will do",
    "_CONFIGURATION = 0x": "an address of the model's own layout; another free one serves as well",
    "_REGISTERS = 0x": "an address of the model's own layout; another free one serves as well",
    "_HOURLY = 0x": "an address of the model's own layout; another free one serves as well",
    "_MONTHS = 0x": "an address of the model's own layout; another free one serves as well",
    "_REGISTER_BYTES = ": "the model's own layout; a byte more serves as well",
    "_STORED_LAYOUT.pack(*month)": "turns the ring of the model's own layout; it is read by hour counter",
    "image.number(_NUMBER, 4)": "the next byte is 0 in every image",
    "write(": "a byte more is overwritten by the next write",
    "a < 0 or b < 0 or c < 0": "at 0 both branches give the same",
    "at = max(0": "a nanosecond later is the same unless a phase pulse falls just there",
    "self._changes": "before the first load there is nothing to average",
    "changes[1][0]": "one change more is remembered than is needed",
    "energy = 0": "1 µW·ns more never makes a whole watt",
    "since < until": "at equality nothing is added either way",
    "self._since_change_ns = 0": "a nanosecond moves no square unless it falls just there",
    "power_uw if running else 0": "1 µW never makes a whole watt",
    "len(events) > len(begins)": "sorts what is sorted already",
    "self._closed_since = 0": "is set by the first closure",
    "self._counted = True": "is set by the first closure",
    "Tariff = Literal": "a type, seen by mypy alone",
    "self._free = 0": "any time that has passed will do",
    "self.page_since_ns = 0": "is set anew when the voltage comes",
    "self._acted = False": "is set anew by the first press",
}

"""Why a survivor of the reference meter is right to live, by a piece of its line. They count as survivors all the same."""


def reason(mutant: Mutant) -> str:
    """Why a survivor may live; empty where nobody has found one."""
    if mutant.file.startswith("reference_meter/"):
        return next((why for piece, why in _OF_THE_MODEL.items() if piece in mutant.text), "")
    return EQUIVALENT.get((mutant.file, mutant.text, mutant.what), "")


def changes_nothing(mutant: Mutant) -> bool:
    """Whether it is listed as one that no test could be asked to see."""
    return (mutant.file, mutant.text, mutant.what) in EQUIVALENT
