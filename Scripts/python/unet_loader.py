"""The batches of a pass over the data, each where the net computes when its turn comes."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor

#: Batches that are made while a GPU computes, a thread for each.
AHEAD = 4


def batches(options, net, dataset, groups, change=None):
    """Images and masks of this process's part of every group, in turn; a group that is too short begins again.

    With a GPU, threads of the host make those to come; on a CPU they would take its cores from the step.
    """
    part = range(options.batch)[net.share(options.batch)]

    def made(indices):
        own = [indices[position % len(indices)] for position in part]
        images, masks, _ = dataset.batch(own, len(own), options.size, change)
        return net.placed(images, dataset.scale, dataset.black), net.placed(masks)

    if options.device == "cpu":
        yield from map(made, groups)
        return
    with ThreadPoolExecutor(AHEAD) as pool:
        ahead = deque()
        for indices in groups:
            ahead.append(pool.submit(made, indices))
            if len(ahead) > AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
