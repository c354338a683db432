"""The tools: how each is started, and what it says afterwards."""

import dataclasses
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclasses.dataclass(frozen=True)
class Tool:
    """One column of the table: a tool at its default, or at its finest documented setting."""

    name: str
    harness: str  # with_HARNESS.py, or "" for Wattbook
    python: str
    wattbook: str
    program: str
    fine: bool = False

    @property
    def ours(self):
        """Whether this is Wattbook."""
        return self.harness == ""

    def command(self, kind, rest, folder):
        """The command that measures a kind of work (see measured.py) and leaves what it says in the folder."""
        result, stamps = f"{folder}/result", f"{folder}/stamps"
        if not self.ours:
            return [self.python, f"{HERE}/with_{self.harness}.py", result, stamps, kind, *rest]
        program = {
            "command": [self.program, stamps, *rest],
            "region": [self.python, f"{HERE}/with_marks.py", result, stamps, kind, *rest],
            "nothing": ["true"],
        }[kind]
        fine = ["--interval", "10ms"] if self.fine else []
        return [self.wattbook, "run", "--json", "--quiet", *fine, "--probe", "powercap", "--probe", "nvml", "--", *program]

    def joules(self, folder):
        """What the tool said, in joules by domain: None where it said nothing."""
        if not self.ours:
            return _json(f"{folder}/result")
        return _domains(_json(f"{folder}/out"))

    def remains(self, folder):
        """What is left on the disk after the tool was killed: joules by domain, or the names of files that tell none."""
        if self.ours:
            environment = dict(os.environ, WATTBOOK_LEDGER=f"{folder}/wattbook.sqlite")
            subprocess.run([self.wattbook, "recover"], env=environment, capture_output=True)
            shown = subprocess.run([self.wattbook, "show", "last", "--json"], env=environment, capture_output=True)
            return _domains(json.loads(shown.stdout)) if shown.returncode == 0 else None
        return self.joules(folder)


def _json(path):
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def _domains(run):
    """Joules by domain of a run's document; of a region where the run has one."""
    if not run:
        return None
    if run["regions"]:
        return {"total": run["regions"][0]["joules"]}
    found = {}
    for channel in run["channels"]:
        if not channel["in_total"]:
            continue  # Another view of the same joules, as the power of a GPU beside its counter.
        name = channel["name"]
        if name.startswith("nvml/"):
            domain = "gpu"
        else:
            domain = {"powercap/package-0": "package", "powercap/package-0/dram": "dram"}.get(name)
        if domain and channel["joules"] is not None:
            found[domain] = found.get(domain, 0) + channel["joules"]
    return found


def tools(python, wattbook, program):
    """All columns, Wattbook's default first."""
    rows = [
        ("Wattbook", "", False), ("Wattbook 10 ms", "", True),
        ("CodeCarbon", "codecarbon", False), ("CodeCarbon 1 s", "codecarbon", True),
        ("Zeus", "zeus", False),
        ("perun", "perun", False), ("perun 0.1 s", "perun", True),
        ("pyJoules", "pyjoules", False),
    ]
    return [Tool(name, harness, python, wattbook, program, fine) for name, harness, fine in rows]
