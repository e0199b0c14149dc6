"""Configuring a meter: its password, and what `bench configure PORT` writes, reads back and prints. The password is never shown."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from drivers.configuration import DIALECTS, NO_DIALECT, ConfigurationError, Password, configure
from drivers.configuration_fields import Value
from drivers.optical_head import OpticalHead

PASSWORD_VARIABLE = "BENCH_METER_PASSWORD"
"""Environment variable that holds the meter's password where no file does."""


FILE_VARIABLE = "BENCH_METER_PASSWORD_FILE"
"""Environment variable that names such a file, a credential of systemd for instance."""


def password_from(file: str | None = None) -> Password:
    """The meter's password, from a file's first line or the environment. Raises `ConfigurationError`."""
    file = file or os.environ.get(FILE_VARIABLE)
    if file is None:
        digits = os.environ.get(PASSWORD_VARIABLE)
        if digits is None:
            raise ConfigurationError(
                f"no password: set {PASSWORD_VARIABLE} to the meter's 6 digits, or name a file with them by {FILE_VARIABLE} "
                "or --password-file"
            )
        return Password(digits)
    try:
        return Password(Path(file).read_text(encoding="ascii").split("\n", 1)[0].strip())
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file} holds no password: 6 decimal digits belong there") from None
    except OSError as error:
        raise ConfigurationError(f"the password file {file} cannot be read: {error.strerror}") from None


def dialect_is_known(name: str | None) -> None:
    """Raises `ConfigurationError` with what is true of every real meter today, where no dialect or an unknown one is named."""
    if name is None:
        raise ConfigurationError(NO_DIALECT)
    if name not in DIALECTS:
        raise ConfigurationError(f"there is no dialect {name!r}; there are: {', '.join(DIALECTS)}")


async def configure_port(url: str, dialect: str, password: Password, wanted: dict[str, Value]) -> str:
    """Configure the meter under the head on `url`: what it holds now, one field a line.

    Raises `OpticalError` or `ConfigurationError`; fields before the one that failed may have been written.
    """
    head = OpticalHead(url)
    await head.open()
    try:
        held = await configure(head, DIALECTS[dialect], password, wanted)
    finally:
        await head.close()
    return "\n".join(f"{name:<18}{value}" for name, value in held.items())


def configure_once(url: str, dialect: str, password: Password, wanted: dict[str, Value]) -> str:
    """`configure_port` on a loop of its own."""
    return asyncio.run(configure_port(url, dialect, password, wanted))
