"""How a reservoir is divided among workers once all of them have reported.

X-Ray divides evenly among the clients that reported lately; its formula is unpublished. Here, as in the local
cloud, what doesn't divide evenly goes to some of them, one each.
"""


def quotas(reservoir_size: int, workers: int) -> tuple[tuple[int, int], ...]:
    """Return the quotas in traces a second, each with the number of workers that have it.

    Raises:
        ValueError: fewer than one worker, or a reservoir below 0.
    """
    if workers < 1 or reservoir_size < 0:
        raise ValueError(
            f"reservoir {reservoir_size} among {workers} workers: expected 0 or more among 1 or more"
        )
    even, rest = divmod(reservoir_size, workers)
    parts = ((even + 1, rest), (even, workers - rest))
    return tuple((quota, count) for quota, count in parts if count)
