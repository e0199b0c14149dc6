"""The physical world underneath the real drivers: SCPI servers, serial meters, GPIO pins, faults and simulated time."""
