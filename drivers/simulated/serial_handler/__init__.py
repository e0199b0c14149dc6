"""Where pyserial looks for the handler of `simulated://` (`serial.protocol_handler_packages`)."""
