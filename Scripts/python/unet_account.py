"""What a training and an inference say of themselves: to the profiler, to people, and in their JSON documents."""

import json
import math
import platform
import resource
import sys

import numpy as np
import wattbook_marks as marks
from unet_command import INPUT_OUTPUT, UNetError, arithmetic


def say(options, text):
    if not options.quiet:
        print(text, file=sys.stderr, flush=True)


def account_of(options, net):
    """What both documents hold; unknown is null."""
    return {
        "framework": net.facts["framework"], "engine": net.facts["framework"], "device": options.device,
        "precision": options.precision, "requested_precision": options.precision,
        "arithmetic": arithmetic(options), "algorithm": None, "threads": options.threads,
        **options.net._asdict(), "batch": options.batch, "size": options.size.height, "width": options.size.width,
        "allow_tf32": net.facts["allow_tf32"], "compiled": options.compile and options.precision != "int8",
        "channels_last": net.facts["channels_last"], "processes": net.processes,
        "versions": {"python": platform.python_version(), **net.facts["versions"]},
    }


def announce(options, net, **more):
    account = account_of(options, net)
    versions = account.pop("versions")
    account["size"] = str(options.size)
    facts = {key: str(value).lower() if isinstance(value, bool) else value for key, value in account.items()
             if value is not None and key not in ("requested_precision", "width")}
    marks.info(**facts, **versions, **more)


def times_of(seconds):
    if not seconds:
        return None
    return {"min": min(seconds), **{name: float(np.quantile(seconds, part)) for name, part in
                                    (("median", 0.5), ("p95", 0.95), ("p99", 0.99))}}


def _told(value):
    """A document's value as JSON takes it: what is no finite number is unknown."""
    if isinstance(value, dict):
        return {key: _told(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_told(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_account(options, document, summary):
    text = json.dumps(_told(document), indent=2, sort_keys=True, allow_nan=False) if options.json else None if options.quiet else summary
    if text is not None:
        try:
            print(text, flush=True)
        except OSError as error:
            raise UNetError(INPUT_OUTPUT, f"Standard output cannot be written: {error.strerror}.", "Send it to what takes it.")


def rounded(document, *keys):
    return "".join(f"  {name} {document[key]:.4f}" for name, key in keys if document[key] is not None)


SCORES = (("Dice", "dice"), ("IoU", "iou"))


def memory_of(options, estimate):
    """The most memory that this process has held, beside what was foreseen and allowed."""
    return {"estimated_memory_bytes": estimate, "memory_limit_bytes": options.memory_limit,
            "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def emulation(options, kind):
    return [f"This CPU has no {options.precision} arithmetic: it is emulated. "
            "Its speed and energy say nothing of hardware that has it."] if kind == "emulated" else []
