"""A million mutated frames thrown at each codec by a coverage-guided fuzzer: every one is a result or the codec's own error.

`python benchmarks/fuzz.py [--quick] [CODEC …]`

Each codec runs in a process of its own, from frames that real meters sent. An exception that is not the codec's, an answer that takes
longer than a second, and a value that does not read back to itself end it; the input that did so is printed.
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
LONGEST_FRAME = 1200
"""Bytes of one input: more than any codec accepts."""
SECONDS_AN_INPUT = 1


@dataclass(frozen=True)
class Codec:
    """What is fed with bytes, and what it is fed with at first."""

    feed: Callable[[bytes], None]
    """Raises nothing for any bytes at all."""
    seeds: tuple[bytes, ...]


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


CODECS = {
    "mode-a": Codec(
        mode_a,
        (
            b"\x00/KAM 685-382-OK-10\r\n\x020.0(00000000)\r\n1.20(0009032*kWh)\r\n1.20.1(0009032*kWh)\r\n1.20.2(0000000*kWh)\r\n"
            b"1.11(00000000)\r\n1.26(0000000)\r\n!\r\n\x03\x6a",
            b"\x20/?!\r\n/KAM 68438BC450000\r\n1-0:1.8.0(0000007,5*kWh)\n!\n",
        ),
    ),
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
    runs = QUICK if "--quick" in arguments else FULL
    names = [each for each in arguments if not each.startswith("-")] or list(CODECS)
    print(f"{'codec':<14}{'inputs':>10}{'a second':>10}{'features':>10}  result")
    figures: dict[str, object] = {"benchmark": "fuzz"}
    holds = True
    for name in names:
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
