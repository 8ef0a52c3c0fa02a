"""Which images are never healthy: a fault that is switched on, since no container runs here to be asked."""

from collections.abc import Iterable, Mapping
from typing import Any

IMAGES_MAX = 100
_images: frozenset[str] = frozenset()


def unhealthy() -> list[str]:
    """Return the images whose containers never get healthy, sorted."""
    return sorted(_images)


def switch(images: Iterable[str]) -> None:
    """Have the containers of these images, and of no others, never get healthy.

    What runs of them already stays healthy: a health check that has passed is not looked at again.
    """
    global _images
    _images = frozenset(images)


def is_healthy(containers: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a task of these container definitions gets healthy."""
    return all(container["image"] not in _images for container in containers)
