"""The contenders of Scripts/bench-unet: how each is called, and what a call of it costs."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent / "python"


class ArmFailed(Exception):
    """A contender that cannot be measured."""


@dataclass
class Arm:
    """One contender in one precision; `settings` are the ways to call it of which the fastest counts."""

    name: str
    family: str
    precision: str
    arguments: list
    settings: dict = field(default_factory=lambda: {"": []})


@dataclass
class Cost:
    """Seconds of a step or a prediction, the median of a call, and the most memory that the call held.

    `least` are the least seconds of a step by clock; of a prediction, of which a call makes many, the median again.
    """

    cpu: float
    wall: float
    memory: int
    least: dict

    def time(self, clock):
        return getattr(self, clock)


def run(command):
    """(standard output, most resident bytes) of a command, which ends with 0."""
    environment = {key: value for key, value in os.environ.items() if key != "WATTBOOK_MARKS"}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        words = [str(word) for word in command]
        try:
            child = subprocess.Popen(words, stdout=output, stderr=errors, env=environment)
        except OSError as error:
            raise ArmFailed(f"{words[0]} cannot be started: {error.strerror}.") from error
        # wait4 alone tells the memory of this child and of no other.
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if child.returncode != 0:
            said = errors.read().decode(errors="replace").strip().splitlines() or ["it does not say why"]
            raise ArmFailed(f"{' '.join(words[:3])} ended with {child.returncode}: {said[0]}")
        return output.read().decode(), usage.ru_maxrss * 1024


def arms(command, programs, has_bf16):
    """The contenders of `train` or `infer`, ours first."""
    ours, precisions = programs["wattbook"], ["fp32", "bf16"] if has_bf16 else ["fp32"]

    def own(name, precision, algorithm):
        return Arm(name, "wattbook", precision, [ours, command, "--precision", precision, "--algorithm", algorithm])

    found = [own("fp32 direct", "fp32", "direct"), own("fp32 winograd", "fp32", "winograd")]
    found += [own("bf16", "bf16", "direct")] if has_bf16 else []
    found += [own("fastest", precisions[-1], "fastest")]
    for precision in precisions:
        script = [programs["pytorch"], SCRIPTS / "unet_pytorch.py", command, "--precision", precision, "--channels-last"]
        found.append(Arm(f"PyTorch {precision}", "pytorch", precision, script,
                         {"eager": [], "torch.compile": ["--compile"]}))
    for precision in precisions:
        script = [programs["keras"], SCRIPTS / "unet_keras.py", command, "--precision", precision]
        found.append(Arm(f"Keras {precision}", "keras", precision, script, {"graph": [], "XLA": ["--compile"]}))
    if command == "infer":
        script = [programs["keras"], SCRIPTS / "unet_keras.py", command, "--precision", "int8"]
        found += [own("int8", "int8", "direct"), Arm("TFLite int8", "keras", "int8", script)]
    return found


def cost(arm, setting, more):
    """What one call of a contender with `more` arguments costs."""
    output, memory = run([*arm.arguments, *arm.settings[setting], *more, "--json", "--quiet"])
    document = json.loads(output)
    if "step_s" in document:
        cpu, wall = document["step_cpu_s"], document["step_s"]
        return Cost(cpu["median"], wall["median"], memory, {"cpu": cpu["min"], "wall": wall["min"]})
    cpu, wall = document["latency_cpu_ms"]["median"] / 1000, document["latency_ms"]["median"] / 1000
    return Cost(cpu, wall, memory, {"cpu": cpu, "wall": wall})


class Rounds:
    """Rounds in which every contender runs in turn, every second in the opposite order.

    In the first round a rival runs in each of its settings; from then on in the one whose quickest step was the
    quickest, which a moment of noise does not decide.
    """

    def __init__(self, contenders, more, clock):
        self.contenders, self.more, self.clock = list(contenders), more, clock
        self.rounds, self.chosen, self.notes = [], {}, []

    def run(self, count):
        for index in range(count):
            order = self.contenders if index % 2 == 0 else self.contenders[::-1]
            costs = {}
            for arm in order:
                print(f"  round {index + 1}/{count}: {arm.name}", file=sys.stderr, flush=True)
                costs[arm.name] = self._first(arm) if index == 0 else cost(arm, self.chosen[arm.name], self.more)
            self.rounds.append(costs)
        return self

    def _first(self, arm):
        tried = {}
        for setting in arm.settings:
            try:
                tried[setting] = cost(arm, setting, self.more)
            except ArmFailed as failure:
                # Without the plain setting there is no contender; another may lack a compiler.
                if setting == next(iter(arm.settings)):
                    raise
                self.notes.append(f"{arm.name} has no {setting} here: {failure}")
        self.chosen[arm.name] = min(tried, key=lambda setting: tried[setting].least[self.clock])
        return tried[self.chosen[arm.name]]
