"""Wattbook beside the tools that users have today, on sensors of known truth. See Scripts/peers/README.md.

    bench_peers.py --wattbook PROGRAM --python PYTHON [--nvml LIBRARY] [--json FILE] [--case NAME] [--jobs 4]

Needs root: each measurement runs in a mount namespace of its own. Ends with 69 where that cannot be had.
"""

import argparse
import concurrent.futures
import dataclasses
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
import stage  # noqa: E402
import table  # noqa: E402
import tools  # noqa: E402

STAND_IN = os.path.join(tools.HERE, "..", "..", "Tests", "NVMLStandIn")
GPU = (200, 200)
# Where the phase of the counter's renewals or of the load makes a figure scatter, there are more repeats.
CASES = [
    stage.Case("constant", gpu=GPU, steady=True, repeats=9),
    stage.Case("square", high=80, low=20, gpu=(400, 100), repeats=9),
    # With the range of a real package; it wraps at 9.5 s of the sensors, so within ten seconds that begin before.
    stage.Case("one wrap", first_wrap=9.5, wraps=(1, 1), gpu=GPU),
    stage.Case("many wraps", range_j=100, wraps=(4, 6), gpu=GPU),
    stage.Case("region", "region", ("0.1",), repeats=5),
    stage.Case("square region", "region", ("0.1",), high=80, low=20, period=0.16, repeats=9),
    stage.Case("program killed", rest=("6",), kill="program"),
    stage.Case("tool killed", rest=("6",), kill="tool"),
]
# Where a finer setting could change the outcome.
FINE = {"square", "many wraps", "region", "square region"}
START = stage.Case("start-up", "nothing", (), gpu=GPU)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wattbook", required=True, type=os.path.abspath)
    parser.add_argument("--nvml", help="default: the stand-in, compiled here", type=os.path.abspath)
    parser.add_argument("--python", required=True, help="of the peers' environment", type=os.path.abspath)
    parser.add_argument("--json", default="peers.json", help="where every single measurement goes")
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES],
                        help="only this case, and no costs; may be repeated")
    parser.add_argument("--jobs", default=4, type=int, help="measurements of waiting programs at a time")
    arguments = parser.parse_args()
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        print("The peers were not measured: /sys can be replaced for them only by root in a mount namespace. "
              "Run this as root, outside of a container that forbids `unshare -m`.", file=sys.stderr)
        return 69

    compiler = shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        print("The peers were not measured: what they measure is in C and no compiler is on the PATH. Install gcc or add "
              "Swift's clang to the PATH.", file=sys.stderr)
        return 69

    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        program = f"{folder}/program"
        subprocess.run([compiler, "-O2", "-o", program, f"{tools.HERE}/program.c"], check=True)
        if arguments.nvml is None:
            # Swift's linker would bring Swift's shared library into every tool's process, and megabytes with it.
            arguments.nvml = f"{folder}/libNVMLStandIn.so"
            subprocess.run([compiler, "-O2", "-shared", "-fPIC", f"-I{STAND_IN}/include", "-o", arguments.nvml,
                            *glob.glob(f"{STAND_IN}/*.c"), "-lm"], check=True)
        columns = tools.tools(arguments.python, arguments.wattbook, program)
        outcomes = energy(columns, arguments) + ([] if arguments.case else costs(columns, arguments))
    versions = facts(arguments)
    document = {"versions": versions, "minutes": (time.monotonic() - begun) / 60,
                "outcomes": [dataclasses.asdict(outcome) for outcome in outcomes]}
    with open(arguments.json, "w") as file:
        json.dump(document, file, indent=1)
    print(table.markdown(outcomes, [column.name for column in columns], versions))
    print(f"Took {document['minutes']:.1f} minutes; every measurement is in {arguments.json}.")
    return 0


def energy(columns, arguments):
    """The cases under all tools; the order of the tools turns from repeat to repeat."""
    cases = [case for case in CASES if case.name in (arguments.case or [case.name])]
    runs = []
    for repeat in range(max(case.repeats for case in cases)):
        turned = columns[repeat % len(columns):] + columns[:repeat % len(columns)]
        for case in cases:
            if repeat >= case.repeats:
                continue
            runs += [(tool, case) for tool in turned if not tool.fine or case.name in FINE]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        return list(pool.map(lambda run: announced(*run, arguments.nvml), runs))


def costs(columns, arguments):
    """Start-up and nothing else, one at a time; beside it the same without any tool, in Python and without it."""
    program = columns[0].program
    bare = [Bare("no tool (Python)", "nothing", arguments.python, "", program), Bare("no tool", "", "", "", program)]
    outcomes = [announced(bare[0], CASES[0], arguments.nvml)]
    for repeat in range(7):
        row = [tool for tool in columns if not tool.fine] + bare
        turned = row[repeat % len(row):] + row[:repeat % len(row)]
        outcomes += [announced(tool, START, arguments.nvml) for tool in turned]
    return outcomes


class Bare(tools.Tool):
    """No tool at all: the work in Python as the peers have it, or the plain program as Wattbook has it."""

    def command(self, kind, rest, folder):
        if self.harness:
            return super().command(kind, rest, folder)
        return ["true"] if kind == "nothing" else [self.program, f"{folder}/stamps", *rest]

    def joules(self, folder):
        return None


def announced(tool, case, library):
    """Measures and says so on standard error."""
    outcome = stage.measure(tool, case, library)
    said = outcome.trouble or {name: f"{error:+.3f} %" for name, error in (outcome.errors or {}).items()}
    print(f"{case.name:<16}{tool.name:<18}{said or f'{outcome.cpu_s:.3f} s of CPU'}", file=sys.stderr, flush=True)
    return outcome


def facts(arguments):
    """The release of each tool."""
    code = "from importlib.metadata import version as v; import json; print(json.dumps({n: v(n) for n in " \
           "['codecarbon', 'zeus', 'perun', 'pyJoules']}))"
    found = json.loads(subprocess.run([arguments.python, "-c", code], capture_output=True, check=True).stdout)
    found["Wattbook"] = subprocess.run([arguments.wattbook, "--version"], capture_output=True, text=True).stdout.strip()
    return found


if __name__ == "__main__":
    sys.exit(main())
