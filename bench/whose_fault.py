"""Which part of a meter its failures point at: the registers, the measuring part, or both. Pure, from the record alone.

Pulses are compared with the reference energy by the accuracy points, registers with the pulses by the register step.
"""

from __future__ import annotations

from bench.record import Run
from bench.verdict import Verdict

ACCURACY = "accuracy"
"""The names of the accuracy points begin so."""
REGISTERS = "register"
"""The name of the step that compares registers with pulses."""
_AGAINST_LOAD = "actual power"
"""The one measurement of that step that is compared with the load."""


def whose_fault(run: Run, position: int) -> str:
    """One sentence on a meter whose error or whose registers failed; empty for any other."""
    found = [
        (step.name, measurement)
        for step in run.steps
        for outcome in step.outcomes
        if outcome.position == position and not outcome.void
        for measurement in outcome.measurements
    ]
    errors = [each for name, each in found if name.startswith(ACCURACY) and each.name == "error"]
    registers = [
        each for name, each in found if name == REGISTERS and each.expected is not None and each.name != _AGAINST_LOAD
    ]
    # What was never set says that the meter gave nothing to compare, not that it disagrees.
    off = any(each.verdict is Verdict.FAIL and each.value is not None for each in errors)
    disagree = any(each.verdict is Verdict.FAIL and each.value is not None for each in registers)
    compared = any(each.value is not None for each in registers)
    if off and disagree:
        return "the error lies outside and the registers disagree with the pulses: measuring part and registers are off"
    if disagree:
        return "the registers disagree with the pulses" + (
            ", and the pulses are right: the registers are off" if _all_pass([each.verdict for each in errors]) else ""
        )
    if off and compared:
        return "registers and pulses agree and the error lies outside: the measuring part is off"
    if off:
        return "the error lies outside; the registers were not compared with the pulses"
    return ""


def _all_pass(verdicts: list[Verdict]) -> bool:
    return bool(verdicts) and all(each is Verdict.PASS for each in verdicts)
