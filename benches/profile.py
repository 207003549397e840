"""Where the instructions of the headline case go: callgrind's counts, by what they are for.

    python3 benches/profile.py        (make profile)

Valgrind knows no AVX-512, so the program takes its AVX2 path. Inlined functions are told apart by addr2line.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter

HERE = pathlib.Path(__file__).resolve().parent
# What an instruction is for: the first row of which all patterns are found in the chain of inlined functions and source files around it.
ROWS = [
    ("turbine at turbine: width and strength", ["fleet.rs", "approach<"]),
    ("turbine at turbine: rotor averages", ["fleet.rs", "arrive<"]),
    ("turbines: sums", ["fleet.rs", "add_up<"]),
    ("turbines: speed, thrust, source", ["fleet.rs", "operate<"]),
    ("turbines: the rest", ["fleet.rs"]),
    ("candidates: wakes, in single precision", ["outline.rs", r"\bcast<(true|false)>"]),
    ("candidates: powers and energies", ["outline.rs", r"\bupdate\b"]),
    ("candidates: the rest", ["outline.rs"]),
    ("candidates: exact energies where in doubt", ["exact.rs"]),
    ("windows of flow cases", ["cases.rs|^(asin|atan|atan2|hypot|comp_r|fmod)\\b|libm::math::(asin|atan|atan2|hypot|fmod)"]),
    ("marks, lists, choice", ["lane_map|marks.rs|parts.rs|smart_start.rs"]),
]


def command(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def bench_binary():
    built = command("cargo", "bench", "--locked", "--bench", "peers", "--no-run", "--message-format=json")
    for line in built.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "peers":
            return message["executable"]
    sys.exit("profile: cargo named no binary of the bench `peers`")


def counts(binary, scratch):
    """Instructions by address, relative to the binary."""
    golden = json.loads((HERE.parent / "tests/golden/smart-start-dk0w-15mw-seed1.json").read_text())
    job = {"model": "nygaard-2022", "n_turbines": 66, "grid_size": 18, "random_pct": 30.0, "min_spacing_m": 264.0, "seed": 1,
           "wind_speeds_m_s": [6.0, 8.0, 10.0, 12.0, 14.0], "boundary": golden["boundary"]}
    jobs, answers, out = scratch / "jobs.json", scratch / "answers.json", scratch / "callgrind.out"
    jobs.write_text(json.dumps({"smart start": job}))
    command("valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={out}", binary, "--once", str(jobs), str(answers))
    if json.loads(answers.read_text())["smart start"]["x_m"] != golden["x"]:
        sys.exit("profile: another layout than the golden one")
    by_address, ours, address, in_call = Counter(), False, 0, False
    names = {}
    for line in out.read_text().splitlines():
        if named := re.match(r"(c?)ob=(\(\d+\))(?: (.*))?$", line):
            is_callee, number, name = named.groups()
            names.setdefault(number, name)
            ours = ours if is_callee else names[number] == binary
        elif line.startswith("calls="):
            in_call = True
        elif re.match(r"[0x+*-]", line):
            words = line.split()
            step = words[0]
            if step.startswith("0x"):
                address = int(step, 16)
            elif step != "*":
                address += int(step, 0) if step[0] in "+-" else 0
            if not in_call and ours and len(words) > 2:
                by_address[address] += int(words[-1])
            in_call = False
    return by_address


def chains(binary, addresses):
    """The functions around each address, the innermost first, as one text."""
    asked = "\n".join(hex(address) for address in addresses)
    told = subprocess.run(["addr2line", "-f", "-i", "-C", "-a", "-e", binary], input=asked, check=True, capture_output=True, text=True).stdout
    chain, found = None, {}
    for line in told.splitlines():
        if line.startswith("0x"):
            chain = found.setdefault(int(line, 16), [])
        else:
            chain.append(line)
    return {address: " ".join(words) for address, words in found.items()}


def main():
    with tempfile.TemporaryDirectory() as scratch:
        binary = bench_binary()
        by_address = counts(binary, pathlib.Path(scratch))
    around = chains(binary, sorted(by_address))
    rows = Counter()
    for address, n in by_address.items():
        for label, patterns in ROWS:
            if all(re.search(pattern, around[address]) for pattern in patterns):
                rows[label] += n
                break
    total = sum(rows.values())
    print("| one smart start, AVX2 | million instructions | share |\n|---|---|---|")
    for label in dict.fromkeys(label for label, _ in ROWS):
        print(f"| {label} | {rows[label] / 1e6:.1f} | {100 * rows[label] / total:.0f} % |")
    print(f"| together | {total / 1e6:.1f} | |")


if __name__ == "__main__":
    main()
