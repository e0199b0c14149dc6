"""Our pin factory above a request that stands in for the kernel's: what it asks for, what it counts, and what it survives.

What the kernel makes of it is proven on the kernel: tests/metal.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gpiod
import pytest
from gpiod.line import Bias, Direction, Edge, Value
from gpiozero import DigitalOutputDevice, InputDevice
from gpiozero.exc import (
    GPIOPinInUse,
    PinFixedPull,
    PinInvalidBounce,
    PinInvalidEdges,
    PinInvalidFunction,
    PinInvalidPin,
    PinInvalidPull,
    PinSetInput,
)

from drivers.bypass import Bypass
from drivers.gpio_chips import GpioChip
from drivers.gpiod_pins import GpiodFactory
from drivers.pin_health import deaf
from drivers.power_source import InstrumentError

CHIP = GpioChip("/dev/gpiochip0", "gpiochip0", "pinctrl-bcm2711", 28)


class Request:
    """The kernel's side of one line: a file that is readable while edges wait."""

    def __init__(self, line: int, settings: gpiod.LineSettings) -> None:
        self.line = line
        self.asked = [settings]
        self.value = Value.INACTIVE
        self.waiting: list[Any] = []
        self.fails: OSError | None = None
        self.released = False
        self.fd, self._far = os.pipe()
        self._number = 0

    def edge(self, ns: int, level: int, *, missing: int = 0) -> None:
        """An edge comes in, after some that were dropped."""
        self._number += 1 + missing
        kinds = gpiod.EdgeEvent.Type
        kind = kinds.RISING_EDGE if level else kinds.FALLING_EDGE
        self.waiting.append(SimpleNamespace(timestamp_ns=ns, line_seqno=self._number, event_type=kind, Type=kinds))
        os.write(self._far, b"e")

    def read_edge_events(self, most: int) -> list[Any]:
        os.read(self.fd, most)  # BlockingIOError where nothing waits, as the kernel's
        if self.fails is not None:
            raise self.fails
        taken, self.waiting = self.waiting, []
        return taken

    def reconfigure_lines(self, config: dict[int, gpiod.LineSettings]) -> None:
        self.asked.append(config[self.line])
        if config[self.line].direction is Direction.OUTPUT:
            self.value = config[self.line].output_value

    def get_value(self, line: int) -> Value:
        return self.value

    def set_value(self, line: int, value: Value) -> None:
        if self.fails is not None:
            raise self.fails
        self.value = value

    def release(self) -> None:
        self.released = True
        os.close(self.fd)
        os.close(self._far)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Every line that was requested."""
    made: list[Request] = []

    def request(path: str, config: dict[int, gpiod.LineSettings], consumer: str, event_buffer_size: int) -> Request:
        assert (path, consumer, event_buffer_size) == ("/dev/gpiochip0", f"bench[{os.getpid()}]", 1024)
        ((line, settings),) = config.items()
        made.append(Request(line, settings))
        return made[-1]

    monkeypatch.setattr(gpiod, "request_lines", request)
    return made


@pytest.fixture
def factory(requests: list[Request]) -> Iterator[GpiodFactory]:
    factory = GpiodFactory((CHIP,))
    yield factory
    factory.close()


class Listener:
    """Edges as they come, and a way to wait for so many."""

    def __init__(self, count: int) -> None:
        self.seen: list[tuple[float, int]] = []
        self._missing = threading.Semaphore(0)
        self._count = count

    def edge(self, ticks: float, state: int) -> None:
        self.seen.append((ticks, state))
        self._missing.release()

    def wait(self) -> list[tuple[float, int]]:
        for _ in range(self._count):
            assert self._missing.acquire(timeout=10)
        return self.seen


def listen(factory: GpiodFactory, pin: str, listener: Listener) -> InputDevice:
    device = InputDevice(pin, pull_up=True, pin_factory=factory)
    device.pin.edges = "both"
    device.pin.when_changed = listener.edge
    return device


def test_an_edge_comes_with_the_kernels_stamp_and_level(factory: GpiodFactory, requests: list[Request]) -> None:
    listener = Listener(2)
    with listen(factory, "GPIO4", listener) as device:
        requests[0].edge(1_250_000_000, 0)
        requests[0].edge(1_280_000_001, 1)
        assert listener.wait() == [(1.25, 0), (1.280000001, 1)]
        assert device.pin.lost_edges == 0
        asked = requests[0].asked[-1]
        assert (asked.direction, asked.bias, asked.edge_detection) == (Direction.INPUT, Bias.PULL_UP, Edge.BOTH)


def test_edges_that_the_kernel_dropped_are_counted_also_before_the_first(
    factory: GpiodFactory, requests: list[Request]
) -> None:
    listener = Listener(2)
    with listen(factory, "GPIO4", listener) as device:
        requests[0].edge(1, 0, missing=3)
        requests[0].edge(2, 1, missing=4)
        listener.wait()
        assert device.pin.lost_edges == 7


def test_a_listener_that_raises_is_told_and_neither_it_nor_another_input_is_silenced(
    factory: GpiodFactory, requests: list[Request]
) -> None:
    first, second = Listener(2), Listener(1)

    def fail(ticks: float, state: int) -> None:
        first.edge(ticks, state)
        raise RuntimeError("a listener that fails")

    with listen(factory, "GPIO4", first) as bad, listen(factory, "GPIO5", second):
        assert deaf(factory) == ""
        bad.pin.when_changed = fail
        requests[0].edge(1, 0)
        requests[0].edge(2, 1)
        first.wait()
        requests[1].edge(3, 0)
        assert second.wait() == [(3e-9, 0)]
    assert factory.reader.callback_errors == 2
    assert deaf(factory) == "an edge of GPIO pin GPIO4 was not dealt with: RuntimeError('a listener that fails')"


def test_an_input_whose_chip_is_gone_is_told_and_the_others_hear(
    factory: GpiodFactory, requests: list[Request]
) -> None:
    first, second = Listener(0), Listener(1)
    with listen(factory, "GPIO4", first), listen(factory, "GPIO5", second):
        requests[0].fails = OSError(errno.ENODEV, "No such device")
        requests[0].edge(1, 0)
        requests[1].edge(2, 0)
        second.wait()
    assert "GPIO pin GPIO4 can no longer be read: No such device" in deaf(factory)


def test_a_line_is_claimed_as_it_is_and_an_output_begins_at_its_level_in_one_request(
    factory: GpiodFactory, requests: list[Request]
) -> None:
    with DigitalOutputDevice("GPIO16", initial_value=True, pin_factory=factory) as output:
        assert [(each.direction, each.output_value) for each in requests[0].asked] == [
            (Direction.AS_IS, Value.INACTIVE),
            (Direction.OUTPUT, Value.ACTIVE),
        ]
        output.off()
        assert requests[0].value is Value.INACTIVE
        output.pin.bounce = 0.01  # it is kept, and makes no input of the output
        assert requests[0].asked[-1].direction is Direction.OUTPUT
    assert requests[0].released


def test_an_output_without_an_initial_value_stays_at_the_level_it_has(
    factory: GpiodFactory, requests: list[Request]
) -> None:
    pin = factory.pin("GPIO16")
    requests[0].value = Value.ACTIVE
    with DigitalOutputDevice("GPIO16", initial_value=None, pin_factory=factory) as output:
        assert output.pin is pin
        assert requests[0].asked[-1].output_value is Value.ACTIVE


def test_a_closed_pin_is_released_and_opened_anew(factory: GpiodFactory, requests: list[Request]) -> None:
    with InputDevice("GPIO4", pull_up=True, pin_factory=factory) as device:
        pin = device.pin
    with InputDevice("BCM4", pull_up=True, pin_factory=factory) as device:
        assert device.pin is not pin
        pin.close()  # once more, and the new one stays
        assert factory.pin("GPIO4") is device.pin
    assert [request.released for request in requests] == [True, True]
    with pytest.raises(PinInvalidPin, match="closed"):
        _ = pin.state


def test_a_listener_that_is_gone_is_not_kept_alive(factory: GpiodFactory, requests: list[Request]) -> None:
    other = Listener(1)
    with listen(factory, "GPIO4", Listener(0)) as device, listen(factory, "GPIO5", other):
        assert device.pin.when_changed is None
        requests[0].edge(1, 0)
        requests[1].edge(2, 0)
        other.wait()
    assert deaf(factory) == ""


def test_who_has_a_line_is_named(
    factory: GpiodFactory, requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Chip:
        def __init__(self, path: str) -> None:
            assert path == "/dev/gpiochip0"

        def __enter__(self) -> Chip:
            return self

        def __exit__(self, *_: object) -> None: ...

        def get_line_info(self, line: int) -> Any:
            return SimpleNamespace(consumer="spi0 CS0" if line == 8 else "")

    def busy(*_: object, **__: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(gpiod, "request_lines", busy)
    monkeypatch.setattr(gpiod, "Chip", Chip)
    with pytest.raises(GPIOPinInUse, match=r"GPIO8 \(line 8 of gpiochip0\) is in use by spi0 CS0"):
        factory.pin("GPIO8")
    with pytest.raises(GPIOPinInUse, match="in use by the kernel"):
        factory.pin("GPIO9")


def test_a_pin_that_is_not_there_is_told_with_the_chips_that_are(factory: GpiodFactory) -> None:
    with pytest.raises(PinInvalidPin, match=r"no pin 'mcp23017:3'; its GPIO chips are gpiochip0 \(pinctrl-bcm2711\)"):
        factory.pin("mcp23017:3")


def test_what_a_pin_cannot_be_is_refused_in_gpiozeros_words(factory: GpiodFactory, requests: list[Request]) -> None:
    pin = factory.pin("GPIO4")
    for attribute, value, error in (
        ("function", "alt0", PinInvalidFunction),
        ("pull", "sideways", PinInvalidPull),
        ("bounce", -1.0, PinInvalidBounce),
        ("edges", "some", PinInvalidEdges),
        ("state", 1, PinSetInput),
    ):
        with pytest.raises(error):
            setattr(pin, attribute, value)
    pin.function = "output"
    with pytest.raises(PinFixedPull):
        pin.pull = "up"


def test_a_contactor_on_an_expander_that_does_not_answer_is_told(
    factory: GpiodFactory, requests: list[Request]
) -> None:
    bypass = Bypass("GPIO16", pin_factory=factory)
    requests[0].fails = OSError(errno.EREMOTEIO, "Remote I/O error")
    with pytest.raises(InstrumentError, match="bypass contactor on pin GPIO16 cannot be switched: Remote I/O error"):
        bypass.take_out()
    requests[0].fails = None
    bypass.close()
