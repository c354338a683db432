"""The table: a row for each case, a column for each tool, and who is best."""

import dataclasses
import statistics

OURS = "Wattbook"
# Title, case, domain.
ENERGY = [
    ("package, constant, no wrap, 10 s", "constant", "package"),
    ("package, square wave, 10 s", "square", "package"),
    ("package, one wrap in 10 s", "one wrap", "package"),
    ("package, a wrap each 2 s, 10 s", "many wraps", "package"),
    ("memory (DRAM), constant, 10 s", "constant", "dram"),
    ("GPU (NVML), constant, 10 s", "constant", "gpu"),
    ("GPU (NVML), square wave, 10 s", "square", "gpu"),
    ("region of 0.1 s, constant", "region", "package"),
    ("region of 0.1 s, square wave of 0.16 s", "square region", "package"),
    ("program killed after 3 s", "program killed", "package"),
    ("tool killed after 3 s, from the disk", "tool killed", "package"),
]


@dataclasses.dataclass
class Cell:
    """A figure of one tool: the median, how far its repeats lie apart, and the text of the table."""

    value: float = None  # less is better
    spread: float = 0
    text: str = ""


def markdown(outcomes, names, versions):
    """The table of the cases that were measured, the verdict and the rows that are not won."""
    measured = {outcome.case for outcome in outcomes}
    rows = [(f"{title}, error", energy_cells(outcomes, names, case, domain), resolution(outcomes, case))
            for title, case, domain in ENERGY if case in measured]
    if "start-up" in measured:
        rows += [(title, cells, floor) for title, cells, floor in cost_rows(outcomes, names)]
    late = max(outcome.late_s for outcome in outcomes)
    lines = [
        "All joules below are test data of a stand-in, not measurements of this machine. An error is a tool's energy over",
        "the truth, the median of the repeats in size, with its sign; in brackets the distance between the repeats.",
        "",
        "| | " + " | ".join(names) + " | best or equal |",
        "|" + "---|" * (len(names) + 2),
    ]
    lost = []
    for title, cells, floor in rows:
        won, best = verdict(cells, floor)
        if not won:
            lost.append(f"- {title}: Wattbook {cells[OURS].text}, {best} {cells[best].text}")
        lines.append(f"| {title} | " + " | ".join(cells[name].text for name in names) + f" | {'yes' if won else 'NO'} |")
    lines += ["", "Equal: no further from the best than the best's own repeats lie apart, or than the truth is known.",
              "Memory is what is resident. Pages of program files are part of it: the system drops them when memory runs short, and",
              "programs that are the same file share them. The row below leaves them out, for all tools alike."]
    lines.append(f"Wattbook best or equal in every row: {'no' if lost else 'yes'}" + (", not in:" if lost else "."))
    lines += lost
    lines += ["", "Releases: " + ", ".join(f"{name} {version}" for name, version in versions.items())
              + f". The longest time between two writes of the counters was {late * 1000:.1f} ms."]
    return "\n".join(lines)


def verdict(cells, floor):
    """Whether Wattbook at its default is best or equal, and which other tool is best. Its finer setting is no rival."""
    rivals = {name: cell for name, cell in cells.items() if not name.startswith(OURS) and cell.value is not None}
    best = min(rivals, key=lambda name: rivals[name].value, default=OURS)
    ours = cells[OURS]
    if ours.value is None:
        return not rivals, best
    # Not its own spread: a tool that scatters would be equal to all.
    tolerance = max(cells[best].spread, floor)
    return ours.value <= cells[best].value + tolerance, best


def of(outcomes, case, name):
    """The outcomes of one tool in one case."""
    return [outcome for outcome in outcomes if outcome.case == case and outcome.tool == name]


def resolution(outcomes, case):
    """How well the truth itself is known in a case, in percent."""
    return max((outcome.resolution for outcome in outcomes if outcome.case == case), default=0)


def energy_cells(outcomes, names, case, domain):
    """Errors of one domain; a tool that tells only a total is judged by its total."""
    cells = {}
    for name in names:
        runs = of(outcomes, case, name)
        errors = [run.errors.get(domain, run.errors.get("total")) for run in runs if run.errors]
        errors = [error for error in errors if error is not None]
        trouble = next((run.trouble for run in runs if run.trouble), "")
        if not runs:
            cells[name] = Cell(text="-")
        elif not errors:
            cells[name] = Cell(text=trouble or "no such figure")
        else:
            middle = sorted(errors, key=abs)[len(errors) // 2]
            spread = max(errors) - min(errors)
            note = f"; {sum(1 for run in runs if run.trouble)} of {len(runs)}: {trouble}" if trouble else ""
            cells[name] = Cell(abs(middle), spread, f"{percent(middle, True)} ({percent(spread)}){note}")
    return cells


def percent(value, signed=False):
    """Two digits behind the point where they mean something."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:{'+' if signed else ''}.{digits}f} %"


def cost_rows(outcomes, names):
    """What measuring takes over not measuring."""
    def over(name, field):
        """Measuring nothing less the same without a tool, repeat by repeat."""
        bare = of(outcomes, "start-up", "no tool" if name.startswith(OURS) else "no tool (Python)")
        return [getattr(run, field) - getattr(without, field)
                for run, without in zip(of(outcomes, "start-up", name), bare) if not run.trouble]

    def cells(values, unit, digits):
        found = {}
        for name in names:
            numbers = values(name)
            if numbers:
                middle = statistics.median(numbers)
                spread = statistics.quantiles(numbers, n=4) if len(numbers) > 3 else (min(numbers), 0, max(numbers))
                found[name] = Cell(middle, spread[2] - spread[0], f"{middle:.{digits}f} {unit}")
            else:
                found[name] = Cell(text="-")
        return found

    def running(name):
        """CPU milliseconds a second while the program runs."""
        return [run.running_ms for run in of(outcomes, "constant", name) if run.running_ms is not None]

    def memory(name, field):
        """A peak of the tool's own process; what a library adds to Python."""
        python = 0 if name.startswith(OURS) else getattr(of(outcomes, "constant", "no tool (Python)")[0], field)
        return [getattr(run, field) - python for run in of(outcomes, "constant", name)]

    yield "start-up and end, CPU", cells(lambda name: [v * 1000 for v in over(name, "cpu_s")], "ms", 0), 0
    yield "start-up and end, wall", cells(lambda name: [v * 1000 for v in over(name, "wall_s")], "ms", 0), 0
    yield "CPU while measuring, per second", cells(running, "ms", 1), 0
    yield "peak memory of the tool's process", cells(lambda name: memory(name, "rss_mb"), "MB", 1), 0
    yield "of it, not pages of files", cells(lambda name: memory(name, "own_mb"), "MB", 1), 0
