"""How the step size goes over a training, as in `wattbook-unet`."""


def rate(options, step):
    """Step size of the step that follows on `step` others (cycles: Smith, WACV 2017)."""
    if options.schedule == "constant":
        return options.learning_rate
    place = step % (2 * options.cycle_steps)
    height = min(place, 2 * options.cycle_steps - place) / options.cycle_steps
    return options.base_learning_rate + (
        options.learning_rate - options.base_learning_rate) * height * options.cycle_decay**step
