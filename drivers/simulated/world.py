"""The simulated world: the truth the bench cannot see. What the source delivers, what reaches each meter, what instruments read.

Every instrument and every wire has an error of its own, drawn from the seed inside its declared accuracy.
"""

from __future__ import annotations

import asyncio
import cmath
import functools
import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass

from drivers.load import OFF, Load, Phasors
from drivers.power_source import Reading
from drivers.simulated.isolating_transformer import IsolatingTransformer
from drivers.simulated.meter import SimulatedMeter
from drivers.simulated.physics import MeterPhysics

_SETTLED = ((0.0, 0.5), (0.25, 1.004), (0.6, 1.0))
"""How an output comes to a new setting: after these shares of the settling time, this share of the new value."""

_DRIFT_PERIOD_S = 5.0
_DRIFT = 20e-6
"""The amplitude of the source wanders: a step of this standard deviation each period."""
_MOST_NOISE = 4.0
"""Standard deviations beyond which no reading's noise goes."""


@dataclass(frozen=True)
class Accuracies:
    """Declared accuracies of the simulated station, half-widths in %: the truth is drawn inside them."""

    source_percent: float = 0.1
    """How far the output may lie from its setting."""
    source_readback_percent: float = 0.2
    standard_percent: float = 0.05
    circuit_percent: float = 0.02
    """Isolating transformer and leads of a position."""
    circuit_mrad: float = 0.2
    crystal_ppm: float = 20.0
    """The computer's clock, which stamps the edges."""
    s0_offset_uncertainty_ms: float = 0.05


@dataclass(frozen=True)
class Wiring:
    """What stands between the standard and one meter, and stays when the meter goes."""

    transformers: tuple[IsolatingTransformer, ...] = ()
    """One a phase; none where the meter hangs in the standard's own circuit."""
    lead_ohm: float = 0.0
    """What the meter's voltage loses, V a A."""
    voltages: tuple[int, int, int] = (0, 1, 2)
    """Which phase's voltage lead sits on each voltage terminal."""
    backwards: tuple[bool, bool, bool] = (False, False, False)
    """Whether the current of a phase flows out where it should flow in."""
    connected: bool = True
    """Whether there is a meter at the end of the leads."""


DIRECT = Wiring()
"""Nothing but a wire."""


@dataclass
class Place:
    """One position of the world: its meter, its wires, and where its S0 edges go."""

    number: int
    meter: SimulatedMeter
    ratio: complex
    """Current through the meter over current through the standard."""
    offset_s: float
    """What the fixture adds to each pulse width."""
    wiring: Wiring
    bypassed: bool = False
    generation: int = 0
    """Rises with each change of load: pulses predicted before it are void."""


class World:
    """The physics of one line. It is an `EdgeSource` of the loop: its next event is the next pulse or the next S0 edge."""

    def __init__(self, rng: random.Random, accuracies: Accuracies, settle_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._rng = rng
        self._settle_s = settle_s
        self._heap: list[tuple[float, int, Callable[[], None]]] = []  # when, in which order of telling, what
        self.scheduled: Callable[[], None] = lambda: None
        """Called when there is a new event: for a loop that does not ask by itself."""
        self.changed: Callable[[], None] = lambda: None
        """Called when the source's terminals or the meters' have changed."""
        self._order = itertools.count()
        self._setting = OFF
        self._truth = OFF
        self._contact = True
        self._dropped_out = False
        self._drift = 1.0
        self._change = 0
        self.places: list[Place] = []
        self._source_gain = [_inside(rng, accuracies.source_percent) for _ in range(6)]
        self._source_turn = [cmath.exp(1j * rng.uniform(-0.5e-3, 0.5e-3)) for _ in range(3)]
        self._readback_gain = _inside(rng, accuracies.source_readback_percent)
        self._standard_gain = _inside(rng, accuracies.standard_percent)
        self.transformers_off = 1.0
        """What all isolating transformers give more than their certificates say, a factor."""
        self.more_lead_ohm = 0.0
        """What all leads have more than was declared of them, ohm."""
        self._clock = 1.0 + rng.uniform(-accuracies.crystal_ppm, accuracies.crystal_ppm) * 1e-6
        self._accuracies = accuracies

    def add_place(
        self,
        number: int,
        physics: MeterPhysics,
        on_edge: Callable[[float, bool], None],
        wiring: Wiring = DIRECT,
        slow_s: float = 0.0,
    ) -> Place:
        """Put a meter into the line; `on_edge(time, conducting)` drives the GPIO line its S0 output is wired to.

        The line comes back `slow_s` late when the output opens: what a filter or a long cable makes of the edge.
        """
        rng = random.Random(self._rng.getrandbits(64))
        accuracies = self._accuracies
        turn = rng.uniform(-accuracies.circuit_mrad, accuracies.circuit_mrad) * 1e-3
        ratio = cmath.rect(_inside(rng, accuracies.circuit_percent), turn)
        offset = rng.gauss(0.0, accuracies.s0_offset_uncertainty_ms / 2) * 1e-3

        place = Place(number, SimulatedMeter(physics, rng, self.wire(on_edge, offset + slow_s)), ratio, offset, wiring)
        self.places.append(place)
        return place

    def wire(self, on_edge: Callable[[float, bool], None], offset: float = 0.0) -> Callable[[float, bool], None]:
        """A wire from an output, which tells its edges to come, to `on_edge`, which hears them in time; pulses gain `offset` s."""

        def edge(time: float, conducting: bool) -> None:
            stamped = time if conducting else time + offset
            self._at(stamped, functools.partial(on_edge, stamped, conducting))

        return edge

    def run_crystal(self, ppm: float) -> None:
        """The crystal of the bench's computer runs so much too fast."""
        self._clock *= 1.0 + ppm * 1e-6

    def clear_places(self) -> None:
        """Take all meters off the line; edges still to come are gone with them."""
        self.places.clear()
        self._heap.clear()

    # ------------------------------------------------------------------ what happens next

    def next_time(self) -> float | None:
        """Loop time of the next pulse or edge."""
        return self._heap[0][0] if self._heap else None

    def fire(self) -> None:
        """Let it happen."""
        heapq.heappop(self._heap)[2]()

    def _at(self, time: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (max(time, self._loop.time()), next(self._order), act))
        self.scheduled()

    # ------------------------------------------------------------------ the source and its load

    def source_is_set(self, setting: Load) -> None:
        """The source was told to deliver `setting`; its output comes there in its settling time."""
        self._setting = setting
        self._change += 1
        change = self._change
        if setting == OFF:
            self._deliver(OFF)  # a contactor opens at once
            return
        before = self._truth
        for share, part in _SETTLED:
            at = self._loop.time() + share * self._settle_s * 0.8
            load = _between(before, self._imperfect(setting), part)
            self._loop.call_at(at, self._deliver_if, change, load)
        self._loop.call_at(self._loop.time() + _DRIFT_PERIOD_S, self._drift_on, change)

    def bypass(self, place: Place, bypassed: bool) -> None:
        """The contactor of a position bridges its meter's current circuit, or lets the current through again."""
        place.bypassed = bypassed
        self._reaches(place)

    def contact(self, closed: bool) -> None:
        """The main contactor between source and meters closes or opens; without one it is closed."""
        if closed != self._contact:
            self._contact = closed
            self._everywhere()

    def drop_out(self, seconds: float) -> None:
        """The source gives no current for so long, whatever it is set to: a range relay switches. Voltage stays."""

        def again() -> None:
            self._dropped_out = False
            self._deliver(self._imperfect(self._setting))

        self._dropped_out = True
        self._deliver(self._truth)
        self._loop.call_at(self._loop.time() + seconds, again)

    def _deliver_if(self, change: int, load: Load) -> None:
        if change == self._change:
            self._deliver(load)

    def _deliver(self, load: Load) -> None:
        self._truth = load.without_current() if self._dropped_out else load
        self._everywhere()

    def _everywhere(self) -> None:
        for place in self.places:
            self._reaches(place)
        self.changed()

    def _drift_on(self, change: int) -> None:
        if change == self._change:
            self._drift = max(1 - 2e-4, min(1 + 2e-4, self._drift * (1 + self._rng.gauss(0.0, _DRIFT))))
            self._deliver(self._imperfect(self._setting))
            self._loop.call_at(self._loop.time() + _DRIFT_PERIOD_S, self._drift_on, change)

    def _imperfect(self, setting: Load) -> Load:
        """What the output settles at: gain and phase errors, and the wandering amplitude."""
        u = [v * self._source_gain[k] * self._drift for k, v in enumerate(setting.u)]
        i = [a * self._source_gain[3 + k] * self._source_turn[k] for k, a in enumerate(setting.i)]
        return Load((u[0], u[1], u[2]), (i[0], i[1], i[2]), setting.frequency)

    def _reaches(self, place: Place) -> None:
        """The load at a meter's terminals, by the wires of its position and the computer's clock."""
        wiring, now = place.wiring, self._loop.time()
        truth = self.beyond_contactor if wiring.connected else OFF
        factor = 0.0 if place.bypassed else place.ratio * self._clock * self.transformers_off
        i = [a * factor * each for a, each in zip(truth.i, _gains(wiring, truth), strict=True)]
        lead_ohm = wiring.lead_ohm + self.more_lead_ohm
        lost = [v - lead_ohm * a for v, a in zip(truth.u, i, strict=True)]
        u = [lost[phase] for phase in wiring.voltages]
        i = [-a if back else a for a, back in zip(i, wiring.backwards, strict=True)]
        place.meter.set_load(now, Load((u[0], u[1], u[2]), (i[0], i[1], i[2]), truth.frequency))
        place.generation += 1
        self._predict(place, place.generation)

    def _predict(self, place: Place, generation: int) -> None:
        at = place.meter.next_pulse()
        if at is not None:
            self._at(at, functools.partial(self._pulse_due, place, generation))

    def _pulse_due(self, place: Place, generation: int) -> None:
        if generation == place.generation:
            place.meter.advance(self._loop.time())
            self._predict(place, generation)

    # ------------------------------------------------------------------ what instruments see

    def source_reads(self) -> Reading:
        """The source's own readback, in front of the main contactor."""
        return self._read(self._truth, self._readback_gain, 20e-6, self._accuracies.source_readback_percent)

    def standard_reads(self) -> Reading:
        """The reference standard's reading: it sits with the meters, behind the main contactor."""
        return self._read(self.beyond_contactor, self._standard_gain, 5e-6, self._accuracies.standard_percent)

    @property
    def truth(self) -> Load:
        """What the source really delivers: for tests and for the world's own log."""
        return self._truth

    @property
    def beyond_contactor(self) -> Load:
        """What reaches the meters' side of the main contactor."""
        return self._truth if self._contact else OFF

    def _read(self, truth: Load, gain: float, noise: float, declared_percent: float) -> Reading:
        # A declared accuracy holds for every reading, its noise included; at its very edge readings must differ still.
        noise = min(noise, declared_percent / 100.0 / _MOST_NOISE)
        width = declared_percent / 100.0 - _MOST_NOISE * noise
        swing = max(-_MOST_NOISE, min(_MOST_NOISE, self._rng.gauss(0.0, 1.0)))
        gain = max(1.0 - width, min(1.0 + width, gain)) * (1.0 + swing * noise)
        # A gain error of power is shared by voltage and current.
        part = gain**0.5
        u: Phasors = (truth.u[0] * part, truth.u[1] * part, truth.u[2] * part)
        i: Phasors = (truth.i[0] * part, truth.i[1] * part, truth.i[2] * part)
        p = truth.power
        return Reading(self._loop.time(), u, i, (p[0] * gain, p[1] * gain, p[2] * gain), truth.frequency)


def _gains(wiring: Wiring, truth: Load) -> list[complex]:
    if not wiring.transformers:
        return [1.0 + 0j] * 3
    return [each.gain(abs(a)) for each, a in zip(wiring.transformers, truth.i, strict=True)]


def _inside(rng: random.Random, half_width_percent: float) -> float:
    """A gain drawn inside a declared accuracy."""
    return 1.0 + rng.uniform(-half_width_percent, half_width_percent) / 100.0


def _between(before: Load, after: Load, share: float) -> Load:
    u = [a + (b - a) * share for a, b in zip(before.u, after.u, strict=True)]
    i = [a + (b - a) * share for a, b in zip(before.i, after.i, strict=True)]
    return Load((u[0], u[1], u[2]), (i[0], i[1], i[2]), after.frequency)
