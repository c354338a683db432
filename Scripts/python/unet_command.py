"""The command line that `unet_pytorch.py` and `unet_keras.py` share with `wattbook-unet`: options, errors, exit codes.

Only the standard library is needed, so that a wrong word is refused before a framework is loaded.
"""

import argparse
import contextlib
import importlib.util
import math
import os
import re
import sys
import traceback
from pathlib import Path

import unet_preset
from unet_net import NetConfiguration
from unet_size import ImageSize

USAGE, BAD_DATA, MISSING_INPUT, UNSUPPORTED, INTERNAL, CANNOT_WRITE, INPUT_OUTPUT, NO_PERMISSION = (
    64, 65, 66, 69, 70, 73, 74, 77)
PRECISIONS = {
    "fp32": "IEEE single precision throughout",
    "tf32": "fp32 whose products may be rounded to TF32; a GPU's",
    "fp16": "mixed precision with fp16, the loss scaled",
    "bf16": "mixed precision with bf16",
    "int8": "quantised inference through TFLite; unet_keras.py alone",
}


class UNetError(Exception):
    """What is wrong in one sentence, what to do about it in another, and the status of sysexits.h to end with."""

    def __init__(self, status, problem, remedy):
        super().__init__(problem)
        self.status, self.problem, self.remedy = status, problem, remedy

    def __reduce__(self):
        # What another process raised comes back whole.
        return type(self), (self.status, self.problem, self.remedy)


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        found = re.fullmatch(r"argument (--(\S+)): invalid \S+ value: (.*)", message)
        if found:
            message = f"The value {found[3]} is invalid for '{found[1]} <{found[2]}>'"
        raise UNetError(USAGE, f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


def _parser(program, framework):
    parser = _Parser(
        program, description=f"The U-Net of wattbook-unet in {framework}.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    train = commands.add_parser("train", help="train the net on a folder of images and masks", allow_abbrev=False)
    infer = commands.add_parser("infer", help="predict masks with a trained net, and time it", allow_abbrev=False)
    add = train.add_argument
    add("--data", required=True, metavar="DIR", help="folder of the images")
    add("--batch", type=int, help="images in a step, over all processes (default 8)")
    add("--size", type=ImageSize.of, help="the net's input in pixels, as 256 for a square (default) or 512x256, rows first; "
        "images are resized to it")
    add("--epochs", type=int, help="passes over the training images in all (default 10, unless --steps is given)")
    add("--steps", type=int, help="optimiser steps in all, instead of --epochs")
    add("--seed", type=int, help="seed of the weights, the split and the order of the images (default 1)")
    add("--learning-rate", type=float, help="step size of Adam (default 0.001); in a cyclic schedule the largest")
    add("--loss", help="dice-bce (soft Dice plus binary cross-entropy, the default) or dice")
    add("--schedule", help="constant (the default), or cyclic: the step size goes up and down in straight lines")
    add("--base-learning-rate", type=float, help="smallest step size of a cyclic schedule (default 0.000001)")
    add("--cycle-steps", type=int, help="steps from the smallest to the largest step size (default 3000)")
    add("--cycle-decay", type=float, help="factor on the height of the cycles, once a step (default 1)")
    add("--input-range", help="black to white at the net's input: unit (0 to 1, the default) or symmetric (-1 to 1)")
    add("--augment", help=f"random changes to images by commas: {', '.join(unet_preset.CHANCES)}; or none (the default)")
    add("--rotation", type=float, default=30.0, help="largest rotation in degrees, to either side")
    add("--brightness", type=float, default=0.2, help="largest change of brightness in parts of white, to either side")
    add("--contrast", type=float, default=0.2, help="largest change of the contrast's factor of 1, to either side")
    add("--gamma", type=float, default=0.2, help="largest change of the gamma of 1, to either side")
    add("--blur", type=int, default=3, help="largest radius of the blur in pixels")
    add("--noise", type=float, default=0.03, help="largest standard deviation of the noise in parts of white")
    add("--patience", type=int, help="stop after so many validations without a better IoU, and keep the best net")
    add("--validation-fraction", type=float, help="fraction of the images to hold back (default 0.1); 0 for none")
    add("--checkpoint", metavar="FILE", help="write the net and the state of its training to this file (safetensors)")
    add("--checkpoint-every", type=int, metavar="EPOCHS", help="write it after every so many epochs too")
    add("--resume", metavar="FILE", help="go on with the training that this checkpoint is of")
    add("--allreduce", default="fp32", help="type in which gradients travel between processes: fp32, or bf16")
    add("--batch-norm", default="synchronised",
        help="statistics in training: synchronised (of the whole batch), or local (of each process's share)")
    add = infer.add_argument
    add("--checkpoint", required=True, metavar="FILE", help="net to load, of any of the three programs")
    add("--data", required=True, metavar="DIR", help="folder of the images; DIR/test where there is one")
    add("--out", metavar="DIR", help="folder for the masks N_seg.png, in the size of the images")
    add("--batch", type=int, default=1, help="images in a prediction")
    add("--size", type=ImageSize.of, help="the net's input in pixels, as 256 or 512x256, rows first (default: that of the "
        "training)")
    add("--calibration", metavar="DIR", help="training images that int8 takes its scales from (default: DIR/training of --data)")
    add("--calibration-images", type=int, default=64, help="images of the calibration to use, spread over its folder")
    add("--tflite", metavar="FILE", help="also write the net of --precision int8 to this file")
    for command in (train, infer):
        add = command.add_argument
        add("--preset", help="bagls: shape and recipe of the net published with that data set; other options overrule it")
        add("--filters", type=int, help="channels of the first level; each level below has twice as many (default 16)")
        add("--depth", type=int, help="levels below the first (default 4)")
        add("--precision", default="fp32", help="; ".join(f"{name}: {text}" for name, text in PRECISIONS.items()))
        add("--threads", type=int, help="threads to compute with (default: every processor that this process may use)")
        add("--memory-limit", metavar="BYTES", help="refuse to start where the estimated memory is above this, as 2GiB")
        add("--device", default="cpu", help="cpu or cuda")
        add("--channels-last", action="store_true", help="keep the channels of a pixel together, as Keras always does")
        add("--compile", action="store_true", help="compile the step: torch.compile, XLA in Keras")
        add("--allow-emulation", action="store_true", help="compute fp16 or bf16 where the processor lacks it")
        add("--json", action="store_true", help="print one JSON document on standard output")
        add("--quiet", action="store_true", help="print nothing but errors and the JSON document")
    return parser


def net_like(options, saved):
    """The net as far as it was asked for; what was not asked for is as in a checkpoint."""
    preset = unet_preset.PRESETS.get(options.preset, {})

    def asked(name):
        value = getattr(options, name, None)
        return preset.get(name, getattr(saved, name)) if value is None else value

    return NetConfiguration(*map(asked, saved._fields))


def _range(option, value, low, high):
    if not low <= value <= high:
        raise UNetError(
            USAGE, f"{option} {value} is outside {low} to {high}.", f"Give {option} a whole number in that range.")


def check_size(size, depth):
    """Refuses images that cannot be halved `depth` times."""
    _range("--size", max(size), 1, 8192)
    below, above = size.multiples(1 << depth)
    if size not in (below, above):
        raise UNetError(
            USAGE, f"--size {size} cannot be halved {depth} times: it is no multiple of {1 << depth}.",
            f"Use --size {f'{below} or ' if below.pixels else ''}{above}, or a smaller --depth.")


def _check_learning(options):
    for option in ("learning_rate", "base_learning_rate", "cycle_decay"):
        value = getattr(options, option)
        # Weights and steps are float32.
        if not 0 < value <= 3.4e38:
            name = option.replace("_", "-")
            raise UNetError(USAGE, f"--{name} {value} is not a positive number.", "Use 0.001, for example.")
    for option, words in [("loss", ("dice-bce", "dice")), ("schedule", ("constant", "cyclic")),
                          ("input_range", ("unit", "symmetric")), ("allreduce", ("fp32", "bf16")),
                          ("batch_norm", ("synchronised", "local"))]:
        value = getattr(options, option)
        if value not in words:
            name = option.replace("_", "-")
            raise UNetError(USAGE, f"--{name} {value} is not known.", f"Use --{name} {' or '.join(words)}.")
    _range("--cycle-steps", options.cycle_steps, 1, 1_000_000_000)
    if options.schedule == "cyclic" and (
            options.base_learning_rate > options.learning_rate or options.cycle_decay > 1):
        raise UNetError(
            USAGE, f"A cycle from --base-learning-rate {options.base_learning_rate} to --learning-rate "
            f"{options.learning_rate} with --cycle-decay {options.cycle_decay} does not go up and come down.",
            "Choose a base below the learning rate and a decay of at most 1.")
    names = [name for name in options.augment.split(",") if name not in ("", "none")]
    for name in names:
        if name not in unet_preset.CHANCES:
            raise UNetError(USAGE, f"--augment {options.augment} names {name}, which is no augmentation.",
                            f"Use {', '.join(unet_preset.CHANCES)}, or none.")
    options.augment = names
    if not (0 <= options.rotation <= 180 and 0 <= options.brightness <= 1):
        raise UNetError(
            USAGE, f"--rotation {options.rotation} or --brightness {options.brightness} is outside its range.",
            "Use 0 to 180 degrees and 0 to 1 parts of white.")
    if not (0 <= options.contrast < 1 and 0 <= options.gamma < 1 and 1 <= options.blur <= 64 and 0 <= options.noise <= 1):
        raise UNetError(
            USAGE, f"--contrast {options.contrast}, --gamma {options.gamma}, --blur {options.blur} or --noise "
            f"{options.noise} is outside its range.",
            "Use 0 to 1 for contrast and gamma (1 left out) and for noise, and 1 to 64 pixels for the blur.")
    for option, value in (("--patience", options.patience), ("--checkpoint-every", options.checkpoint_every)):
        if value is not None:
            _range(option, value, 1, 1_000_000)
    if options.checkpoint_every and not options.checkpoint:
        raise UNetError(USAGE, "--checkpoint-every is given without a --checkpoint to write.",
                        "Add --checkpoint FILE, or leave --checkpoint-every out.")


def _check_training(options):
    cycle = [name for name in ("base_learning_rate", "cycle_steps", "cycle_decay") if getattr(options, name) is not None]
    unet_preset.fill_in(options)
    if cycle and options.schedule == "constant":
        raise UNetError(USAGE, f"--{cycle[0].replace('_', '-')} plays no part in a constant schedule.",
                        "Add --schedule cyclic, or leave it out.")
    _range("--filters", options.filters, 1, 1024)
    _range("--depth", options.depth, 1, 8)
    options.net = NetConfiguration(options.filters, options.depth, options.architecture)
    check_size(options.size, options.depth)
    _range("--seed", options.seed, 0, (1 << 64) - 1)
    _check_learning(options)
    if not 0 <= options.validation_fraction < 1:
        raise UNetError(
            USAGE, f"--validation-fraction {options.validation_fraction} is not in 0 to 1 (1 left out).",
            "Use 0.1, for example, or 0 for no validation.")
    if options.epochs is not None and options.steps is not None:
        raise UNetError(
            USAGE, "--epochs and --steps are both given.", "Keep one of them: --steps counts optimiser steps in all.")
    if options.steps is None:
        _range("--epochs", options.epochs, 1, 1_000_000)
    else:
        _range("--steps", options.steps, 1, 1_000_000_000)


def parse(program, framework, arguments):
    """The options, checked for what can be checked before a framework or data is touched."""
    options = _parser(program, framework).parse_args(arguments)
    options.framework = framework.lower()
    if options.precision == "fp8":
        raise UNetError(UNSUPPORTED, "--precision fp8 is not supported by this program.", "Use --precision bf16.")
    if options.precision not in PRECISIONS:
        raise UNetError(USAGE, f"--precision {options.precision} is no precision.",
                        f"Use --precision {', '.join(PRECISIONS)}.")
    if options.device not in ("cpu", "cuda"):
        raise UNetError(USAGE, f"--device {options.device} is no device.", "Use --device cpu or --device cuda.")
    if options.memory_limit is not None:
        limit, options.memory_limit = options.memory_limit, unet_preset.amount(options.memory_limit)
        if options.memory_limit is None:
            raise UNetError(USAGE, f"--memory-limit {limit} is no amount of memory.", "Use 2GiB, for example.")
    if options.threads is None:
        # The processes that torchrun starts on a node share its processors.
        options.threads = max(1, len(os.sched_getaffinity(0)) // int(os.environ.get("LOCAL_WORLD_SIZE", 1)))
    _range("--threads", options.threads, 1, 4096)
    if options.preset not in (None, *unet_preset.PRESETS):
        raise UNetError(USAGE, f"--preset {options.preset} is no preset.", "Use --preset bagls, or leave it out.")
    if options.command == "train":
        _check_training(options)
    _range("--batch", options.batch, 1, 65_536)
    if options.command == "infer":
        _range("--calibration-images", options.calibration_images, 1, 100_000)
    if options.command == "train":
        if options.precision == "int8":
            raise UNetError(UNSUPPORTED, "--precision int8 is for inference alone.", "Train in fp32, then quantise.")
    if options.precision == "tf32" and options.device == "cpu":
        raise UNetError(UNSUPPORTED, "--precision tf32 needs a GPU: CPUs have no TF32.", "Use --precision fp32.")
    override = os.environ.get("NVIDIA_TF32_OVERRIDE")
    if override and options.device == "cuda" and (override == "0") == (options.precision == "tf32"):
        raise UNetError(
            UNSUPPORTED, f"NVIDIA_TF32_OVERRIDE={override} overrules --precision {options.precision}: NVIDIA's libraries "
            f"then {'never' if override == '0' else 'always'} compute in TF32.", "Unset it.")
    # Whatever the framework starts takes as many threads, and those that wait do not spin: that burns joules.
    for name, value in [("OMP_NUM_THREADS", options.threads), ("MKL_NUM_THREADS", options.threads),
                        ("OMP_WAIT_POLICY", "passive")]:
        os.environ[name] = str(value)
    return options


def arithmetic(options):
    """`native`, or `emulated` for half precision on a CPU without it, which is refused unless it is allowed."""
    if options.device != "cpu" or options.precision not in ("fp16", "bf16"):
        return "native"
    known = {"fp16": {"avx512_fp16", "amx_fp16", "asimdhp"}, "bf16": {"avx512_bf16", "amx_bf16", "bf16"}}
    try:
        words = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        words = set()
    if words & known[options.precision]:
        return "native"
    if not options.allow_emulation:
        raise UNetError(
            UNSUPPORTED, f"--precision {options.precision} needs a CPU with {options.precision} arithmetic, "
            "and this one has none.",
            f"Use --precision fp32, or emulate {options.precision} with --allow-emulation where speed does not matter.")
    return "emulated"


def reach(module, folder, variable):
    """Goes on in an interpreter that has `module`: this one, $`variable`'s, or that of Scripts/frameworks.

    `execv` keeps the process, its counters and its open files.
    """
    if all(importlib.util.find_spec(name) for name in (module, "numpy", "PIL")):
        return
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    python = os.environ.get(variable) or f"{cache}/wattbook/{folder}/bin/python"
    # A second time here means that the other interpreter lacks it too.
    if os.access(python, os.X_OK) and os.environ.get("WATTBOOK_REACHED") != python:
        os.environ["WATTBOOK_REACHED"] = python
        os.execv(python, [python, *sys.argv])
    raise UNetError(
        UNSUPPORTED, f"Neither {sys.executable} nor {python} has {module}, numpy and Pillow.",
        f"Run Scripts/frameworks, or name an interpreter that has them in {variable}.")


@contextlib.contextmanager
def hushed():
    """Drops what a framework's own C++ says of itself on both streams; what fails still raises."""
    if os.environ.get("WATTBOOK_DEBUG"):
        yield
        return
    sys.stdout.flush()
    kept = [os.dup(stream) for stream in (1, 2)]
    with open(os.devnull, "wb") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
    try:
        yield
    finally:
        sys.stdout.flush()
        for stream, copy in zip((1, 2), kept):
            os.dup2(copy, stream)
            os.close(copy)


def run(program, main):
    """Runs `main` and ends the process as the contract says; a traceback only where $WATTBOOK_DEBUG asks for it."""
    try:
        main(sys.argv[1:])
        sys.stdout.flush()
        return
    except UNetError as error:
        failure = error
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        failure = UNetError(INPUT_OUTPUT, "Standard output cannot be written.", "Send it to what takes it.")
    except MemoryError:
        failure = UNetError(UNSUPPORTED, "There is not enough memory.", "Choose a smaller --batch, --size or --filters.")
    except Exception as error:  # noqa: BLE001 - a framework throws whatever it likes.
        memory = type(error).__name__ == "ResourceExhaustedError" or any(
            words in str(error).lower() for words in ("out of memory", "resource_exhausted"))
        lines = str(error).strip().splitlines() or ["it does not say why"]
        failure = UNetError(
            UNSUPPORTED if memory else INTERNAL,
            "The device has not enough memory." if memory
            else f"The framework failed with {type(error).__name__}: {lines[0][:300].rstrip('.')}.",
            "Choose a smaller --batch, --size or --filters." if memory
            else "Call it again with WATTBOOK_DEBUG=1 for the whole story.")
    if os.environ.get("WATTBOOK_DEBUG"):
        traceback.print_exc()
    print(f"{program}: {failure.problem}\n{failure.remedy}", file=sys.stderr)
    sys.stderr.flush()
    # Not sys.exit: threads of a framework that has failed may never end.
    os._exit(failure.status)
