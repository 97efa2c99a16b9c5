# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Random streams: what a sender may send, what a network may do to it, and numbers at every edge.

A stream is a list of (association, sequence). The same seed and window always give the same one.
"""
from model.frames import EspFlow, Frame, MacsecFlow, PlainFlow

FIRST_NS = 1735689600 * 10**9  # 2025-01-01T00:00:00Z
ASSOCIATIONS = 4
REKEY_DUE = 0xC0000000  # where a MACsec sender asks for a new key
PLAIN_FRAMES = 9


def first_number(random, window):
    """Returns where a stream begins: at 1, near a wraparound, near a limit, or anywhere."""
    near = random.randint(-3 * window - 40, 40)
    limits = [near % 2**32, 2**31 + near, REKEY_DUE + near]
    return random.choice([1, 1, *limits, random.randrange(2**32)])


def counting(association, first, count):
    return [(association, (first + step) % 2**32) for step in range(count)]


# What a sender may do next; each adds to the list of (association, sequence).


def go_on(random, stream, window):
    association, last = stream[-1]
    stream += counting(association, last + 1, random.randint(1, 4 * window + 20))


def restart(random, stream, window):
    association, last = stream[-1]
    first = random.choice([1, 2, last - 2 * window, last - 70000, random.randrange(2**32)])
    stream += counting(association, first, random.randint(1, 4 * window + 20))


def rekey(random, stream, window):
    """Goes on with another association, new or used before; the old one lingers for a while."""
    old, last = stream[-1]
    new = random.choice([number for number in range(ASSOCIATIONS) if number != old])
    near = [1, 1, 2, window, window + 1, window + 3]
    first = random.choice([*near, *near, 65535, 65536, 65537, 10**9, REKEY_DUE])
    fresh = counting(new, first, random.randint(1, 3 * window + 10))
    lingering = counting(old, last + 1, random.randint(0, 9))
    for frame in lingering:
        stream += [frame, *fresh[:2]]
        fresh = fresh[2:]
    stream += fresh


def jump(random, stream, window):
    """Sends one to five numbers from far away, then goes on from there or from before."""
    association, last = stream[-1]
    away = random.choice([65536, 65537, 65538, 10**6, 2**31 - 9, 2**31 + 9, -window, -70000])
    stride = random.choice([1, 1, 0, window, window + 1])
    for step in range(random.randint(1, 5)):
        stream.append((association, (last + away + step * stride) % 2**32))
    if random.random() < 0.5:
        stream.append((association, (last + 1) % 2**32))


def stray(random, stream, window):
    """Sends a number from inside 65,536 ahead, then goes on from before."""
    association, last = stream[-1]
    away = random.choice([1, window, window + 1, 2 * window, 2 * window + 9, 1000, 65536])
    stream += counting(association, last + away, 1) * random.choice([1, 1, 1, 2])
    left_out = random.choice([0, 0, 0, 1, window - 1, window, -1, -window])
    stream += counting(association, last + 1 + left_out, random.choice([1, 2, 3, 5, 2 * window]))


def stray_association(random, stream, window):
    """Sends a few numbers on another association, mixed with its own."""
    association, last = stream[-1]
    other = random.choice([number for number in range(ASSOCIATIONS) if number != association])
    first = random.choice([window, window + 1, 1000, 65536, 65537, REKEY_DUE, 2**32 - 2])
    for step in range(random.randint(1, 4)):
        stream.append((other, (first + step * random.choice([0, 1, 1, 1, window])) % 2**32))
        stream += counting(association, last + 1 + step, random.randint(0, 1))


def restart_into_a_gap(random, stream, window):
    """Jumps, settles there, and begins anew inside the gap, for 1,024 frames or more or less.

    The old numbering may go on for a frame in between.
    """
    association, last = stream[-1]
    highest, within = last + 5000, last + random.randint(1, 400)
    stream += counting(association, highest, random.randint(2, window + 9))
    highest = stream[-1][1]
    for _ in range(random.randint(1, 3)):
        frames_late = random.choice([20, 600, random.randint(1020, 1030)])
        stream += counting(association, within, frames_late)
        within += frames_late
        if random.random() < 0.3:
            highest += 1
            stream += counting(association, highest, 1)


# What a network may do to a stream; each returns a new one.


def lose(random, stream, window):
    share = random.choice([0.01, 0.1, 0.4])
    return [frame for frame in stream if random.random() >= share] or stream


def lose_bursts(random, stream, window):
    kept, at = [], 0
    while at < len(stream):
        run = random.randint(1, 6 * window + 30)
        kept += stream[at : at + run]
        at += run + random.choice([1, 2, window - 1, window, window + 1, 3 * window])
    return kept


def duplicate(random, stream, window):
    """Sends some frames again, at once or a while later."""
    result = []
    for at, frame in enumerate(stream):
        result.append(frame)
        if random.random() < 0.05:
            before = random.choice([0, 1, window - 1, window, 2 * window])
            result.append(stream[max(0, at - before)])
    return result


def reorder(random, stream, window):
    """Holds some frames back by distances around the window."""
    share = random.choice([0.02, 0.2])
    delays = [0, 1, window - 2, window - 1, window, random.randint(1, 2 * window + 2)]
    places = [
        at + (random.choice(delays) + 0.5 if random.random() < share else 0)
        for at in range(len(stream))
    ]
    return [stream[at] for at in sorted(range(len(stream)), key=places.__getitem__)]


def hold_back(random, stream, window):
    """Delivers blocks of frames together, after more than the window."""
    result, at = [], 0
    while at < len(stream):
        held = at + random.randint(1, 4 * window + 30)
        after = held + random.choice([1, 2, 3, 5, window])
        end = after + random.randint(window, 3 * window)
        result += stream[at:held] + stream[after:end] + stream[held:after]
        at = end
    return result


SENDER = (go_on, go_on, restart, rekey, jump, stray, stray_association)
RARELY = 0.05
NETWORK = (lose, lose_bursts, duplicate, reorder, hold_back)


def sent_and_carried(random, window, length):
    """What a sender sends, after up to three troubles of a network."""
    stream = [(random.randrange(ASSOCIATIONS), first_number(random, window))]
    habits = random.choices(SENDER, k=4)
    if random.random() < RARELY:
        restart_into_a_gap(random, stream, window)
    while len(stream) < length:
        go_on(random, stream, window)
        random.choice(habits)(random, stream, window)
    for trouble in random.sample(NETWORK, random.randint(0, 3)):
        stream = trouble(random, stream, window)
    return stream


def at_the_edges(random, window, length):
    """Numbers on both sides of every limit of the rules, counted from where the stream has got."""
    limits = [0, 1, 2, window, 2 * window, -1, -window, -2 * window, 65536]
    rare = [65537, 2**31, -(2**31), 70000, -70000]
    stream = [(0, first_number(random, window))]
    places = [stream[0][1], 1, random.choice([window, 65536]), 65537]  # of each association
    in_use = random.choice([1, 1, 2, ASSOCIATIONS])
    while len(stream) < length:
        association, last = stream[-1]
        if random.random() < 0.7:
            number = last + random.choice([1, 1, 1, 2, window])
        else:
            association = random.randrange(in_use)
            away = random.choice(limits if random.random() < 0.95 else rare)
            number = places[association] + away + random.choice([0, 0, 1, -1])
        if number > places[association] or random.random() < 0.2:
            places[association] = number
        stream.append((association, number % 2**32))
    return stream


def flow_of(number, random, window, length):
    """Returns a flow and the stream that it carries."""
    stream = random.choice([sent_and_carried, at_the_edges])(random, window, length)
    if random.random() < 0.7:
        return MacsecFlow(0x0200000000000001 + (number << 16)), stream
    return EspFlow(0x100 + number), [(0, sequence) for _, sequence in stream]


def clock(random, backwards):
    """Yields a capture's times: mostly forward, and where BACKWARDS also still or back."""
    now_ns = FIRST_NS
    while True:
        yield now_ns
        if backwards and random.random() < 0.05:
            now_ns -= random.choice([0, random.randrange(10**8)])
        else:
            now_ns += random.choice([1, 1000, random.randrange(1, 10**7)])


def frames(random, window, flows, length, backwards=True):
    """Returns one capture's frames: FLOWS streams of about LENGTH, mixed with TCP and UDP."""
    carried = [flow_of(number, random, window, length) for number in range(flows)]
    carried += [(PlainFlow(name, 1024), [(0, 0)] * PLAIN_FRAMES) for name in ("tcp", "udp")]
    turns = [at for at, (_, stream) in enumerate(carried) for _ in stream]
    random.shuffle(turns)
    waiting = [iter(stream) for _, stream in carried]
    result = []
    for at, time_ns in zip(turns, clock(random, backwards)):
        association, sequence = next(waiting[at])
        wire_length = random.randint(80, 1514)
        result.append(Frame(time_ns, carried[at][0], sequence, association, wire_length))
    return result
