"""The registers in a short message of a GSM module (YN).

Its format is not public. Assumption: the data sets of the mode A telegram, a blank between two: `0.0(10865272) 1.20(0009032*kWh) …`; the
question is READ. The data sheet says only "Supports SMS reading".
"""

from __future__ import annotations

from drivers.iec61107 import ModeADecoder, encode
from drivers.mode_a_telegram import MalformedTelegram, Telegram

QUESTION = "READ"
"""What is sent to the module (assumption)."""


def telegram_in(text: str) -> Telegram:
    """The registers of a short message, as a telegram. Raises `TelegramError`."""
    if not text.isascii() or "!" in text:
        raise MalformedTelegram("the short message holds characters that no data set has", text.encode("utf-8"))
    telegram = ModeADecoder().feed(encode("KAM SMS", "\r\n".join(text.split()) + "!"))
    if telegram is None:
        raise MalformedTelegram("the short message ends too soon", text.encode())
    return telegram
