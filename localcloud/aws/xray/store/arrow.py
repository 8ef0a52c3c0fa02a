"""Rows as Arrow tables, column by column: building nested values one by one takes three times as long."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]


def make_table(schema: Any, columns: Mapping[str, Sequence[Any]]) -> Any:
    """Return an Arrow table; structs are given as tuples in the order of their fields, lists as sequences."""
    return pa.Table.from_arrays([_array(field.type, columns[field.name]) for field in schema], schema=schema)


def _array(kind: Any, values: Sequence[Any]) -> Any:
    if pa.types.is_list(kind):
        offsets, items = [0], []
        for value in values:
            items.extend(value)
            offsets.append(len(items))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), _array(kind.value_type, items), kind)
    if pa.types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        members = list(zip(*values, strict=True)) if values else [()] * len(fields)
        arrays = [_array(field.type, member) for field, member in zip(fields, members, strict=True)]
        return pa.StructArray.from_arrays(arrays, fields=fields)
    return pa.array(values, kind)
