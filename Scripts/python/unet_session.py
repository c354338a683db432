"""One training and one inference, marked for the profiler and accounted for as `wattbook-unet` does it.

What computes is a net of unet_pytorch.py or unet_keras.py: `placed(bytes, scale, offset)` is a batch where it computes,
`step(images, masks, rate)` gives the loss before it, `predict(images)` probabilities, for batches of `one_size` where that
is set; `warm_up(images, masks)` learns nothing, `wait()` ends what is under way, `peak_gpu_memory()` is bytes since
`forget_peak()`; `state()` holds the tensors by their names, `moments()` those of Adam after `updates()` steps, and
`loss_scale()` that of fp16, which `resume(moments, updates, loss_scale)` takes back; `share(count)` is the part of a batch
that this process takes, `total(array)` adds over all processes; `facts` are what its framework says of itself.
"""

import os
import time

import numpy as np
import unet_augmentation
import unet_memory
import unet_point
import unet_preset
import unet_schedule
import wattbook_marks as marks
from unet_account import SCORES, account_of, announce, emulation, memory_of, print_account, rounded, say, times_of
from unet_checkpoint import check_net, is_finite, read_checkpoint, write_checkpoint
from unet_command import BAD_DATA, CANNOT_WRITE, INTERNAL, MISSING_INPUT, USAGE, UNetError, arithmetic, check_size, net_like
from unet_dataset import Dataset, Split, groups
from unet_files import check_writable
from unet_loader import batches
from unet_net import parameter_count
from unet_pictures import resized_nearest, write_mask
from unet_score import Score
from unet_weights import initial_state

WARM_UP_STEPS = 2


#: Where a training without --checkpoint leaves its state when its loss is no number, in the present folder.
RESCUED = "wattbook-unet-stopped.safetensors"


class Diverged(UNetError):
    """A loss that is no number: all processes see it, while any other error is one's own."""


# MARK: Training


def train(options, make):
    """Trains the net that `make(options)` builds, prints its account, and raises what ended it early."""
    if options.checkpoint:
        check_writable(options.checkpoint)
    dataset = Dataset(options.data, input_range=options.input_range)
    split = Split(dataset, options.validation_fraction, options.seed)
    if options.patience and not split.validation:
        raise UNetError(
            USAGE, "--patience waits for a better IoU, but no image is held back to compute it.",
            "Use a --validation-fraction above 0 and two images at least, or leave --patience out.")
    kind = arithmetic(options)
    per_epoch = max(1, len(split.training) // options.batch)
    total = options.steps or options.epochs * per_epoch
    point = unet_point.Point(options) if options.resume else None
    if point:
        point.check(options, len(split.training), total)
    estimate = unet_memory.training(options, len(dataset))
    unet_memory.check(options, estimate)
    # A GPU would wait for what one processor decodes in a step.
    shares = dataset.decoding(options.size, options.threads) if options.device == "cuda" else []
    net = make(options)
    if options.batch % net.processes:
        raise UNetError(USAGE, f"--batch {options.batch} cannot be shared by {net.processes} processes.",
                        f"Choose a multiple of {net.processes}.")
    net.load(point.state if point else initial_state(options.net, options.seed, options.threads))
    net.prepare_training()
    if point:
        net.resume(point.moments, point.updates, point.loss_scale)
    document = {
        "schema": "wattbook.unet.training/1", **account_of(options, net), "implementations": [],
        "parameters": net.parameter_count(), "seed": options.seed, "learning_rate": options.learning_rate,
        "training_images": len(split.training), "validation_images": len(split.validation), "split_by": split.by,
        "steps": 0, "images": 0, "epochs": [], "first_loss": None, "checkpoint": None, "error": None,
        "loss_scale": None, "skipped_steps": None,
        **_processes(options, net), **_learning(options), "resumed_at_step": point and point.steps, "best_epoch": None,
        "stopped_early": False, "load_wait_s": 0.0,
        "warnings": _warnings(options, split, kind),
    }
    if document["parameters"] != parameter_count(options.net):
        raise UNetError(INTERNAL, f"The net has {document['parameters']} parameters.", "Report it with the versions.")
    announce(options, net, seed=options.seed, loss_kind=options.loss, schedule=options.schedule)
    for warning in document["warnings"]:
        say(options, f"warning: {warning}")
    failure = _warm_up(options, net, dataset, split, shares)
    failure, times, best, waited = _epochs(options, net, dataset, split, point, total, document, failure)
    if failure is None and document["steps"] and not is_finite(net.state()):
        failure = Diverged(BAD_DATA, f"Step {(point.steps if point else 0) + document['steps']}, the last one, left weights "
                           "that are no finite numbers.", "Train anew with a lower --learning-rate.")
    if options.device == "cuda":
        marks.metric(peak_gpu_memory_gib=net.peak_gpu_memory() / (1 << 30))
    steps = (point.steps if point else 0) + document["steps"]
    scaling = _scaling(net, steps) or {}
    document.update(loss_scale=scaling.get("loss_scale"), skipped_steps=scaling.get("loss_scale_skipped_steps"))
    _close(document, times, failure, best)
    # Then the others wait for a sum, and only the end of this process ends them.
    is_alone = failure and not isinstance(failure, Diverged)
    document.update(memory_of(options, estimate))
    # Whatever ends a training early, it leaves the net and the account that it has come to.
    if net.rank == 0:
        target = options.checkpoint or (RESCUED if isinstance(failure, Diverged) else None)
        if target and document["steps"]:
            try:
                if _save(target, options, net, split, steps, best, waited):
                    document["checkpoint"] = target
                    if isinstance(failure, Diverged):
                        failure.remedy = (
                            f"Go on with --resume {target}, the state before that step, and a lower --learning-rate.")
            except UNetError as error:
                failure = failure or error
                document["error"] = failure.problem
        print_account(options, document, _summary(document))
    if isinstance(failure, Diverged):
        # The first process may be writing yet, and torchrun ends all when one ends with an error.
        net.total([0.0])
    if not is_alone:
        net.close()
    if failure:
        raise failure


def _warm_up(options, net, dataset, split, shares):
    """Decodes, loads and compiles what would else be taken for learning; what went wrong, or None."""
    try:
        if options.device == "cuda":
            with marks.region("load"):
                dataset.keep(shares)
        with marks.region("warm-up"):
            first = groups(split.training, options.batch, drops_last=True)[:1]
            images, masks = next(batches(options, net, dataset, first))
            net.warm_up(images, masks)
            for indices in _held_back(options, net, split)[:1]:
                net.predict(images if net.one_size else images[:len(indices)])
            if options.device == "cuda":
                net.forget_peak()
    except UNetError as error:
        return error
    return None


def _held_back(options, net, split):
    """This process's batches of the frames held back."""
    return groups(split.validation[net.rank::net.processes], options.batch // net.processes, drops_last=False)


def _scaling(net, steps):
    """Where the loss scale of fp16 stands after so many steps, in the words of a checkpoint; None in other precisions."""
    scale = net.loss_scale()
    return scale and {"loss_scale": scale[0], "loss_scale_good_steps": scale[1],
                      "loss_scale_skipped_steps": steps - net.updates()}


def _save(path, options, net, split, steps, best, waited):
    """Writes the net, the best one where one is kept, and what it takes to go on with the training; whether it did.

    A net that holds no finite numbers any more takes the place of none that does.
    """
    state = net.state()
    if not is_finite(state):
        return False
    write_checkpoint(
        path, (best["state"] if best else state) | unet_point.tensors(net, state if best else {}), options,
        unet_point.facts(options, len(split.training), steps, best, waited, _scaling(net, steps)))
    return True


def _processes(options, net):
    """How several processes share the training; what DistributedDataParallel's messages cost, it does not tell."""
    many = net.processes > 1
    return {"batch_per_process": options.batch // net.processes if many else None,
            "allreduce": options.allreduce if many else None, "batch_norm": options.batch_norm if many else None,
            "communication_s": None, "exposed_communication_s": None}


def _learning(options):
    cyclic = options.schedule == "cyclic"
    return {
        "preset": options.preset, "loss_kind": options.loss, "schedule": options.schedule,
        "base_learning_rate": options.base_learning_rate if cyclic else None,
        "cycle_steps": options.cycle_steps if cyclic else None,
        "cycle_decay": options.cycle_decay if cyclic else None,
        "input_range": options.input_range, "augmentation": unet_augmentation.described(options),
    }


def _warnings(options, split, kind):
    warnings = emulation(options, kind)
    if len(split.training) < options.batch:
        warnings.append(f"The {len(split.training)} training images are fewer than the batch of {options.batch}: "
                        "a step sees some of them twice.")
    if split.by == "frame" and split.validation:
        warnings.append("Without N.meta files that name two videos or more the split is by frame: validation may see "
                        "near duplicates of training images.")
    return warnings + ([unet_preset.WARNING] if options.preset else [])


def _epochs(options, net, dataset, split, point, total, document, failure):
    # A last short batch is dropped, unless it is the only one.
    per_epoch, before = max(1, len(split.training) // options.batch), point.steps if point else 0
    begin, processor, times = time.monotonic(), time.process_time(), []
    best, waited = (point.best, point.waited) if point and options.patience else (None, 0)
    with marks.region("train"):
        while failure is None and before + document["steps"] < total and waited < (options.patience or 1):
            epoch, done = divmod(before + document["steps"], per_epoch)
            account = {"epoch": epoch + 1, "steps": 0, "images": 0, "loss": 0.0, "validation_loss": None,
                       "dice": None, "iou": None, "learning_rate": 0.0, "duration_s": 0.0}
            with marks.region("epoch", index=epoch):
                try:
                    rest = groups(split.order(epoch), options.batch, drops_last=True)[done:]
                    _learn(options, net, dataset, rest, before, total, account, document, times)
                    if net.processes > 1:
                        net.share_statistics()
                    _validate(options, net, dataset, split, account)
                    # An epoch that --steps has cut short is no candidate.
                    if options.patience and (before + document["steps"]) % per_epoch == 0:
                        waited = waited + 1 if best and account["iou"] <= best["iou"] else 0
                        best = best if waited else {**account, "state": net.state()}
                    if options.checkpoint and net.rank == 0 and (epoch + 1) % (options.checkpoint_every or total + 1) == 0:
                        with marks.region("checkpoint"):
                            _save(options.checkpoint, options, net, split, before + document["steps"], best, waited)
                except UNetError as error:
                    failure = error
            if account["steps"]:
                document["epochs"].append(account)
                rate = account["images"] / account["duration_s"]
                if net.rank == 0:
                    say(options, f"epoch {epoch + 1}  step {before + document['steps']}/{total}  loss "
                         f"{account['loss']:.4f}{rounded(account, *SCORES)}  {rate:.1f} images/s")
    document["duration_s"] = time.monotonic() - begin
    document["cpu_s"] = time.process_time() - processor
    document["stopped_early"] = failure is None and before + document["steps"] < total
    return failure, times, best, waited


def _learn(options, net, dataset, rest, before, total, account, document, times):
    """One pass over the training images, or what is left of the steps."""
    begin, losses, change = time.monotonic(), [], unet_augmentation.changes(options, account["epoch"] - 1)
    rest = rest[:total - before - document["steps"]]
    made = batches(options, net, dataset, rest, change)
    for indices in rest:
        waiting = time.monotonic()
        with marks.region("load"):
            images, masks = next(made)
        document["load_wait_s"] += time.monotonic() - waiting
        rate = unet_schedule.rate(options, before + document["steps"])
        with marks.region("step"):
            start, processor = time.monotonic(), time.process_time()
            loss = net.step(images, masks, rate)
            times.append((time.monotonic() - start, time.process_time() - processor))
            marks.count(images=len(indices))
        if not np.isfinite(loss):
            raise Diverged(
                BAD_DATA, f"The loss of step {before + document['steps'] + 1} is not a finite number.",
                f"Lower --learning-rate, now {options.learning_rate}, and check that the images are not all black.")
        losses.append(loss)
        document["steps"] += 1
        document["images"] += len(indices)
        if document["first_loss"] is None:
            document["first_loss"] = loss
        account["steps"] += 1
        account["images"] += len(indices)
        account["loss"] = sum(losses) / len(losses)
        account["learning_rate"] = rate
        account["duration_s"] = time.monotonic() - begin
    marks.metric(loss=account["loss"])


def _validate(options, net, dataset, split, account):
    """Scores the frames held back, each process its share; without any the scores stay unknown."""
    if not split.validation:
        return
    with marks.region("validation"):
        score = Score(options.loss)
        for indices in _held_back(options, net, split):
            count = options.batch // net.processes if net.one_size else len(indices)
            images, masks, _ = dataset.batch(indices, count, options.size)
            score.add(net.predict(net.placed(images, dataset.scale, dataset.black))[:len(indices)], masks)
        score.sums = net.total(score.sums)
        account.update(validation_loss=score.loss, dice=score.dice, iou=score.iou)
        marks.count(validation_images=score.images)
        marks.metric(validation_loss=score.loss, dice=score.dice, iou=score.iou)


def _close(document, times, failure, best):
    last = document["epochs"][-1] if document["epochs"] else {}
    document["loss"] = last.get("loss")
    document.update({key: (best or last).get(key) for key in ("validation_loss", "dice", "iou")})
    document["best_epoch"] = best and best["epoch"]
    document["error"] = failure and failure.problem
    wall = sum(seconds for seconds, _ in times)
    document["images_per_s"] = document["images"] / wall if wall else None
    document["warm_up_steps"] = WARM_UP_STEPS if len(times) > WARM_UP_STEPS else 0
    settled = times[document["warm_up_steps"]:]
    document["step_s"] = times_of([seconds for seconds, _ in settled])
    document["step_cpu_s"] = times_of([seconds for _, seconds in settled])


def _summary(document):
    rate = f"  {document['images_per_s']:.1f} images/s" if document["images_per_s"] else ""
    return (f"{document['precision']} ({document['arithmetic']})  {document['framework']}  {document['device']}  "
            f"{document['threads']} threads  {document['parameters']} parameters\n"
            f"{document['steps']} steps in {document['duration_s']:.1f} s{rate}"
            f"{rounded(document, ('loss', 'loss'), *SCORES)}")


# MARK: Inference


def _calibration(options, input_range):
    """The frames that int8 takes its scales from: those of a training."""
    folder = options.calibration or options.data
    try:
        return Dataset(folder, needs_masks=False, input_range=input_range)
    except UNetError as error:
        if error.status != MISSING_INPUT or not os.path.exists(folder):
            raise
        raise UNetError(BAD_DATA, f"The calibration set {folder} holds no image.",
                        "Give --calibration a folder of training images: int8 takes its scales from them.") from None


def infer(options, make):
    """Predicts every frame of a data set with the net that `make(options)` builds, and prints its account."""
    saved = read_checkpoint(options.checkpoint)
    check_net(saved.net, options.checkpoint, net_like(options, saved.net))
    if not is_finite(saved.state):
        raise UNetError(BAD_DATA, f"{options.checkpoint} holds weights that are no finite numbers.",
                        "Name another checkpoint, or train anew with a lower --learning-rate.")
    options.net, options.size = saved.net, options.size or saved.size
    check_size(options.size, saved.net.depth)
    kind = arithmetic(options)
    dataset = Dataset(options.data, part="test", needs_masks=False, input_range=saved.input_range)
    calibration = _calibration(options, saved.input_range) if options.precision == "int8" else None
    if options.out and dataset.has_masks and os.path.realpath(options.out) == os.path.realpath(dataset.folder):
        raise UNetError(USAGE, f"--out {options.out} holds the images' own masks, which the predicted ones would replace.",
                        "Name another folder.")
    if options.out:
        try:
            os.makedirs(options.out, exist_ok=True)
        except OSError as error:
            raise UNetError(CANNOT_WRITE, f"{options.out} cannot be made: {error.strerror}.", "Choose another --out.")
    estimate = unet_memory.inference(options, len(dataset))
    unet_memory.check(options, estimate)
    net = make(options)
    net.load(saved.state)
    net.prepare_inference(calibration)
    document = {"schema": "wattbook.unet.inference/1", **account_of(options, net), "implementations": [], "images": 0,
                "warnings": emulation(options, kind)}
    if calibration and calibration.folder == dataset.folder:
        document["warnings"].append(
            "int8 takes its scales from the very images that it infers: give --calibration a folder of others.")
    if options.calibration and not calibration:
        document["warnings"].append(f"Only int8 is calibrated: --calibration {options.calibration} plays no part.")
    announce(options, net)
    for warning in document["warnings"]:
        say(options, f"warning: {warning}")
    first, _, _ = dataset.batch([0], options.batch, options.size)
    with marks.region("warm-up"):
        for _ in range(2):
            net.predict(net.placed(first, dataset.scale, dataset.black))
    times, score = [], Score()
    with marks.region("infer"):
        for indices in groups(list(range(len(dataset))), options.batch, drops_last=False):
            with marks.region("load"):
                images, masks, extents = dataset.batch(indices, options.batch, options.size)
                images = net.placed(images, dataset.scale, dataset.black)
                net.wait()
            with marks.region("predict"):
                start, processor = time.monotonic(), time.process_time()
                probabilities = net.predict(images)
                times.append((1000 * (time.monotonic() - start), 1000 * (time.process_time() - processor)))
            marks.count(images=len(indices))
            document["images"] += len(indices)
            if dataset.has_masks:
                score.add(probabilities[:len(indices)], masks)
            for index, probability, (width, height) in zip(indices, probabilities, extents) if options.out else ():
                mask = np.where(probability > 0.5, 255, 0).astype(np.uint8)
                write_mask(f"{options.out}/{dataset.names[index]}_seg.png", resized_nearest(mask, width, height))
    latency, processor = (times_of(column) for column in zip(*times))
    del latency["min"], processor["min"]
    wall = sum(milliseconds for milliseconds, _ in times)
    document.update(latency_ms=latency, latency_cpu_ms=processor, images_per_s=1000 * document["images"] / wall,
                    loss=score.loss, dice=score.dice, iou=score.iou, **memory_of(options, estimate))
    if score.dice is not None:
        marks.metric(dice=score.dice, iou=score.iou)
    print_account(options, document, (
        f"{document['precision']} ({kind})  {document['framework']}  {options.device}  {options.threads} threads  "
        f"batch {options.batch}\n{document['images']} images  median {latency['median']:.2f} ms  "
        f"p95 {latency['p95']:.2f} ms  {document['images_per_s']:.1f} images/s{rounded(document, *SCORES)}"))
    net.close()
