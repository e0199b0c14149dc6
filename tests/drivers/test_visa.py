"""The VISA port against a real TCP server: every trap of raw sockets, and the simulated instrument's own manners."""

from __future__ import annotations

import asyncio
import os
import pty
import socket
import subprocess
import sys
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from drivers.power_source import InstrumentError
from drivers.simulated.scpi_instrument import Command, ScpiInstrument, number
from drivers.simulated.scpi_server import Manner, ScpiServer
from drivers.simulated.simulated_time import SimulatedTimeLoop
from drivers.visa import Revoked, VisaPort

Simulated = Callable[..., Any]


class Multimeter(ScpiInstrument):
    """Understands a setting, two quick questions and a slow one, and keeps what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.level = 0.0
        super().__init__(
            "MAKER,MULTIMETER,7,1.0",
            [
                Command("LEVel", self._set_level),
                Command("LEVel?", lambda _, __: f"{self.level:g}"),
                Command("ECHO?", lambda _, parameter: parameter),
                Command("SLOW?", lambda _, parameter: parameter, latency=0.5),
            ],
        )

    def execute(self, line: str) -> Any:
        self.heard.append(line)
        return super().execute(line)

    def _set_level(self, _: tuple[int, ...], parameter: str) -> None:
        self.level = number(parameter, 0, 10, "LEV")


@asynccontextmanager
async def connected(deadline: float = 2.0) -> AsyncIterator[tuple[ScpiServer, VisaPort]]:
    server = ScpiServer(Multimeter())
    await server.start()
    port = VisaPort(server.resource, "multimeter", deadline)
    try:
        await port.open()
        yield server, port
    finally:
        await port.close()
        await server.stop()


def heard(server: ScpiServer) -> list[str]:
    assert isinstance(server.instrument, Multimeter)
    return server.instrument.heard


def now() -> float:
    return asyncio.get_running_loop().time()


def test_importing_the_driver_does_not_load_pyvisa() -> None:
    code = "import sys, drivers.visa, drivers.scpi_source, drivers.scpi_standard; sys.exit('pyvisa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_opening_asks_who_answers(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (server, port):
            assert port.identity == "MAKER,MULTIMETER,7,1.0"
            assert heard(server) == ["*IDN?"]

    simulated(main)


def test_the_socket_of_an_open_port_does_not_wait_for_acknowledgements(simulated: Simulated) -> None:
    async def main() -> None:
        import pyvisa

        async with connected() as (server, _):
            number = server.resource.split("::")[2]
            (session,) = (r for r in pyvisa.ResourceManager("@py").list_opened_resources() if number in r.resource_name)
            interface = session.visalib.sessions[session.session].interface  # type: ignore[attr-defined]  # untyped
            assert interface.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    simulated(main)


def test_a_refused_port_is_an_error_at_once_and_says_what_to_look_at(simulated: Simulated) -> None:
    async def main() -> None:
        server = ScpiServer(Multimeter())
        await server.start()
        await server.stop()
        port = VisaPort(server.resource, "multimeter")
        with pytest.raises(InstrumentError, match=r"multimeter at TCPIP.* cannot be reached .*switched on"):
            await port.open()
        assert now() == 0.0
        await server.start()
        assert await port.query("LEV?") == "0", "the port it listens on again is opened by the next question"
        await port.close()
        await server.stop()

    simulated(main)


def test_a_resource_name_nobody_understands_is_an_instrument_error(simulated: Simulated) -> None:
    async def main() -> None:
        port = VisaPort("CARRIER::PIGEON", "multimeter")
        with pytest.raises(InstrumentError, match=r"CARRIER::PIGEON cannot be opened"):
            await port.open()
        await port.close()

    simulated(main)


def test_a_port_that_was_never_opened_says_so(simulated: Simulated) -> None:
    async def main() -> None:
        with pytest.raises(InstrumentError, match="is not open"):
            await VisaPort("TCPIP::127.0.0.1::9::SOCKET", "multimeter").query("LEV?")

    simulated(main)


def test_an_answer_in_pieces_is_put_together(simulated: Simulated) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedTimeLoop)

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.readline():
                wait = loop.worker_waits()
                for piece in (b"2", b"3", b"0.1\r\n"):
                    await asyncio.sleep(0.1)
                    writer.write(piece)
                wait.end()
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = VisaPort(f"TCPIP::127.0.0.1::{server.sockets[0].getsockname()[1]}::SOCKET", "multimeter")
        await port.open()
        assert await port.query("U?") == "230.1"
        await port.close()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(1)  # the talk notices that it is over

    simulated(main)


def test_silence_is_an_error_when_the_deadline_is_over_on_the_loops_clock(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected(deadline=1.5) as (server, port):
            server.manner = Manner.SILENT
            with pytest.raises(InstrumentError, match=r"no answer from the multimeter .* to 'LEV\?' within 1.5 s"):
                await port.query("LEV?")
            assert now() == 1.5
            server.manner = Manner.PROPER
            assert await port.query("ECHO? here again") == "here again"

    simulated(main)


def test_a_late_answer_is_never_taken_for_the_answer_to_the_next_question(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected(deadline=1.0) as (server, port):
            server.late_by = 1.2
            with pytest.raises(InstrumentError, match="no answer"):
                await port.query("ECHO? first")
            server.late_by = 0.0
            for pause in (0.0, 1.0):
                await asyncio.sleep(pause)
                assert await port.query("ECHO? second") == "second"

    simulated(main)


def test_bytes_nobody_asked_for_are_an_error_and_the_question_after_them_is_answered(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (server, port):
            server.manner = Manner.REPEATING
            assert await port.query("ECHO? twice") == "twice"
            server.manner = Manner.PROPER
            with pytest.raises(InstrumentError, match=r"sent 'twice.*out of step; 'LEV 5;:SYST:ERR.' was not sent"):
                await port.command("LEV 5")
            assert await port.query("LEV?") == "0"

    simulated(main)


def test_a_connection_closed_over_a_question_is_noticed_without_one_futile_read(
    simulated: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        from pyvisa_py.tcpip import TCPIPSocketSession  # type: ignore[import-untyped]  # ships without types

        async with connected() as (server, port):
            reads: list[int] = []
            read = TCPIPSocketSession.read

            def spy(session: Any, count: int) -> Any:
                reads.append(count)
                return read(session, count)

            monkeypatch.setattr(TCPIPSocketSession, "read", spy)
            server.manner = Manner.HANGING_UP
            with pytest.raises(InstrumentError, match="closed the connection; was it switched off"):
                await port.query("LEV?")
            assert (reads, now()) == ([], 0.0)
            server.manner = Manner.PROPER
            assert await port.query("LEV?") == "0"
            assert reads, "the spy sees every read"

    simulated(main)


def test_a_connection_closed_between_questions_is_an_error_of_the_next_one_only(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (server, port):
            server.hang_up()
            await asyncio.sleep(1)
            with pytest.raises(InstrumentError, match="closed the connection; was it switched off"):
                await port.command("LEV 5")
            assert "LEV 5;:SYST:ERR?" not in heard(server)
            await port.command("LEV 6")
            assert await port.query("LEV?") == "6"

    simulated(main)


def test_another_instrument_behind_a_reopened_connection_is_refused(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (server, port):
            server.hang_up()
            server.instrument.identity = "MAKER,MULTIMETER,8,1.0"
            with pytest.raises(InstrumentError, match="closed the connection"):
                await port.query("LEV?")
            with pytest.raises(InstrumentError, match=r",8,.*,7,.*another instrument answer there"):
                await port.query("LEV?")

    simulated(main)


def test_tasks_take_turns_and_each_gets_its_own_answer(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (_, port):
            questions = [f"{kind} {n}" for n in range(20) for kind in ("ECHO?", "SLOW?")]
            answers = await asyncio.gather(*(port.ask(question) for question in questions))
            assert [answer.text for answer in answers] == [question.split()[1] for question in questions]
            slow = answers[1::2]
            assert [round(answer.asked, 9) for answer in slow] == [0.5 * n for n in range(20)], "waiting is not asking"
            assert all(round(answer.answered - answer.asked, 9) == 0.5 for answer in slow)

    simulated(main)


def test_a_task_cancelled_while_its_answer_is_owed_leaves_the_port_usable(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (_, port):
            task = asyncio.create_task(port.query("SLOW? cancelled"))
            await asyncio.sleep(0.2)
            task.cancel()
            assert await port.query("SLOW? next") == "next"
            assert task.cancelled()
            assert now() == pytest.approx(0.7)

    simulated(main)


def test_a_task_cancelled_before_its_turn_sends_nothing(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (server, port):
            first = asyncio.create_task(port.query("SLOW? first"))
            second = asyncio.create_task(port.command("LEV 9"))
            await asyncio.sleep(0.2)
            second.cancel()
            assert await first == "first"
            assert heard(server) == ["*IDN?", "SLOW? first"]

    simulated(main)


def test_a_refused_setting_raises_with_the_instruments_words_and_empties_its_queue(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (_, port):
            await port.command("LEV 5")
            with pytest.raises(InstrumentError) as refused:
                await port.command("LEV 11;:LEVEL high;:LOVE 1")
            assert "refused 'LEV 11;:LEVEL high;:LOVE 1'" in str(refused.value)
            assert '-222,"Data out of range;LEV", -104,"Data type error;LEV", -113,"Undefined header;LOVE"' in str(
                refused.value
            )
            assert await port.command("LEV 6;:LEV?;:ECHO? a,b") == "6;a,b"

    simulated(main)


def test_an_error_entry_that_is_none_brings_the_port_back_into_step(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (server, port):
            server.manner = Manner.GARBLED
            with pytest.raises(InstrumentError, match="where an entry of its error queue was expected"):
                await port.command("LEV 5")
            server.manner = Manner.PROPER
            await port.command("LEV 7")
            assert heard(server)[-2:] == ["*IDN?", "LEV 7;:SYST:ERR?"], "it was opened anew"

    simulated(main)


def test_draining_returns_the_whole_queue_and_its_overflow(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (_, port):
            assert await port.query("X 1;" * 25 + "*STB?") == str(0x04 | 0x20)
            errors = await port.drain_errors()
            assert errors == ['-113,"Undefined header;X"'] * 19 + ['-350,"Queue overflow"']
            assert await port.drain_errors() == []

    simulated(main)


def test_a_revoked_handle_sends_nothing_more_and_can_be_closed(simulated: Simulated) -> None:
    async def main() -> None:
        async with connected() as (server, port):
            waiting = asyncio.gather(port.query("SLOW? under way"), port.command("LEV 1"), return_exceptions=True)
            await asyncio.sleep(0.1)
            port.revoke("the run is over")
            answered, refused = await waiting
            assert answered == "under way"
            assert isinstance(refused, Revoked)
            for late in (port.query("LEV?"), port.command("LEV 2"), port.drain_errors(), port.open()):
                with pytest.raises(Revoked, match="multimeter is no longer in these hands: the run is over"):
                    await late
            assert heard(server) == ["*IDN?", "SLOW? under way"]

    simulated(main)


def test_a_serial_port_goes_through_the_same_methods(simulated: Simulated) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        far, near = pty.openpty()
        tty.setraw(near)
        instrument = Multimeter()

        def talk() -> None:
            text = instrument.execute(os.read(far, 1000).decode()).text
            if text is not None:
                os.write(far, text.encode() + b"\n")

        loop.add_reader(far, talk)
        port = VisaPort(f"ASRL{os.ttyname(near)}::INSTR", "multimeter", deadline=0.1)
        try:
            await port.open()
            await port.command("LEV 3")
            assert await port.query("LEV?") == "3"
            with pytest.raises(InstrumentError, match="no answer from the multimeter"):
                await port.query("LOVE?")  # VISA's own timeout, in real time, gives the thread back
            assert await port.drain_errors() == ['-113,"Undefined header;LOVE?"']
        finally:
            await port.close()
            loop.remove_reader(far)
            os.close(far)
            os.close(near)

    simulated(main)


def test_the_same_port_and_server_run_on_an_ordinary_loop() -> None:
    async def main() -> None:
        async with connected(deadline=60.0) as (server, port):
            assert await port.command("LEV 4;:LEV?") == "4"
            server.manner = Manner.SILENT
            task = asyncio.create_task(port.query("LEV?"))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            server.manner = Manner.PROPER
            assert await port.query("LEV?") == "4"
            server.hang_up()
            with pytest.raises(InstrumentError, match="closed the connection"):
                await port.query("LEV?")

    asyncio.run(main())


# ---------------------------------------------------------------------- the simulated instrument by itself


def ask(instrument: ScpiInstrument, line: str) -> str | None:
    return instrument.execute(line).text


def test_event_status_tells_the_kinds_of_error_and_is_read_once() -> None:
    instrument = Multimeter()
    assert ask(instrument, "*ESR?") == "128", "power on"
    assert ask(instrument, "LEV 11;*ESR?") == "16"
    assert ask(instrument, "LOVE 1;LEV;*ESR?;*ESR?") == "32;0"
    assert ask(instrument, "*CLS;SYST:ERR?;*OPC?") == '0,"No error";1'


@pytest.mark.parametrize("header", ["SYST:ERR?", ":SYSTem:ERRor:NEXT?", "syst:error?"])
def test_headers_have_a_short_and_a_long_form(header: str) -> None:
    assert ask(Multimeter(), header) == '0,"No error"'


@pytest.mark.parametrize("header", ["SYSTE:ERR?", "SYST:ERR", "ERR?", "SYST:ERR:NEX?"])
def test_anything_between_the_forms_is_an_undefined_header(header: str) -> None:
    instrument = Multimeter()
    assert ask(instrument, header) is None
    assert ask(instrument, "SYST:ERR?") == f'-113,"Undefined header;{header}"'


def test_a_header_without_a_colon_continues_the_path_of_the_one_before() -> None:
    instrument = Multimeter()
    assert ask(instrument, "SYST:ERR?;*OPC?;ERR?") == '0,"No error";1;0,"No error"'
    assert ask(instrument, "SYST:ERR?;LEV?") == '0,"No error"'
    assert ask(instrument, "SYST:ERR?") == '-113,"Undefined header;SYST:LEV?"'


@pytest.mark.parametrize(("parameter", "error"), [("", -109), ("nan", -104), ("inf", -104), ("-0.1", -222)])
def test_a_setting_that_is_no_number_in_range_is_refused(parameter: str, error: int) -> None:
    answer = ask(Multimeter(), f"LEV {parameter};SYST:ERR?")
    assert answer is not None
    assert answer.startswith(f"{error},")
