"""Registers read over a modem: the bench calls the module V.22 (HK), or asks the module GSM/GPRS (YN) by short message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.measurements import Declared, reads
from bench.position import Position
from drivers.mode_a_registers import Registers, registers
from drivers.module_line import ModuleError
from reference_meter import Configuration, Option, Page
from sequences.arrow_key import activations, hold_at, seconds_to_hold
from sequences.module_registers import RegistersOverModule

_MOST_POSITIONS = 12
_CALL_S, _LONGEST_CALL_S = 15.0, 70.0
"""A call that is taken at once, read and ended; and one that is given up, s."""
_CALL = "call by the arrow key"
_CALLED_S = 20.0
"""The key stepped to Call and held, and the first ring, s."""
_CALLS_WITHIN_S = 60.0
"""From the key to the first ring: a modem dials in a few seconds, an exchange needs as many."""
_MESSAGES_S, _LONGEST_MESSAGES_S = 30.0, 130.0
"""A question and its answer by short message where the network is quick; and an answer that is given up, s."""


@dataclass(frozen=True)
class CalledRegisters(RegistersOverModule):
    """V.22 modem (HK): the bench calls it and reads mode A over the connection (assumption); the key makes it call the bench (R44)."""

    ordered: Configuration
    """How many indications lie before Call."""

    def wired_to(self) -> tuple[str, ...]:
        """The bench's modem, whom it calls, and what presses the arrow key of a meter that was ordered with Call."""
        return (*super().wired_to(), "telephone", *(["button_pin"] if self._shows_call else []))

    def measurements(self) -> tuple[Declared, ...]:
        """Also whose call the key provokes, on meters that were ordered with Call."""
        provoked = reads(_CALL, "the meter's number", "data sheet, Display: Call, compulsory call to the modem (R44)")
        return (*super().measurements(), *([provoked] if self._shows_call else []))

    def duration(self) -> float:
        """The positions take turns on the bench's modem, twice."""
        return _MOST_POSITIONS * _CALL_S + self._provoked(_CALLED_S) + super().duration()

    def longest(self) -> float:
        """None of them is reached, and none calls."""
        return _MOST_POSITIONS * _LONGEST_CALL_S + self._provoked(_CALLED_S + _CALLS_WITHIN_S) + super().duration()

    async def run(self, at: Position) -> None:
        """The registers, then the call that the arrow key provokes."""
        await super().run(at)
        if not self._shows_call:
            at.leave_out("Call by the arrow key: the meters were ordered without this indication (R37)")
            return
        button = at.terminals.button
        if button is None:
            lacking = f"position {at.number} has no actuator of the arrow key (button_pin in the station file)"
            at.leave_out(f"{lacking} to provoke a call with caller identification", _CALL)
            return
        try:
            await at.module.called_by_meter(lambda: hold_at(button, self._presses), _CALLS_WITHIN_S)
        except ModuleError as fault:
            at.record(_CALL, str(fault))
        else:
            at.record(_CALL, "the meter's number")

    async def read(self, at: Position, meter_number: str) -> Registers:  # noqa: ARG002  # the telephone number finds it
        """One call."""
        requested_at, telegram = await at.module.data_call()
        at.keep_telegram(requested_at, telegram.raw, telegram.check)
        return registers(telegram)

    @property
    def _shows_call(self) -> bool:
        return Option.CALL in self.ordered.options

    @property
    def _presses(self) -> int:
        return activations(self.meter, self.ordered, Page.CALL)

    def _provoked(self, one_call_s: float) -> float:
        """Seconds for the calls that the key provokes, one position after the other; none without Call."""
        return _MOST_POSITIONS * one_call_s + seconds_to_hold(self._presses) if self._shows_call else 0.0


@dataclass(frozen=True)
class MessageRegisters(RegistersOverModule):
    """GSM/GPRS (YN): the registers by short message (data sheet, Modules: supports SMS reading; its format is an assumption)."""

    def wired_to(self) -> tuple[str, ...]:
        """The bench's modem, and whom it asks."""
        return (*super().wired_to(), "telephone")

    def duration(self) -> float:
        """The positions take turns on the bench's modem."""
        return _MOST_POSITIONS * _MESSAGES_S + super().duration()

    def longest(self) -> float:
        """None of them is reached."""
        return _MOST_POSITIONS * _LONGEST_MESSAGES_S + super().duration()

    async def read(self, at: Position, meter_number: str) -> Registers:  # noqa: ARG002  # the telephone number finds it
        """One question, one answer."""
        requested_at = asyncio.get_running_loop().time()
        telegram = await at.module.message()
        at.keep_telegram(requested_at, telegram.raw, telegram.check)
        at.leave_out("GPRS: it needs the operator's network")
        return registers(telegram)
