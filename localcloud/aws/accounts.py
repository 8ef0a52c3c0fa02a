"""Which account an access key belongs to, and which partition a region."""

from moto.iam.models import get_account_id_from
from moto.utilities.utils import get_partition

BOOTSTRAP_ACCESS_KEY = "test"
ACCOUNT_ID = "123456789012"


def account_of(access_key: str) -> str:
    """Return the account of a key that moto's IAM or STS made, else the default account."""
    if access_key == BOOTSTRAP_ACCESS_KEY:
        return ACCOUNT_ID
    return str(get_account_id_from(access_key))


def partition_of(region: str) -> str:
    """Return the partition of a region: aws, aws-cn, aws-us-gov."""
    return str(get_partition(region))
