#!/usr/bin/env python3
"""What samplers cost a program that waits for its slowest node after each step, by simulation.

    noise.py [--tick 0.00005] [--interval 0.1] [--seconds 60] [--seed 1]

Each node works `step` seconds, then all wait for each other. A sampler on the program's own core takes `tick` seconds
from it every `interval` seconds: with a phase of its own on each node, or on all nodes in the same instant but for the
error of their clocks (normal, 1 ms and 50 us). The slowdown is that of the whole program. Standard library alone.
"""

import argparse
import random


def slowdown(nodes, step, tick, interval, seconds, phases):
    """How much longer the program takes than without samplers, as a part of its time.

    Ticks are rare beside steps: for each step only the nodes that have one or more in it matter.
    """
    order = sorted(phase % interval for phase in phases)
    now, steps = 0.0, round(seconds / step)
    for _ in range(steps):
        # The end moves out while ticks fall into the step of any node; a node has one in it, or several.
        lost = 0.0
        if step >= interval:
            lost = tick * max(_count(now, now + step, phase, interval) for phase in order)
        elif _any(order, now % interval, step, interval):
            lost = tick
        now += step + lost
    return now / (steps * step) - 1


def _count(begin, end, phase, interval):
    return int((end - phase) // interval) - int((begin - phase) // interval)


def _any(order, place, step, interval):
    """Whether a phase lies in [place, place + step), which may pass the interval's end."""
    return _inside(order, place, min(place + step, interval)) or _inside(order, 0, place + step - interval)


def _inside(order, low, high):
    """Bisection: whether a sorted list has a value in [low, high)."""
    left, right = 0, len(order)
    while left < right:
        middle = (left + right) // 2
        if order[middle] < low:
            left = middle + 1
        else:
            right = middle
    return left < len(order) and order[left] < high


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tick", type=float, default=50e-6, help="seconds that a tick takes from the program")
    parser.add_argument("--interval", type=float, default=0.1, help="seconds between ticks")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the program")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("| nodes | step | each its own phase | in step, clocks within 1 ms | in step, within 50 us |")
    print("|--:|--:|--:|--:|--:|")
    for nodes in (1, 16, 256, 10_000):
        for step in (0.001, 0.01, 0.1):
            draw = random.Random(options.seed)
            own = [draw.uniform(0, options.interval) for _ in range(nodes)]
            near = [[draw.gauss(0, error) for _ in range(nodes)] for error in (1e-3, 50e-6)]
            row = [slowdown(nodes, step, options.tick, options.interval, options.seconds, phases)
                   for phases in [own, *near]]
            print(f"| {nodes:,} | {step * 1000:g} ms | " + " | ".join(f"{100 * part:.2f} %" for part in row) + " |",
                  flush=True)


if __name__ == "__main__":
    main()
