"""What a worker is known by everywhere: containers of one image give their workers the same pids."""

import os
import secrets

ID_BYTES = 4


class _Own:
    id = 0


def worker_number() -> int:
    """Return this process's id as a number of 32 bits, random and never 0; a child has another one."""
    return _Own.id


def worker_id(number: int | None = None) -> str:
    """Return this process's id, or the one of `number`, as 8 hexadecimal digits."""
    return f"{_Own.id if number is None else number:08x}"


def _renew() -> None:
    _Own.id = secrets.randbelow(2 ** (8 * ID_BYTES) - 1) + 1


_renew()
os.register_at_fork(after_in_child=_renew)
