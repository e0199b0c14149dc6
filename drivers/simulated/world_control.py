"""Acting on a world apart from outside: one JSON object a line on a Unix socket, an action in, what became of it out.

The world's side runs on its loop; `tell_world` is for a program that has nothing else to do.
"""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

from drivers.simulated.world_apart import UnknownAction, WorldApart

SOCKET = "world.sock"
"""Its name in the folder from which the world is served."""

_ANSWER_S = 10.0


class WorldUnreachable(Exception):
    """No world answers; the message says what to start."""


async def serve_actions(world: WorldApart, path: Path) -> asyncio.Server:
    """Let other processes act on `world`. Raises `OSError`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await _carry_out(world, line)).encode() + b"\n")
                await writer.drain()
        except (ValueError, ConnectionError):
            pass  # a line without end, or nobody who listens any more
        finally:
            writer.close()

    return await asyncio.start_unix_server(serve, path)


async def _carry_out(world: WorldApart, line: bytes) -> dict[str, object]:
    try:
        return {"done": await world.act(str(json.loads(line)["act"]))}
    except UnknownAction as error:
        return {"refused": str(error)}
    except (ValueError, TypeError, KeyError):
        return {"refused": f'{line[:60]!r} is no action; write {{"act": "press estop"}}'}


def tell_world(folder: Path, action: str) -> float:
    """Do `action` to the world that serves `folder`; CLOCK_MONOTONIC in s at which it was done.

    Raises `UnknownAction` with what can be done, or `WorldUnreachable`.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_ANSWER_S)
            connection.connect(str(folder / SOCKET))
            connection.sendall(json.dumps({"act": action}).encode() + b"\n")
            with connection.makefile("rb") as answers:
                answer = json.loads(answers.readline())
    except (OSError, ValueError) as error:
        raise WorldUnreachable(
            f"no simulated world answers in {folder} ({error}); start it: bench simulate --serve {folder}"
        ) from error
    if "refused" in answer:
        raise UnknownAction(answer["refused"])
    return float(answer["done"])
