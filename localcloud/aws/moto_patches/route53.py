"""Route 53: zone ids that look like Route 53's, and names of deleted records that are free again."""

from typing import Any

from moto.moto_api._internal import mock_random
from moto.route53 import models

ID_LENGTH = 20


def name_zones() -> None:
    """Have a zone's id begin with Z; moto draws any 22 capitals and digits, most of which a stack refuses."""

    def create(**_given: Any) -> str:
        return "Z" + "".join(mock_random.choice(models.ROUTE53_ID_CHOICE) for _ in range(ID_LENGTH))

    models.create_route53_zone_id = create


def free_deleted_names() -> None:
    """Have a deleted record leave the zone's journal, by which moto refuses to make it anew.

    It looks from the journal into the zone, but for any record from that name on and not for that one.
    """
    append = models.ChangeList.append

    def append_or_forget(journal: Any, change: dict[str, Any]) -> None:
        append(journal, change)
        if change["Action"] == "DELETE":
            journal[:] = [kept for kept in journal if _record(kept) != _record(change)]

    models.ChangeList.append = append_or_forget


def _record(change: dict[str, Any]) -> tuple[str, str, str | None]:
    records = change["ResourceRecordSet"]
    return records["Name"], records["Type"], records.get("SetIdentifier")
