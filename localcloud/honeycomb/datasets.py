"""Names of datasets (reference: honeycombio/husky, otlp/common.go; Honeycomb API, Datasets)."""

import re
from functools import lru_cache

ALL_DATASETS = "__all__"
"""The slug that stands for the whole environment."""

UNKNOWN_DATASET = "dataset not found"
"""What a sender is told whose key may not make one."""

UNKNOWN_SERVICE = "unknown_service"
NAME_MAX_CHARACTERS = 255
"""Of a dataset (reference: Honeycomb API, Datasets)."""

DATASETS_MAX = 1_000
"""Ours, to bound memory."""


def dataset_name(service_name: object) -> str:
    """Return the dataset of a resource by its `service.name`, which may be missing or no text.

    A longer name than datasets have is cut.
    """
    if not isinstance(service_name, str):
        return UNKNOWN_SERVICE
    name = service_name.strip()
    if not name or service_name.startswith(UNKNOWN_SERVICE):
        return UNKNOWN_SERVICE
    return cut_name(name)


def cut_name(name: str) -> str:
    """Return the name as long as a dataset's may be."""
    return name[:NAME_MAX_CHARACTERS].rstrip()


@lru_cache(maxsize=4_096)
def dataset_slug(name: str) -> str:
    """Return what stands for the dataset in a URL: `My dataset!` is `my-dataset-`."""
    return re.sub(r"[^a-z0-9_.~-]", "-", name.lower())
