"""Names of datasets (reference: honeycombio/husky, otlp/common.go; Honeycomb API, Datasets)."""

import re

UNKNOWN_SERVICE = "unknown_service"


def dataset_name(service_name: object) -> str:
    """Return the dataset of a resource by its `service.name`, which may be missing or no text."""
    if not isinstance(service_name, str):
        return UNKNOWN_SERVICE
    name = service_name.strip()
    if not name or service_name.startswith(UNKNOWN_SERVICE):
        return UNKNOWN_SERVICE
    return name


def dataset_slug(name: str) -> str:
    """Return what stands for the dataset in a URL: `My dataset!` is `my-dataset-`."""
    return re.sub(r"[^a-z0-9_.~-]", "-", name.lower())
