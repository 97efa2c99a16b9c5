# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The expected figures of a capture, from the tables of the collection.

MANIFEST.tsv counts packets (with tshark 4.0, tcpdump and scapy), FLOWS.tsv has a line for each SA (with
tshark). Where their rules of counting differ from gapwatch's, the figures are converted here; any other
difference has to be listed with its reason.
"""
import collections
import csv
import json

# Wireshark's names for the link types that gapwatch reads.
LINK_TYPES = {"ether", "null", "linux-sll", "linux-sll2", "ppp", "rawip", "rawip4", "rawip6"}
LINK_TYPES |= {"chdlc", "nflog", "pktap", "ieee-802-11", "ieee-802-11-radiotap"}
LAST_RESERVED_SPI = 255  # in UDP, lower SPIs are not ESP
FURTHEST_JUMP = 65536


def table(path):
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def load(captures):
    """Returns {file: MANIFEST line} and {file: [FLOWS lines]}, with numbers as int."""
    manifest = {line["file"]: numbers(line) for line in table(captures / "MANIFEST.tsv")}
    flows = collections.defaultdict(list)
    for line in table(captures / "FLOWS.tsv"):
        flows[line["file"]].append(numbers(line))
    return manifest, flows


def numbers(line):
    return {name: int(text) if text.isdigit() else text for name, text in line.items()}


def is_beyond_libpcap(line):
    """Whether libpcap, and so tcpdump, cannot read the pcapng file, though all is well: its
    interfaces differ, or it has none and no packet."""
    notes = line["reader_notes"]
    limits = "tcpdump: pcap_loop: an interface has a", "tcpdump: the capture file has no Interface"
    return line["container"] == "pcapng" and notes.startswith(limits) and " | " not in notes


def is_sound(line):
    """Whether every reader read the file to its end. A warning concerns names only."""
    if is_beyond_libpcap(line):
        return True
    knows_it = line["linktype"] in LINK_TYPES
    return knows_it and (not line["reader_notes"] or line["reader_notes"].startswith("Warning:"))


def is_counted(line):
    """Whether libpcap reads the packets that were counted, and gapwatch the link type.

    tcpdump reads with libpcap. Wireshark gives the link type "?" for a file that it cannot read.
    """
    if is_beyond_libpcap(line):
        return True
    return line["linktype"] in LINK_TYPES | {"?"} and line["packets"] == line["tcpdump_packets"]


def words(key):
    """Returns {"spi": ..., "dst": ..., "src": ...} of an ESP line's key."""
    return dict(word.split("=") for word in key.split() if "=" in word)


def is_reserved(flow):
    last = LAST_RESERVED_SPI if "natt" in flow["key"] else 0
    return flow["kind"] == "esp" and int(words(flow["key"])["spi"], 16) <= last


def macsec_flow_id(key):
    """Returns the flow id. A frame without SCI has the SCI of its source MAC and port 1."""
    channel = key.split()[0]
    mac, _, port = channel.removeprefix("noSCI:ethsrc=").partition("/")
    return f"MACsec {{ sci: 0x{mac.replace(':', '')}{int(port or 1):04x} }}"


def esp_flow_id(key):
    parts = words(key)
    return f"IPsec {{ spi: 0x{parts['spi']}, dst: {parts['dst']}, src: {parts['src']} }}"


def by_flow_id(flows):
    """Returns {flow_id: [lines of its SAs in order of appearance]}, without AH."""
    groups = collections.defaultdict(list)
    for flow in sorted(flows, key=lambda flow: flow["first_frame"]):
        if flow["kind"] == "macsec":
            groups[macsec_flow_id(flow["key"])].append(flow)
        elif flow["kind"] == "esp" and not is_reserved(flow):
            groups[esp_flow_id(flow["key"])].append(flow)
    return groups


def counts(line, flows):
    """Returns the counts that gapwatch should have."""
    reserved = [flow for flow in flows if is_reserved(flow)]
    in_udp = sum(flow["packets"] for flow in reserved if "natt" in flow["key"])
    tcp = line["tcp_pkts"] - line["tcp_behind_ah"] - line["tcp_inside_macsec"]
    udp = line["udp_pkts"] - line["udp_behind_ah"] - line["udp_inside_macsec"]
    udp -= line["esp_natt"] - in_udp
    groups = by_flow_id(flows)
    return {
        "packets": line["packets"],
        "macsec": line["macsec_frames"],
        "esp": line["esp_frames"] - sum(flow["packets"] for flow in reserved),
        "tcp": tcp,
        "udp": udp,
        "fragment": line["nonfirst_frags"],
        "macsec flows": sum(flow_id.startswith("MACsec") for flow_id in groups),
        "esp flows": sum(flow_id.startswith("IPsec") for flow_id in groups),
        "tcp flows": line["tcp_flows_5tuple_uni"] if tcp else 0,
        "udp flows": line["udp_flows_5tuple_uni"] if udp else 0,
    }


def association(sa):
    """The AN. Lines with the same flow and AN are one SA: several ESP senders, or a MACsec SCI sent
    or not."""
    return sa["key"].split()[-1] if sa["kind"] == "macsec" else "ESP"


def lost(sas):
    """Missing numbers of SAs in order of appearance. All but the first start at 1 (rekey)."""
    return sum(missing(sa) for sa in sas) + sum(
        sa["first"] - 1 for sa in sas[1:] if 0 < sa["first"] <= FURTHEST_JUMP
    )


def missing(sa):
    """Missing numbers, counted within each segment; a restart ends a segment."""
    if sa["segments"] == 1:
        return sa["missing_min_max"]
    return sum(segment["missing"] for segment in json.loads(sa["segment_detail"]))


def duplicates(sa):
    if sa["segments"] == 1:
        return sa["duplicates"]
    return sum(segment["dups"] for segment in json.loads(sa["segment_detail"]))


def sequence_figures(sas):
    """Returns the figures of one flow; only its packets where the two ways of counting differ in
    the rest."""
    figures = {"packets_received": sum(sa["packets"] for sa in sas)}
    numbers_before_the_baseline = any(sa["first"] != sa["min"] for sa in sas)
    if numbers_before_the_baseline or len({association(sa) for sa in sas}) < len(sas):
        return figures
    return figures | {
        "first_sequence": sas[0]["first"],
        "last_sequence": last_sequence(sas[-1]),
        "total_lost_packets": lost(sas),
        "duplicate_packets": sum(duplicates(sa) for sa in sas),
        "restarts": sum(sa["segments"] - 1 for sa in sas),
        "rekeys": len(sas) - 1 if sas[0]["kind"] == "macsec" else 0,
    }


def last_sequence(sa):
    if sa["segments"] == 1:
        return sa["max"]
    return json.loads(sa["segment_detail"])[-1]["max"]
