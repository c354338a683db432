"""Marks for Wattbook: names the regions, counts and metrics of a Python program.

Under ``wattbook run`` every call appends a line to the file that ``$WATTBOOK_MARKS`` names; without it nothing happens.
Only the standard library is needed, threads and forked workers may mark, and no call ever raises into the program.

    import wattbook_marks as marks

    with marks.region("epoch", number=3):
        marks.count(images=32)
    marks.metric(iou=0.79)
    marks.info(framework="pytorch", device="cpu")

``region`` also decorates a function. Where PyTorch has a CUDA device in use, a region waits for it at both ends, so
that its work counts in the region that started it (``marks.synchronizes = False`` turns that off).

``KerasCallback``, ``LightningCallback`` and ``TrainerCallback`` (Hugging Face) mark training loops; each is made when
it is first asked for, and only then its framework is imported.
"""

import functools
import json
import math
import os
import sys
import threading
import time

__all__ = ["region", "count", "metric", "info", "KerasCallback", "LightningCallback", "TrainerCallback"]

#: Whether a region waits for the GPU at its ends.
synchronizes = True

_LONGEST_LINE = 4096
_local = threading.local()
_file = -1
_words = {}


def _open():
    """Opens the marks file, or leaves it closed for good."""
    global _file
    path = os.environ.get("WATTBOOK_MARKS")
    _file = -1
    if path:
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
            _file = os.open(path, flags, 0o644)
        except (OSError, ValueError):
            pass


def _after_fork():
    """A forked worker writes under its own numbers; the descriptor stays good."""
    global _local
    _local = threading.local()


_open()
os.register_at_fork(after_in_child=_after_fork)


def _writer():
    writer = b"%d.%d" % (os.getpid(), threading.get_native_id())
    _local.writer = writer
    return writer


def _write(verb, text):
    """Appends one line with one write; a line that is too long is left out, half of one would be read as another."""
    try:
        line = b"%d %s %s %s\n" % (time.monotonic_ns(), getattr(_local, "writer", None) or _writer(), verb, text)
        if len(line) <= _LONGEST_LINE:
            os.write(_file, line)
    except Exception:  # A full disk or a closed file must not end a training.
        pass


def _word(name):
    """A name as the marks file takes it: no spaces, slashes, quotes, equals signs or control characters."""
    word = _words.get(name)
    if word is None:
        text = "".join("_" if c in ' /="\\' or not c.isprintable() else c for c in str(name))
        word = (text or "_").encode("utf-8", "replace")
        if len(_words) < 10_000:
            _words[name] = word
    return word


def _value(value):
    """A value as the marks file takes it: quoted where it holds anything but plain characters."""
    text = str(value)
    if text and text.isprintable() and not any(c in ' "\\=' for c in text):
        return text.encode("utf-8", "replace")
    return json.dumps(text).encode("utf-8", "replace")


def _pairs(values):
    return b" ".join(b"%s=%s" % (_word(name), _value(value)) for name, value in values.items())


def _wait_for_device():
    """Waits for CUDA work where PyTorch has started any; never imports it, never starts a device."""
    torch = sys.modules.get("torch")
    try:
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.synchronize()
    except Exception:
        pass


class region:
    """A region of the program, as a ``with`` block or a decorator; it ends however it is left.

    The name holds no spaces and no slashes (others become ``_``); keyword arguments are kept with the mark.
    """

    __slots__ = ("_name", "_attributes")

    def __init__(self, name, **attributes):
        self._name = name
        self._attributes = attributes

    def begin(self):
        """Opens the region; for loops that no ``with`` block fits."""
        if _file >= 0:
            try:
                if synchronizes:
                    _wait_for_device()
                text = _word(self._name)
                if self._attributes:
                    text = text + b" " + _pairs(self._attributes)
                _write(b"begin", text)
            except Exception:
                pass
        return self

    def end(self):
        """Closes the region."""
        if _file >= 0:
            try:
                if synchronizes:
                    _wait_for_device()
                _write(b"end", _word(self._name))
            except Exception:
                pass

    def __enter__(self):
        return self.begin()

    def __exit__(self, *_):
        self.end()
        return False

    def __call__(self, function):
        @functools.wraps(function)
        def marked(*arguments, **keywords):
            with self:
                return function(*arguments, **keywords)

        return marked


def count(**counts):
    """Adds whole numbers to counts of the run and of the open regions: ``count(images=32)``."""
    if _file < 0 or not counts:
        return
    try:
        _write(b"count", b" ".join(b"%s=%d" % (_word(name), int(value)) for name, value in counts.items()))
    except Exception:
        pass


def metric(**metrics):
    """Sets metrics of the run, the last value of each stands: ``metric(iou=0.79)``. What is not finite is left out."""
    if _file < 0:
        return
    try:
        numbers = {name: float(value) for name, value in metrics.items()}
        words = [b"%s=%r" % (_word(name), number) for name, number in numbers.items() if math.isfinite(number)]
        if words:
            _write(b"metric", b" ".join(words))
    except Exception:
        pass


def info(**facts):
    """Says something about the program: ``info(framework="pytorch", precision="bf16")``."""
    if _file < 0 or not facts:
        return
    try:
        _write(b"info", _pairs(facts))
    except Exception:
        pass


def _number(logs):
    """Those of a framework's logs that are numbers, by name."""
    found = {}
    for name, value in (logs or {}).items():
        try:
            found[name] = float(value)
        except (TypeError, ValueError):
            pass
    return found


class _Nest:
    """The regions that a callback has open, the innermost last."""

    def __init__(self):
        self._regions = []

    def begin(self, name, **attributes):
        self._regions.append(region(name, **attributes).begin())

    def end(self):
        if self._regions:
            self._regions.pop().end()

    def end_all(self):
        while self._regions:
            self.end()


def _keras_callback():
    import keras

    class KerasCallback(keras.callbacks.Callback):
        """Marks ``train`` with its epochs, and ``validate``; the logs of an epoch become metrics."""

        def __init__(self):
            super().__init__()
            self._open = _Nest()

        def on_train_begin(self, logs=None):
            info(framework="keras", keras=keras.__version__, backend=keras.backend.backend())
            self._open.begin("train")

        def on_train_end(self, logs=None):
            self._open.end_all()

        def on_epoch_begin(self, epoch, logs=None):
            self._open.begin("epoch", number=epoch)

        def on_epoch_end(self, epoch, logs=None):
            metric(**_number(logs))
            self._open.end()

        def on_train_batch_end(self, batch, logs=None):
            count(steps=1)

        def on_test_begin(self, logs=None):
            self._open.begin("validate")

        def on_test_end(self, logs=None):
            self._open.end()

    return KerasCallback


def _lightning_callback():
    try:
        from lightning.pytorch import Callback, __version__
    except ImportError:
        from pytorch_lightning import Callback, __version__

    class LightningCallback(Callback):
        """Marks ``train`` with its epochs, and ``validate``; logged numbers become metrics."""

        def __init__(self):
            self._open = _Nest()

        def on_train_start(self, trainer, pl_module):
            info(framework="pytorch-lightning", lightning=__version__)
            self._open.begin("train")

        def on_train_end(self, trainer, pl_module):
            self._open.end_all()

        def on_exception(self, trainer, pl_module, exception):
            self._open.end_all()

        def on_train_epoch_start(self, trainer, pl_module):
            self._open.begin("epoch", number=trainer.current_epoch)

        def on_train_epoch_end(self, trainer, pl_module):
            metric(**_number(trainer.callback_metrics))
            self._open.end()

        def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
            count(steps=1)

        def on_validation_start(self, trainer, pl_module):
            self._open.begin("validate")

        def on_validation_end(self, trainer, pl_module):
            self._open.end()

    return LightningCallback


def _trainer_callback():
    import transformers

    class TrainerCallback(transformers.TrainerCallback):
        """Marks ``train`` with its epochs, and counts steps; logged numbers become metrics."""

        def __init__(self):
            self._open = _Nest()

        def on_train_begin(self, args, state, control, **kwargs):
            info(framework="transformers", transformers=transformers.__version__)
            self._open.begin("train")

        def on_train_end(self, args, state, control, **kwargs):
            self._open.end_all()

        def on_epoch_begin(self, args, state, control, **kwargs):
            self._open.begin("epoch", number=int(state.epoch or 0))

        def on_epoch_end(self, args, state, control, **kwargs):
            self._open.end()

        def on_step_end(self, args, state, control, **kwargs):
            count(steps=1)

        def on_log(self, args, state, control, logs=None, **kwargs):
            metric(**_number(logs))

    return TrainerCallback


_CALLBACKS = {
    "KerasCallback": _keras_callback,
    "LightningCallback": _lightning_callback,
    "TrainerCallback": _trainer_callback,
}


def __getattr__(name):
    make = _CALLBACKS.get(name)
    if make is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = make()
    # Found under its name, so that it can be pickled: frameworks send callbacks to the processes that they start.
    made.__module__, made.__qualname__ = __name__, name
    globals()[name] = made
    return made
