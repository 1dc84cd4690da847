"""The floor: a UDP server that sends back what it receives. `python -m benchmarks.rivals.udp_echo PORT`."""

import socket
import sys


def main(port: int) -> None:
    """Echo until killed."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", port))
    while True:
        datagram, sender = sock.recvfrom(8192)
        sock.sendto(datagram, sender)


if __name__ == "__main__":
    main(int(sys.argv[1]))
