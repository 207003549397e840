#!/usr/bin/env python3
"""The engine's tests on AVX-512, in an emulated processor: for machines that have none. `make avx512` sets up what it needs.

A Linux kernel boots in Bochs (a Skylake-X) with nothing but the library's tests, runs them and switches off. Tests of a second take minutes there.
"""

import argparse
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Those that compare all usable sets of instructions, but for the one that compares the map with its definition to the bit: it takes longer than all
# others, in plain code.
TESTS = [
    "aep::simd",
    "aep::by_lanes",
    "aep::near",
    "aep::live_plant::tests::moves",
    "aep::gradient::tests::every_set",
    "aep::lane_map::tests::a_sketch",
    "aep::lane_map::tests::compositions",
]
NEEDED = ["avx512f", "avx512dq", "avx512vl"]

INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /tmp
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t tmpfs tmpfs /tmp
for flag in {needed}; do /bin/busybox grep -q -w $flag /proc/cpuinfo && echo "processor: $flag"; done
/tests --test-threads=1 {tests}
echo "tests: exit $?"
# What was printed is to leave before the power does.
/bin/busybox sleep 5
/bin/busybox poweroff -f
"""

# Bochs states the size of compacted processor state wrongly; without XSAVEC and XSAVES the kernel does not ask for it.
GRUB = """set timeout=0
menuentry tests {
  linux /boot/vmlinuz console=ttyS0 quiet nokaslr mitigations=off lsm=capability clearcpuid=321,323
  initrd /boot/initrd
}
"""

BOCHS = """config_interface: textconfig
display_library: term
megs: 2048
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15
ata1-master: type=cdrom, path={folder}/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={folder}/serial
cpu: model=corei7_skylake_x, count=1, ips=100000000
clock: sync=none
log: {folder}/log
panic: action=fatal
error: action=ignore
info: action=ignore
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", help=f"tests by a part of their names (default: {' '.join(TESTS)})")
    tests = parser.parse_args().tests or TESTS
    binary = test_binary()
    for test in tests:
        if ": test" not in subprocess.run([binary, "--list", test], check=True, stdout=subprocess.PIPE, text=True).stdout:
            sys.exit(f"no test of the library has `{test}` in its name; cargo test --lib -- --list names all")
    with tempfile.TemporaryDirectory() as folder:
        make_disc(Path(folder), binary, tests)
        said = emulate(Path(folder))
    missing = [flag for flag in NEEDED if f"processor: {flag}" not in said]
    if missing:
        sys.exit(f"the emulated processor has no {', '.join(missing)}")
    passed = re.search(r"test result: ok\. ([1-9]\d*) passed; 0 failed", said)
    if not passed or "tests: exit 0" not in said:
        sys.exit("the tests failed, or none was run")
    print(f"{passed[1]} tests passed on AVX-512")


def test_binary():
    """The library's tests, as fast as a release."""
    build = ["cargo", "test", "--locked", "--release", "--lib", "--no-run", "--message-format", "json-render-diagnostics"]
    lines = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return next(message["executable"] for message in map(json.loads, lines) if message.get("executable"))


def make_disc(folder, binary, tests):
    """A disc that boots into the tests."""
    system, disc = folder / "system", folder / "disc"
    for each in [system / "bin", system / "dev", disc / "boot/grub"]:
        each.mkdir(parents=True)
    subprocess.run(["strip", "-o", system / "tests", binary], check=True)
    shutil.copy("/bin/busybox", system / "bin")
    libraries = subprocess.run(["ldd", binary], check=True, stdout=subprocess.PIPE, text=True).stdout
    for library in re.findall(r"(/\S+)", libraries):
        place = system / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)
    os.mknod(system / "dev/console", 0o20600, os.makedev(5, 1))
    (system / "init").write_text(INIT.format(needed=" ".join(NEEDED), tests=" ".join(tests)))
    (system / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(system)) for path in sorted(system.rglob("*")))
    with open(disc / "boot/initrd", "wb") as archive:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=system, input=names.encode(), stdout=archive, check=True)
    download = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", kernel_package()]
    subprocess.run(download, cwd=folder, check=True)
    subprocess.run(["dpkg", "-x", next(folder.glob("linux-image-*.deb")), folder / "kernel"], check=True)
    shutil.copy(next(folder.glob("kernel/boot/vmlinuz-*")), disc / "boot/vmlinuz")
    (disc / "boot/grub/grub.cfg").write_text(GRUB)
    subprocess.run(["grub-mkrescue", "-o", folder / "boot.iso", disc], check=True, capture_output=True)


def kernel_package():
    told = subprocess.run(["apt-cache", "depends", "linux-image-cloud-amd64"], check=True, stdout=subprocess.PIPE, text=True)
    return re.search(r"Depends: (linux-image-\S+)", told.stdout)[1]


def emulate(folder):
    """Boots, prints what the tests say, and returns it."""
    (folder / "bochs").write_text(BOCHS.format(folder=folder))
    terminal, screen = pty.openpty()
    threading.Thread(target=drain, args=(terminal,), daemon=True).start()
    environment = {**os.environ, "TERM": "xterm"}
    bochs = subprocess.Popen(
        ["bochs", "-q", "-f", folder / "bochs"], stdin=subprocess.PIPE, stdout=screen, stderr=screen, env=environment
    )
    # It waits to be told to continue.
    bochs.stdin.write(b"c\n")
    bochs.stdin.flush()
    print("booting: two minutes", flush=True)
    said, ended = "", False
    try:
        while not ended:
            time.sleep(1)
            ended = bochs.poll() is not None or "Power down" in said or "Kernel panic" in said
            before, said = said, (folder / "serial").read_text(errors="replace") if (folder / "serial").exists() else ""
            print(said[len(before) :], end="", flush=True)
    finally:
        # It does not end by itself, and not by a milder signal.
        bochs.kill()
    return said


def drain(terminal):
    """Reads what the emulator shows, so that it can go on."""
    while os.read(terminal, 65536):
        pass


if __name__ == "__main__":
    main()
