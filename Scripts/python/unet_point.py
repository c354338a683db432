"""Where a training stands, in the words and tensors that `wattbook-unet` keeps in a checkpoint: each program goes on with
a training of the others, if the other options are the same."""

from unet_checkpoint import check_net, read_checkpoint, require
from unet_command import BAD_DATA, USAGE, UNetError
from unet_net import layout

_PREFIX, _NET = "training.", "training.net."
_BEST = {"best_epoch": "epoch", "best_loss": "validation_loss", "best_dice": "dice", "best_iou": "iou"}


def facts(options, images, steps, best, waited, scaling):
    """What a file says of a training beside its tensors; the text of a number gives the same number again."""
    words = {"training_steps": steps, "training_seed": options.seed, "training_batch": options.batch,
             "training_images": images, "validations_since_best": waited}
    words |= {key: best[name] for key, name in _BEST.items()} if best else {}
    words |= scaling or {}
    return {key: repr(value) for key, value in words.items()}


def tensors(net, own):
    """Adam's moments, and `own`: the net as it is where the checkpoint's is the best one."""
    return ({_PREFIX + name: values for name, values in net.moments().items()}
            | {_NET + name: values for name, values in own.items()})


class Point:
    """What a checkpoint says of its training: the net as it stood, Adam's moments, steps, the best validation."""

    def __init__(self, options):
        path = options.resume
        saved = read_checkpoint(path)
        check_net(saved.net, path, options.net)
        best, words, extra = saved.state, saved.facts, saved.training
        try:
            self.steps, self._seed, self._batch, self._images = (
                int(words[f"training_{name}"]) for name in ("steps", "seed", "batch", "images"))
            self.waited = int(words.get("validations_since_best", 0))
            #: Steps that Adam has made: fp16 skips those whose gradients overflow.
            skipped = int(words.get("loss_scale_skipped_steps", 0))
            if not 0 <= skipped <= self.steps:
                raise ValueError("more steps were skipped than made")
            self.updates = self.steps - skipped
            #: fp16: factor of the loss, and good steps since it last changed; None in other precisions.
            self.loss_scale = ((float(words["loss_scale"]), int(words["loss_scale_good_steps"]))
                               if "loss_scale" in words else None)
            self.best = {"state": best, "epoch": int(words["best_epoch"]), **{
                name: float(words[key]) for key, name in _BEST.items() if key != "best_epoch"}} \
                if "best_epoch" in words else None
        except (KeyError, ValueError):
            raise UNetError(BAD_DATA, f"{path} holds a net without the state of its training.",
                            "Name a file that `train --checkpoint` has written.") from None
        self._size, self._input_range, self._path = saved.size, saved.input_range, path
        net = {name[len(_NET):]: values for name, values in extra.items() if name.startswith(_NET)}
        self.state = net or best
        self.moments = {name[len(_PREFIX):]: values for name, values in extra.items() if not name.startswith(_NET)}
        require(self.moments, {f"{moment}.{tensor.name}": tensor.shape for tensor in layout(saved.net)
                               for moment in ("first_moment", "second_moment")}, path)

    def check(self, options, images, total):
        """Refuses a training that this is none of, or that is done already."""
        if (self._seed, self._batch, self._images, self._size, self._input_range) != (
                options.seed, options.batch, images, options.size, options.input_range):
            raise UNetError(
                USAGE, f"{self._path} is of a training with --seed {self._seed} --batch {self._batch} --size "
                f"{self._size} --input-range {self._input_range} on {self._images} images, which this call is not.",
                "Give the same options and data as before, or start anew without --resume.")
        if self.steps >= total:
            raise UNetError(
                USAGE, f"The checkpoint to go on from has {self.steps} steps, and this call asks for {total} in all.",
                "Give more --steps or --epochs: they count from the beginning of the training.")
