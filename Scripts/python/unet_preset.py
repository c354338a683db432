"""What an option is where nobody gave it: a preset's value, else the usual one; and amounts of memory in words.

Only the standard library is needed. The values are those of Sources/wattbook-unet/Preset.swift.
"""

import re

from unet_size import ImageSize

#: The random changes to images that there are, and how often each comes: the published recipe.
CHANCES = {"flip": 0.5, "rotate": 0.75, "brightness": 0.75, "contrast": 0.75, "gamma": 0.75, "blur": 0.5, "noise": 0.5}
#: The net and the recipe published with BAGLS (Gomez et al., Scientific Data 7:186, 2020; notebooks of anki-xyz/bagls).
PRESETS = {"bagls": {
    "architecture": "bagls", "filters": 64, "depth": 4, "size": ImageSize(512, 256), "batch": 16, "epochs": 25, "seed": 42,
    "validation_fraction": 0.05, "learning_rate": 1e-3, "schedule": "cyclic", "base_learning_rate": 1e-6,
    "cycle_steps": 3000, "loss": "dice", "input_range": "symmetric",
    "augment": ",".join(CHANCES)}}
USUAL = {
    "architecture": "unet", "filters": 16, "depth": 4, "size": ImageSize(256, 256), "batch": 8, "epochs": 10, "seed": 1,
    "validation_fraction": 0.1, "learning_rate": 1e-3, "schedule": "constant", "base_learning_rate": 1e-6,
    "cycle_steps": 3000, "cycle_decay": 1.0, "loss": "dice-bce", "input_range": "unit", "augment": "none"}
#: What the three programs do otherwise than the publication, or what the publication leaves open.
WARNING = (
    "--preset bagls is the published net and recipe but for this: whole videos are held back rather than frames, images "
    "are resized rather than padded, batch normalisation has PyTorch's constants, and how far contrast, gamma, blur and "
    "noise go was not published: give --contrast, --gamma, --blur and --noise.")


def fill_in(options):
    """Gives every option of a training that was left open its value; `--steps` leaves no room for epochs."""
    chosen = {**USUAL, **PRESETS.get(options.preset, {})}
    for name, value in chosen.items():
        if getattr(options, name, None) is None and not (name == "epochs" and options.steps is not None):
            setattr(options, name, value)


_FACTORS = {"": 1, "B": 1, **{f"{letter}B": 1000 ** power for power, letter in enumerate("KMGT", 1)},
            **{f"{letter}{end}": 1024 ** power for power, letter in enumerate("KMGT", 1) for end in ("", "IB")}}


def amount(text):
    """Bytes of an amount as `2GiB`, `1500MB` or plain bytes; `None` for what is no positive amount."""
    found = re.fullmatch(r"([0-9.]+) *([A-Za-z]*)", text)
    try:
        value = float(found[1]) * _FACTORS[found[2].upper()] if found else 0
    except (KeyError, ValueError):
        return None
    return int(value) if 0 < value < 2**62 else None


def memory_text(count):
    """An amount for people, rounded up so that it suffices as a limit."""
    mebibytes = (count + (1 << 20) - 1) >> 20
    return f"{mebibytes} MiB" if mebibytes < 10_240 else f"{count / 2**30 + 0.05:.1f} GiB"
