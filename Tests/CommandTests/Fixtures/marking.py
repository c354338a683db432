"""A program that marks from threads, forked workers and broken calls; its true counts are known to the tests."""

import multiprocessing
import os
import threading

import wattbook_marks as marks
from wattbook_marks import *  # noqa: F401,F403: it may import no framework.


@marks.region("decorated")
def decorated():
    marks.count(calls=1)


def thread():
    with marks.region("thread"):
        marks.count(images=5)


def worker(_):
    with marks.region("worker"):
        marks.count(images=7)


marks.info(framework="test", note='a "quoted" word')
with marks.region("train", number=1):
    for _ in range(3):
        with marks.region("step one/two"):
            marks.count(images=10)
    threads = [threading.Thread(target=thread) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(worker, range(6))
decorated()
try:
    with marks.region("broken"):
        raise KeyError("a training that fails")
except KeyError:
    pass
# None of these may raise, nor harm the marks around them.
marks.count(images="no number", others=None, many=1 << 70, calls=1)
marks.metric(iou=float("nan"), loss=object(), huge=10**400, dice=0.5)
marks.metric(iou=0.75)
marks.info(huge="x" * 10_000, path="\udce9", kept="yes")
with marks.region("layer", name="conv1", self=1, huge="x" * 10_000):
    pass
with marks.region(name="named"):
    pass
marks.region(["no", "name"]).begin().end()
marks.region(object()).begin().end()
os.close(os.open(os.devnull, os.O_RDONLY))
