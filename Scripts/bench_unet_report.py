"""What the rounds of Scripts/bench-unet say: medians, ratios beside their limits, shares of the machine's limit."""

from statistics import median

#: (ours, precision of the rivals, how many times as fast as the faster of them we have to be)
AGAINST_RIVALS = [("fp32 direct", "fp32", 1.2), ("fp32 winograd", "fp32", 2.1), ("bf16", "bf16", 1.3),
                  ("fastest", "bf16", 1.3)]
#: (ours, the slower ones of ours, how many times as fast as the faster of them); the last sets best against best
BEST = ("fastest", ["fp32 direct", "fp32 winograd"], None)
AMONG_OURS = {"train": [("bf16", ["fp32 direct"], 1.9), BEST], "infer": [("int8", ["bf16"], 1.6), BEST]}
MEMORY_SHARE = 0.7


def evaluate(command, rounds, operations, limits):
    """The arms with their medians, and the ratios, as the JSON document holds them.

    `operations` are the floating-point operations of one step or prediction by direct convolution, `limits` those that
    the machine does in a second by precision.
    """
    arms = {}
    for arm in rounds.contenders:
        costs = [costs[arm.name] for costs in rounds.rounds]
        limit = limits.get(arm.precision)
        arms[arm.name] = {
            "precision": arm.precision, "setting": rounds.chosen[arm.name] or None,
            "cpu_s": median(cost.cpu for cost in costs), "wall_s": median(cost.wall for cost in costs),
            "peak_memory_bytes": median(cost.memory for cost in costs),
            "limit_share": limit and operations / median(c.time(rounds.clock) for c in costs) / limit}
    names = {arm.name: arm for arm in rounds.contenders}

    def speedup(ours, others, wanted):
        """In each round ours beside the faster of the others; the median of the rounds."""
        result = {"arm": ours, "against": " or ".join(others), "wanted": wanted}
        for clock in ("cpu", "wall"):
            result[f"{clock}_ratio"] = median(
                min(costs[other].time(clock) for other in others) / costs[ours].time(clock)
                for costs in rounds.rounds)
        result["ok"] = None if wanted is None else result[f"{rounds.clock}_ratio"] >= wanted
        return result

    rivals = {precision: [name for name, arm in names.items() if arm.family != "wattbook" and arm.precision == precision]
              for precision in ("fp32", "bf16", "int8")}
    wanted = AGAINST_RIVALS if command == "train" else [
        (ours, precision, None) for ours, precision, _ in AGAINST_RIVALS + [("int8", "int8", None)]]
    ratios = [speedup(ours, rivals[precision], limit) for ours, precision, limit in wanted
              if ours in names and rivals[precision]]
    ratios += [speedup(ours, others, limit) for ours, others, limit in AMONG_OURS[command]
               if ours in names and all(other in names for other in others)]
    memory = []
    for ours, precision, _ in wanted:
        other = f"PyTorch {precision}"
        if ours in names and other in names:
            share = arms[ours]["peak_memory_bytes"] / arms[other]["peak_memory_bytes"]
            memory.append({"arm": ours, "against": other, "share": share, "wanted": MEMORY_SHARE,
                           "ok": share <= MEMORY_SHARE})
    return {"arms": arms, "speed": ratios, "memory": memory, "notes": rounds.notes}


def _table(head, rows):
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _verdict(ok):
    return "" if ok is None else "ok" if ok else "MISSED"


def limits_table(document):
    rows = [[entry["precision"], entry["instructions"] or "unavailable",
             f"{entry['gflop_per_s']:.0f}" if entry["gflop_per_s"] else "unavailable"] for entry in document["limits"]]
    threads = document["threads"]
    return (f"## What {threads} thread{'s' * (threads > 1)} of this machine can do\n\n"
            + _table(["precision", "instructions", "GFLOP/s"], rows))


def part_table(title, part):
    """One part of the bench in Markdown."""
    def share(value):
        return f"{100 * value:.0f} %" if value else "unavailable"

    rows = [[name + (f" ({arm['setting']})" if arm["setting"] else ""), f"{1000 * arm['cpu_s']:.1f}",
             f"{1000 * arm['wall_s']:.1f}", f"{arm['peak_memory_bytes'] / 2**20:.0f}", share(arm["limit_share"])]
            for name, arm in part["arms"].items()]
    text = [f"## {title}", _table(["arm", "CPU ms", "wall ms", "peak MiB", "of the limit"], rows)]
    rows = [[entry["arm"], entry["against"], f"{entry['cpu_ratio']:.2f}", f"{entry['wall_ratio']:.2f}",
             f">= {entry['wanted']}" if entry["wanted"] else "", _verdict(entry["ok"])] for entry in part["speed"]]
    text.append(_table(["times as fast", "as the faster of", "CPU", "wall", "wanted", ""], rows))
    if part["memory"]:
        rows = [[entry["arm"], entry["against"], f"{100 * entry['share']:.0f} %", f"<= {100 * entry['wanted']:.0f} %",
                 _verdict(entry["ok"])] for entry in part["memory"]]
        text.append(_table(["peak memory", "of that of", "share", "wanted", ""], rows))
    return "\n\n".join(text + part["notes"])
