# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A TCP transfer from the far end of a link to the near one, with the kernel's own figures of it.
"""
import collections
import socket
import struct
import threading

from support.link import entered

TCP_INFO = 11  # Linux's number
SEGMENTS_OUT_AT, BYTES_SENT_AT = 136, 200  # offsets in struct tcp_info

# A veth drops what its queue of 256 frames has no room for, and its kernel has then sent more than
# was on the wire. So fewer segments than that may be under way.
SEND_BUFFER = 1 << 17

# What one side sent, by its kernel's figures: segments, and octets of payload with retransmissions.
Sent = collections.namedtuple("Sent", "segments octets")


def sent_on(connection):
    told = connection.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 256)
    segments = struct.unpack_from("<I", told, SEGMENTS_OUT_AT)[0]
    return Sent(segments, struct.unpack_from("<Q", told, BYTES_SENT_AT)[0])


def discard(connection):
    while connection.recv(1 << 16):
        pass


def send_over_tcp(link, size):
    """Sends SIZE octets from the far end to the near one. Returns a Sent for each side."""
    near, _ = link.add_addresses()
    with entered(link.near.interface):
        listener = socket.create_server((near, 0))
    with entered(link.far.interface):
        sender = socket.create_connection(listener.getsockname(), timeout=60)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    with listener, sender, listener.accept()[0] as receiver:
        reader = threading.Thread(target=discard, args=(receiver,))
        reader.start()
        sender.sendall(bytes(size))
        sender.shutdown(socket.SHUT_WR)
        reader.join()
        receiver.shutdown(socket.SHUT_WR)
        assert sender.recv(1) == b""
        return sent_on(sender), sent_on(receiver)
