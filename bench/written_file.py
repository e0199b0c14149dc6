"""The text of a file that a person wrote for the bench. What is no such file is told in one sentence, and nothing is read for ever."""

from __future__ import annotations

from pathlib import Path

from bench.session import Refused

LARGEST = 1_000_000
"""Bytes. Whoever gives more has given the wrong file."""


def text_of(path: Path, what: str, where_none: str) -> str:
    """The text of `path`, which is `what` ("the station file"). Raises `Refused`; `where_none` says what to do when it is not there."""
    try:
        if not path.exists():
            raise Refused(where_none)
        if not path.is_file():
            raise Refused(f"{what} {path} is {'a folder' if path.is_dir() else 'a device'}; give the name of a file")
        if path.stat().st_size > LARGEST:
            raise Refused(f"{what} {path} is larger than {LARGEST // 1000} kB; is it the right file?")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"{what} {path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise Refused(
            f"{what} {path} is no text (UTF-8): byte {error.start} is {error.object[error.start]:#04x}"
        ) from None
