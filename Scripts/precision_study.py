#!/usr/bin/env python3
"""Writes the README of a study of precision from its JSON report: every answer, every figure, and what stands behind it.

Nothing is computed here: each number is one of the report's.
"""

import json
import sys

# What each quantity is called, whether its interval is about a ratio, and whether it rests on joules.
QUANTITIES = {
    "speedup": ("speed-up", "", False), "energy-ratio": ("energy ratio", "", True),
    "energy-saved-j": ("energy saved", " J", True),
    "speedup-per-doubling": ("speed-up, factor a doubling", "", False),
    "energy-ratio-per-doubling": ("energy ratio, factor a doubling", "", True),
    "duration-s": ("time", " s", False), "energy-j": ("energy", " J", True),
    "speedup-gain-ratio": ("speed-up over the other's", "", False),
    "energy-gain-ratio": ("energy ratio over the other's", "", True),
    "quality-difference": ("difference", "", False),
}
ALGORITHMS = {"same": "the same algorithm", "untold": "the library's algorithms", "best": "each at its fastest",
              "different": "not precision alone", None: ""}

# The studies that are kept in this project: the folders up to its root, and the other ones.
KEPT = {"unet-precision-study": (3, "The study of a GPU's precisions is in [gpu](gpu/README.md), that of accuracy over ten "
                                 "seeds in [accuracy](accuracy/README.md)."),
        "unet-precision-accuracy": (4, "The study of times and joules is [one folder up](../README.md): those of these "
                                    "trainings, which may share the machine, are not told."),
        "unet-precision-gpu": (4, "The study of processors with three frameworks is [one folder up](../README.md). "
                               "[The plan](../../../../Scripts/plans/precision-gpu.yaml) tells how batches and steps were chosen.")}


def number(value):
    return "–" if value is None else f"{value:.4g}"


def interval(estimate):
    low, high = estimate["low"], estimate["high"]
    return "none" if low is None or high is None else f"{number(low)} to {number(high)}"


def row(*cells):
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def founding(report, is_gpu):
    """The largest speed-up that no choice of algorithm made, beside what others published."""
    answers = [answer for answer in report["answers"] if answer["question"] == "precision"]
    published = (report["experiment"] or {}).get("published", [])
    if not answers or not published:
        return []
    speedups = [figure for figure in answers[0]["figures"]
                if figure["quantity"] == "speedup" and figure["algorithms"] in ("same", "untold")]
    lines = ["## Beside what was published", "",
             "Time only: the published abstract and report do not say how energy was obtained, so that no joule of ours "
             "stands beside one of theirs. Other hardware, another net, other data: the numbers are for orientation.", "",
             row("whose", "speed-up", "95 % interval"), row("---", "--:", "--:")]
    lines += [row(f"{figure['label']}", number(figure["speedup"]), "not published") for figure in published]
    if is_gpu:
        lines[2] += (f" The baseline here is {report['experiment']['baseline']['precision']} as IEEE defines it; what theirs was is not told, and PyTorch's "
                     "convolutions take TF32 on such a card unless it is forbidden: the row of tf32 is the nearer one then.")
    tf32 = [figure for figure in speedups if figure["levels"].get("precision") == "tf32"]
    for what, figures in (("largest of TF32 here", tf32), ("largest here", speedups)):
        if figures:
            best = max(figures, key=lambda figure: figure["estimate"]["value"])
            lines.append(row(f"{what}: {best['subject']} (measured)", number(best["estimate"]["value"]),
                             interval(best["estimate"])))
    return [*lines, ""]


def windows(report):
    """Seconds of every run in the region of the questions."""
    region = report["answers"][0]["region"] if report["answers"] else None
    return [part["duration_s"] for run in report["runs"] for part in run["regions"] if part["path"] == region]


def seconds(report):
    return f"{number(min(windows(report)))} to {number(max(windows(report)))} s"


def machine(report, tells_times):
    host = report["hosts"][0] if report["hosts"] else None
    runs = report["runs"]
    versions = {}
    for arm in report["arms"]:
        names = ("torch", "cuda", "keras", "tensorflow", "python")
        versions.update({name: arm["info"][name] for name in names if name in arm["info"]})
        if arm["info"].get("framework") == "wattbook-unet":
            versions["wattbook-unet with"] = arm["info"]["engine"]
    done = [run for run in runs if run["state"] == "finished"]
    words = [f"{len(done)} runs of {len(report['arms'])} arms, {runs[0]['started_at'][:10] if runs else ''}"]
    if host:
        words += host["gpus"] + [f"{host['cpu']}, {host['cores']} processors, Linux {host['kernel']}"]
    if windows(report) and tells_times:
        words.append(f"{seconds(report)} in the region `{report['answers'][0]['region']}` of a run")
    words += [f"{name} {version}" for name, version in versions.items()]
    return "; ".join(words) + "."


def page(report, kind):
    # A study of accuracy may share the machine: nothing of it is told but that.
    is_gpu, tells_times = kind == "--gpu", kind != "--accuracy"
    asked = [answer for answer in report["answers"] if tells_times or answer["question"] == "quality"]
    joules = report["basis"] or "unknown"
    again = f"Scripts/record-precision-study {kind}".rstrip()
    folders, other = KEPT.get(report["title"], (0, ""))
    is_judged = any(answer["question"] == "quality" for answer in report["answers"])
    seeds = ("seeds of wattbook-unet, trained to the end on a processor in fp32, bf16, fp16 and int8, are in [Sources/UNet]"
             f"({'../' * folders}Sources/UNet/README.md#what-a-precision-costs-in-iou)"
             + ("; TF32 and what a framework computes on a GPU is not judged there." if is_gpu else
                ", and ten of all three programs in fp32 and bf16 in [accuracy](accuracy/README.md)."))
    parts = [run["energy"]["uncertainty_j"] / run["energy"]["total_j"] for run in report["runs"] if run["energy"]["total_j"]]
    lines = [
        f"# {report['title']}", "",
        "What this project's own runs answer to the study's questions. Written by "
        f"`{again}`; all of it follows from `ledger.sqlite.gz` here, and `{again} --page-only` makes it again. "
        + ("`index.html` is the whole report with its pictures, `report.md` the same in words. " if tells_times else "")
        + other, "",
        machine(report, tells_times), ""]
    lines += [] if not tells_times else [
        f"**Times{' and quality' if is_judged else ''} are measured, joules are {joules}**"
        + (": no sensor could be read, and watts follow from processor utilisation by a model of the host. A difference "
           "in power between precisions is invisible to such a model; what is saved here is saved time. The model is known "
           f"to ±{100 * max(parts, default=0):.0f} % (95 %): no ratio holds that, since it scales all runs alike, but energy "
           "saved does."
           if joules == "modelled" else
           ": by the counter that the GPU keeps and NVML reads. What processor, memory and fans took is not in them. A run's "
           f"joules carry up to ±{100 * max(parts):.0f} % (95 %), nearly all of it the sensor's gain, which a ratio on one "
           "card is free of." if is_gpu and parts else "."), "",
    ]
    for answer in asked:
        verdict = answer["verdict"].replace("-", " ").capitalize()
        lines += [f"## {answer['title']}", "", f"**{verdict}**: {answer['sentence']}", ""]
        if answer["question"] == "quality":
            lasts = f"Here a training lasts {seconds(report)}. " if windows(report) and tells_times else ""
            ends = f"None converges; ten {seeds}" if folders and tells_times else ""
            lines += [(lasts + ends).rstrip(), ""] if lasts + ends else []
    if folders and not is_judged:
        lines += ["## Did accuracy stay?", "", f"Not asked here: a training lasts {seconds(report)}, and nothing is held back "
                  f"for a score. Ten {seeds}", ""]
    lines += founding(report, is_gpu) if tells_times else []
    times = ("" if not tells_times else
             ", but for means (`time`, `energy`), each of which has its own"
             + (f"; times and joules of the region `{report['answers'][0]['region']}`, without a program's start"
                + (", each over its images" if report["answers"][0]["per"] else "")
                if report["answers"] and report["answers"][0]["region"] else "")
             + ". That of an energy holds its repeats alone, that of energy saved what the joules of both sides share too")
    lines += ["## Every figure", "", f"Intervals are 95 %, adjusted for the number of figures of a kind in an answer{times}.", "",
              row("figure", "of", "against", "value", "95 % interval", "basis"),
              row("---", "---", "---", "--:", "--:", "---")]
    seen = set()
    for answer in asked:
        for figure in answer["figures"]:
            name, unit, is_energy = QUANTITIES[figure["quantity"]]
            if answer["per"] and unit:
                name += f" an {answer['per']}"
            subject = ": ".join(part for part in (figure["subject"], figure["place"]) if part)
            key = (figure["quantity"], subject, figure["reference"], figure["algorithms"])
            if key in seen:
                continue
            seen.add(key)
            against = ", ".join(part for part in (figure["reference"], ALGORITHMS[figure["algorithms"]]) if part)
            lines.append(row(name + (f" of {answer['factor']}" if figure["quantity"] == "quality-difference" else ""),
                             subject, against, number(figure["estimate"]["value"]) + unit,
                             interval(figure["estimate"]), answer["basis"] if is_energy else "measured"))
    if tells_times:
        lines += ["", "## What weakens it", ""] + [f"- {warning}" for warning in report["warnings"]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        sys.stdout.write(page(json.load(file), *sys.argv[2:] or [""]))
