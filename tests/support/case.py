# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A frame and its expected record, worked out by hand from how the frame was made."""
import dataclasses

from support.capture_file import EN10MB


@dataclasses.dataclass(frozen=True)
class Case:
    """One frame.

    NEEDS is how many of its first bytes must be captured to decide (0: not stated). SHORTEST is how many
    must have been on the wire: a TCP flow is known by its ports, yet a TCP header has 20 bytes or more.
    From UDP_FROM on, a frame that ends before SHORTEST is still a UDP datagram. UDP_FLOW is the flow
    that the frame counts in when no other frames confirm that it belongs to another protocol.
    """

    name: str
    data: bytes
    outcome: str
    flow_id: str = None
    association: int = 0
    sequence: int = None  # None: the protocol has none
    implicit_sci: bool = False
    needs: int = 0
    shortest: int = 0  # 0: the same as needs
    udp_from: int = 0  # 0: never
    udp_flow: str = None  # None: there is no doubt about the frame
    link_type: int = EN10MB

    @property
    def alone(self):
        """The (outcome, flow id) of the frame when no other frames confirm it."""
        return ("udp", self.udp_flow) if self.udp_flow else (self.outcome, self.flow_id)

    def short_outcomes(self):
        """Returns the outcomes when the frame ends after 0 bytes, after 1 byte, ... on the wire."""
        shortest = self.shortest or self.needs
        malformed = self.udp_from or shortest
        whole = len(self.data) + 1 - shortest
        return ["malformed"] * malformed + ["udp"] * (shortest - malformed) + [self.outcome] * whole


def macsec(name, data, sci, association, sequence, vlans=(), **more):
    """VLANS are the ids of the tags in front of the SecTAG, except 0."""
    vlan = f", vlan: {'.'.join(map(str, vlans))}" if vlans else ""
    flow_id = f"MACsec {{ sci: 0x{sci}{vlan} }}"
    return Case(name, data, "macsec", flow_id, association, sequence, **more)


def esp(name, data, spi, ends, sequence, **more):
    """ENDS are source and destination."""
    source, destination = ends
    flow_id = f"IPsec {{ spi: 0x{spi}, dst: {destination}, src: {source} }}"
    return Case(name, data, "esp", flow_id, 0, sequence, **more)


def tcp(name, data, source, destination, **more):
    return Case(name, data, "tcp", f"TCP {{ {source} -> {destination} }}", **more)


def udp(name, data, source, destination, **more):
    return Case(name, data, "udp", f"UDP {{ {source} -> {destination} }}", **more)


def untracked(name, data, outcome, **more):
    return Case(name, data, outcome, **more)
