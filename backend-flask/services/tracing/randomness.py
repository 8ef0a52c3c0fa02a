"""Random numbers of our own: an application's `random.seed()` would repeat trace ids and rule on sampling."""

import os
from random import Random

RANDOM = Random()  # noqa: S311 (ids and chances are no secrets)

os.register_at_fork(after_in_child=RANDOM.seed)
