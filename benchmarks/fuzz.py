"""Mutated frames, a million a codec, thrown at each codec by a coverage-guided fuzzer: every one is a result or the codec's own error.

`python benchmarks/fuzz.py [--quick] [CODEC …]`

Each codec runs in a process of its own, from frames that real meters sent. An exception that is not the codec's, an answer that takes
longer than a second, and a value that does not read back to itself end it; the input that did so is printed. M-Bus gets fewer inputs:
pyMeterBus, which decodes them, takes some 0.4 ms for each.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FULL, QUICK = 1_000_000, 20_000
QUICK_M_BUS = 4_000
LONGEST_FRAME = 1200
"""Bytes of one input: more than any codec accepts."""
SECONDS_AN_INPUT = 1


LONGEST_M_BUS = 261

NATIVE = (
    b"HFE9000002348000000000000DECD000DC8410000061700A5CA780000000000000000100010938F\r",
    b"HFE950100002348000023470000000196\r",
    b"HFE013638353338324F4B31300000004000931000E803F8\r",
    b"HFE0002010701F7\r",
)
"""Answers of a 685-382-OK-10: registers, tariffs, the memory up to its constant, greeting (github.com/casperbang/KMP382-driver)."""
M_BUS = bytes.fromhex(
    "68464668087872209183142D2C010204000000040600000000042209000000042B00000000142B00000000"
    "84500600000000846006000000000F000000000000000000000000000000102416"
)
"""libmbus, test/test-frames/kamstrup_382_005.hex."""


@dataclass(frozen=True)
class Codec:
    """What is fed with bytes, and what it is fed with at first."""

    feed: Callable[[bytes], None]
    """Raises nothing for any bytes at all."""
    seeds: tuple[bytes, ...]
    full: int = FULL
    quick: int = QUICK
    """Inputs of a run."""


def mode_a(data: bytes) -> None:
    """A telegram of IEC 61107 mode A, in two pieces whose border the first byte says; then its registers."""
    from drivers.iec61107 import ModeADecoder
    from drivers.mode_a_registers import registers
    from drivers.mode_a_telegram import TelegramError

    border = data[0] if data else 0
    decoder = ModeADecoder()
    try:
        decoder.feed(data[1 : 1 + border])
        decoder.feed(data[1 + border :])
        registers(decoder.end())
    except TelegramError:
        return


def native(data: bytes) -> None:
    """A frame of the native protocol, in two pieces; then all that it can be taken for. Half of the inputs are framed and checked first."""
    from drivers import native_registers
    from drivers.native_frames import Frame, FrameError, NativeDecoder, decode

    border = data[0] if data else 0
    if border > 0x7F and len(data) > 1:
        data = data[:1] + Frame(data[1], data[2:]).encode("H")
    decoder = NativeDecoder()
    try:
        decoder.feed(data[1 : 1 + border])
        decoder.feed(data[1 + border :])
        received = decoder.end()
    except FrameError:
        return
    frame = received.frame
    if received.raw != frame.encode("H") or decode(received.raw, "H") != frame:
        raise AssertionError(f"{received.raw!r} does not read back to itself")
    identity = native_registers.read_memory(*native_registers.IDENTITY_MEMORY)
    for understand in (
        native_registers.registers,
        native_registers.tariffs,
        native_registers.hello,
        lambda answer: native_registers.identity(native_registers.memory(identity, answer)),
    ):
        try:
            understand(frame)
        except FrameError:
            continue


def m_bus(data: bytes) -> None:
    """What is heard on an M-Bus, its length and check sum put right in half of the inputs so that the records are reached."""
    from drivers.mbus_frames import FrameError, answer_in

    wire = bytearray(data[1:])
    if data[:1] > b"\x7f" and 8 < len(wire) <= LONGEST_M_BUS:
        wire[:4] = bytes((0x68, len(wire) - 6, len(wire) - 6, 0x68))
        wire[-2:] = bytes((sum(wire[4:-2]) & 0xFF, 0x16))
    try:
        answer_in(bytes(wire))
    except FrameError:
        return


def at_dialogue(data: bytes) -> None:
    """What a modem says, in two pieces: lines, results, callers, places of short messages, data after CONNECT."""
    from drivers.at_dialogue import AtLines, caller_in, is_final, stored_in

    border = data[0] if data else 0
    lines = AtLines()
    for line in (*lines.feed(data[1 : 1 + border]), *lines.feed(data[1 + border :])):
        is_final(line)
        caller_in(line)
        stored_in(line)
    lines.data()


def short_message(data: bytes) -> None:
    """The text of a short message; then its registers."""
    from drivers.mode_a_registers import registers
    from drivers.mode_a_telegram import TelegramError
    from drivers.sms_readout import telegram_in

    try:
        registers(telegram_in(data.decode("latin-1")))
    except TelegramError:
        return


def parity(data: bytes) -> None:
    """Characters of seven bits come back as they went; one bit turned over on the wire is always seen."""
    from drivers import software_parity

    characters = bytes(character & 0x7F for character in data)
    wire = software_parity.encode(characters)
    if software_parity.decode(wire) != characters:
        raise AssertionError(f"{characters!r} does not read back to itself")
    for index, character in enumerate(data[:32]):
        turned = bytes((wire[index] ^ 1 << (character & 7),))
        if not software_parity.decode(turned)[0] & software_parity.WRONG_PARITY:
            raise AssertionError(f"{turned!r} passes for a character")
    software_parity.decode(data)


CODECS = {
    "mode-a": Codec(
        mode_a,
        (
            b"\x00/KAM 685-382-OK-10\r\n\x020.0(00000000)\r\n1.20(0009032*kWh)\r\n1.20.1(0009032*kWh)\r\n1.20.2(0000000*kWh)\r\n"
            b"1.11(00000000)\r\n1.26(0000000)\r\n!\r\n\x03\x6a",
            b"\x20/?!\r\n/KAM 68438BC450000\r\n1-0:1.8.0(0000007,5*kWh)\n!\n",
        ),
    ),
    "native": Codec(
        native,
        (*(b"\x00" + frame for frame in NATIVE), b"\x05@FE9072\r" + NATIVE[0], b"\x80" + bytes.fromhex("950100002348")),
    ),
    "m-bus": Codec(m_bus, (b"\x00" + M_BUS, b"\x80" + M_BUS, b"\x00\xe5"), FULL, QUICK_M_BUS),
    "at-dialogue": Codec(
        at_dialogue,
        (
            b"\x06AT\r\r\nOK\r\n\r\nRING\r\nNMBR = 0301234\r\nCONNECT 1200\r\n/KAM 685-382-HK-50\r\n",
            b'\x00+CLIP: "+45123",145\r\n+CMTI: "SM",3\r\n> \r\n+CMS ERROR: 500\r\n',
        ),
    ),
    "sms": Codec(
        short_message, (b"0.0(10865272) 1.20(0009032*kWh) 1.20.1(0009031*kWh) 1.20.2(0000001*kWh) 1.31(0057392*h)",)
    ),
    "parity": Codec(parity, (b"/?!\r\n", bytes(range(256)))),
}


def fuzz(name: str, runs: int) -> None:
    """Feed one codec in this process until it is through or something is wrong. Does not return."""
    import atheris

    codec = CODECS[name]
    with atheris.instrument_imports(include=["drivers"]):
        codec.feed(b"")  # the codec's modules are imported here, and instrumented
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(codec.seeds):
            Path(corpus, str(number)).write_bytes(seed)
        options = [
            f"-runs={runs}",
            f"-max_len={LONGEST_FRAME}",
            f"-timeout={SECONDS_AN_INPUT}",
            "-seed=382",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus}/", corpus], codec.feed)
        atheris.Fuzz()


def main(arguments: list[str]) -> int:
    """Print a table and a line of JSON; 0 when every input of every codec was answered."""
    names = [each for each in arguments if not each.startswith("-")] or list(CODECS)
    unknown = [each for each in names if each not in CODECS]
    if unknown:
        print(f"there is no codec {', '.join(unknown)}; there are: {', '.join(CODECS)}", file=sys.stderr)
        return 2
    print(f"{'codec':<14}{'inputs':>10}{'a second':>10}{'features':>10}  result")
    figures: dict[str, object] = {"benchmark": "fuzz"}
    holds = True
    for name in names:
        runs = CODECS[name].quick if "--quick" in arguments else CODECS[name].full
        done = subprocess.run(
            [sys.executable, __file__, "--codec", name, str(runs)], capture_output=True, text=True, check=False
        )
        inputs, rate, features = (
            _last(pattern, done.stderr)
            for pattern in (r"number_of_executed_units: (\d+)", r"average_exec_per_sec: +(\d+)", r"ft: (\d+)")
        )
        fine = done.returncode == 0 and inputs >= runs
        holds &= fine
        print(f"{name:<14}{inputs:>10,}{rate:>10,}{features:>10,}  {'every one answered' if fine else 'BROKEN'}")
        if not fine:
            print(done.stdout[-2000:] + done.stderr[-4000:])
        figures[name] = {"inputs": inputs, "per_second": rate, "features": features}
    print(json.dumps(figures | {"holds": holds}))
    return 0 if holds else 1


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--codec"]:
        fuzz(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main(sys.argv[1:]))
