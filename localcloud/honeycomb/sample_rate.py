"""How many events one event stands for (reference: honeycombio/husky, otlp/common.go)."""

import math
import random
import re
from collections.abc import Callable

from localcloud.honeycomb.attributes import Field, Fields
from localcloud.honeycomb.numbers import NUMBER_TEXT

DEFAULT = 1
MAXIMUM = 2**31 - 1
NAMES = ("sampleRate", "SampleRate")
"""The attributes that carry a rate; the first one wins."""

_THRESHOLD = re.compile(r"[0-9a-f]{1,14}")
_THRESHOLD_DIGITS = 14
_ALWAYS_REJECTED = 1 << 4 * _THRESHOLD_DIGITS
_EXACT_ENOUGH = 100


def take_sample_rate(fields: Fields, trace_state: str, *, chance: Callable[[], float] = random.random) -> int:
    """Return the rate of the event with these `fields`, and remove the attributes that say it.

    Without such an attribute the rate follows from the threshold in `trace_state` (`ot=th:...`, W3C trace
    state as OpenTelemetry writes it); one that is no whole number is rounded up or down by `chance`, so
    that it holds on average.
    """
    values = [fields[name] for name in NAMES if name in fields]
    remove_sample_rate(fields)
    if values:
        return _from_attribute(values[0])
    threshold = _threshold(trace_state)
    return DEFAULT if threshold is None else _from_threshold(threshold, chance)


def rate_of(value: object) -> int:
    """Return the rate that `X-Honeycomb-Samplerate` or an event of a batch says; 1 where it says none."""
    return _from_attribute(value) if isinstance(value, str | int | float) else DEFAULT


def remove_sample_rate(fields: Fields) -> None:
    """Remove the attributes that carry a rate: it is a property of the event, never a field."""
    for name in NAMES:
        fields.pop(name, None)


def _from_attribute(value: Field) -> int:
    if isinstance(value, bool):
        return DEFAULT
    if isinstance(value, str):
        if not NUMBER_TEXT.fullmatch(value):
            return DEFAULT
        value = float(value)
        if math.isinf(value):
            return DEFAULT  # Go's parser takes no number that no float holds.
    if isinstance(value, float):
        if math.isnan(value) or value <= 0:
            return DEFAULT
        value = MAXIMUM if value >= MAXIMUM else math.floor(value + 0.5)
    return min(value, MAXIMUM) if value > 0 else DEFAULT


def _threshold(trace_state: str) -> str | None:
    for entry in trace_state.split(","):
        vendor, _, pairs = entry.strip().partition("=")
        if vendor == "ot":
            for pair in pairs.split(";"):
                name, _, value = pair.partition(":")
                if name == "th" and _THRESHOLD.fullmatch(value):
                    return value
    return None


def _from_threshold(threshold: str, chance: Callable[[], float]) -> int:
    """Return 1 / probability; the threshold is the share that was not sampled, in 56 bits."""
    count = _ALWAYS_REJECTED / (_ALWAYS_REJECTED - int(threshold.ljust(_THRESHOLD_DIGITS, "0"), 16))
    low = min(math.floor(count), MAXIMUM)
    if low > _EXACT_ENOUGH or low == count:
        return low
    return low + 1 if chance() < count - low else low
