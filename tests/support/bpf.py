# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The bpf(2) system call, for what Debian 12's bpftool lacks: TCX, and making other programs."""
import ctypes
import platform
import struct

NUMBERS = {"x86_64": 321, "aarch64": 280, "riscv64": 280}  # of the system call, by architecture
PROG_LOAD, PROG_QUERY, LINK_CREATE = 5, 16, 28
SCHED_CLS, XDP = 3, 6  # program types
XDP_HOOK, TCX_INGRESS, TCX_EGRESS = 37, 46, 47  # attach types
TCX_NEXT = -1
XDP_DROP, XDP_PASS = 1, 2
TC_OK, TC_DROP = 0, 2  # results that end the chain
TCX_BEFORE = 1 << 3  # link flag: in front of other programs
REDIRECT = 23  # number of the helper bpf_redirect()

PROGRAMS_MAX = 64


def call(command, attributes):
    """Calls bpf(COMMAND). Returns its result and the attributes as the kernel left them."""
    buffer = ctypes.create_string_buffer(attributes.ljust(128, b"\0"), 128)
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(NUMBERS[platform.machine()], command, buffer, 128)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf command {command} failed")
    return result, buffer.raw


def instruction(code, register=0, number=0):
    return struct.pack("<BBhi", code, register, 0, number)


END = instruction(0x95)  # return r0


def load_code(kind, code):
    """Returns the descriptor of a program of KIND with the instructions CODE."""
    count = len(code) // 8
    code = ctypes.create_string_buffer(code, len(code))
    licence = ctypes.create_string_buffer(b"GPL")
    addresses = (ctypes.addressof(code), ctypes.addressof(licence))
    return call(PROG_LOAD, struct.pack("=IIQQ", kind, count, *addresses))[0]


def load(kind, returns):
    """Returns the descriptor of a program of KIND that only returns RETURNS."""
    return load_code(kind, instruction(0xB7, 0, returns) + END)


def load_redirect(index):
    """Returns the descriptor of a TC program that redirects every frame to the interface INDEX."""
    arguments = instruction(0xB7, 1, index) + instruction(0xB7, 2, 0)
    return load_code(SCHED_CLS, arguments + instruction(0x85, 0, REDIRECT) + END)


def attach(program, index, where, flags=0):
    """Attaches PROGRAM to the interface INDEX of this namespace. Returns the link's descriptor."""
    return call(LINK_CREATE, struct.pack("=IIII", program, index, where, flags))[0]


def attached(index, where):
    """Returns the ids of the programs attached to the interface INDEX of this namespace."""
    ids = (ctypes.c_uint32 * PROGRAMS_MAX)()
    question = struct.pack("=IIIIQI", index, where, 0, 0, ctypes.addressof(ids), PROGRAMS_MAX)
    count = struct.unpack_from("=I", call(PROG_QUERY, question)[1], 24)[0]
    return list(ids[:count])
