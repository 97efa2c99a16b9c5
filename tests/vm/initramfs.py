# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The guest's file system: the program under test, network tools, and kernel modules."""
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = [
    "bash", "bpftool", "busybox", "ethtool", "ip", "jq", "kmod", "ping", "setpriv", "sqlite3", "tc", "tcpdump",
    "wpa_supplicant",
]
# Commands from busybox, where there is no program of that name.
APPLETS = [
    "awk", "cat", "chmod", "cp", "cut", "date", "dmesg", "echo", "env", "false", "grep", "head", "kill", "ls", "mkdir",
    "mkfifo", "mount", "mv", "poweroff", "ps", "rm", "sed", "seq", "sh", "sleep", "sort", "stty", "tail", "timeout", "touch", "tr", "true",
    "umount", "uname", "uniq", "wc",
]
MODULES = ["net", "drivers/net", "crypto", "arch", "lib"]
# Drivers of devices that guests do not have, and asynchronous ciphers: they may finish a frame after
# the next one, which changes the receiver's replay window.
LEFT_OUT = ["arch/x86/crypto", "drivers/net/ethernet", "drivers/net/wireless", "drivers/net/phy", "net/netfilter/ipvs"]


def libraries(program):
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return [pathlib.Path(path) for path in re.findall(r"(/\S+) \(0x", said)]


def add_program(root, program):
    """Copies PROGRAM to /bin, and its libraries to where it looks for them."""
    shutil.copy2(program, root / "bin" / program.name)
    for library in libraries(program):
        target = root / library.relative_to("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library, target)


def add_tools(root):
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    for name in TOOLS:
        if not (found := shutil.which(name, path=path)):
            raise SystemExit(f"no {name}: run scripts/install-deps test")
        add_program(root, pathlib.Path(found))
    for name in APPLETS:
        if not (root / "bin" / name).exists():
            (root / "bin" / name).symlink_to("busybox")
    for name in ("modprobe", "lsmod"):
        (root / "bin" / name).symlink_to("kmod")


def add_modules(root, modules):
    """Copies modules, unpacked, because unpacking is faster here than in the guest."""
    target = root / "lib" / "modules" / modules.name
    left_out = [modules / "kernel" / name for name in LEFT_OUT]

    def ignore(directory, names):
        return [name for name in names if pathlib.Path(directory) / name in left_out]

    for name in MODULES:
        if (modules / "kernel" / name).is_dir():
            shutil.copytree(modules / "kernel" / name, target / "kernel" / name, ignore=ignore)
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        shutil.copy2(modules / name, target)
    if packed := list(map(str, target.rglob("*.ko.xz"))):
        subprocess.run(["unxz", *packed], check=True)
    subprocess.run(["/sbin/depmod", "-b", root, modules.name], check=True, stderr=subprocess.DEVNULL)


def make(root, modules, build, checks):
    """Fills ROOT. Returns the path of an initramfs of it, beside it."""
    for name in ("bin", "dev", "proc", "sys", "run", "tmp", "etc", "root", "lib", "checks", "bpf"):
        (root / name).mkdir(parents=True)
    (root / "sbin").symlink_to("bin")
    (root / "usr").mkdir()
    for name in ("bin", "sbin"):
        (root / "usr" / name).symlink_to("../bin")
    (root / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n")
    add_program(root, build / "gapwatch")
    for path in build.glob("bpf/*.bpf.o"):
        shutil.copy2(path, root / "bpf")
    add_tools(root)
    add_modules(root, modules)
    shutil.copy2(HERE / "init", root / "init")
    shutil.copy2(HERE / "network.sh", root)
    for path in checks:
        shutil.copy2(path, root / "checks")
    packed = root.with_suffix(".cpio")
    with packed.open("wb") as output:
        subprocess.run(
            "find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0", shell=True, cwd=root, stdout=output, check=True
        )
    return packed
