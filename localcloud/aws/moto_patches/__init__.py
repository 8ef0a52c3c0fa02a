"""What moto does otherwise than AWS where it matters here; each patch as small as it can be."""

from functools import cache

from localcloud.aws.moto_patches.kms import refuse_garbage
from localcloud.aws.moto_patches.s3 import evaluate_bucket_policies, refuse_broken_policies
from localcloud.aws.moto_patches.ssm import check_parameter_keys, check_tokens, hide_secure_strings


@cache
def apply_patches() -> None:
    """Patch moto; a second call changes nothing."""
    hide_secure_strings()
    check_parameter_keys()
    check_tokens()
    evaluate_bucket_policies()
    refuse_broken_policies()
    refuse_garbage()
