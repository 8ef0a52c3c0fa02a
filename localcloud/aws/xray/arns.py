"""The ARNs of X-Ray's resources.

Source: "Resource types defined by AWS X-Ray", service authorization reference.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The partition, region and account that a backend is for."""

    partition: str
    region: str
    account_id: str

    def arn(self, resource: str) -> str:
        """Return the ARN of an X-Ray resource of this place."""
        return f"arn:{self.partition}:xray:{self.region}:{self.account_id}:{resource}"
