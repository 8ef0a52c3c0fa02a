"""What moto does otherwise than AWS where it matters here; each patch as small as it can be."""

from functools import cache

from localcloud.aws.moto_patches.autoscaling import keep_policies, tag_targets
from localcloud.aws.moto_patches.cloudwatch import combine_alarms
from localcloud.aws.moto_patches.ec2 import describe_rules, route_endpoints
from localcloud.aws.moto_patches.ecr import check_images, digest_manifests
from localcloud.aws.moto_patches.ecs import deploy_services, refuse_odd_revisions, update_cluster_settings
from localcloud.aws.moto_patches.kms import refuse_garbage
from localcloud.aws.moto_patches.route53 import free_deleted_names, name_zones
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
    digest_manifests()
    check_images()
    refuse_odd_revisions()
    deploy_services()
    update_cluster_settings()
    tag_targets()
    keep_policies()
    combine_alarms()
    describe_rules()
    route_endpoints()
    name_zones()
    free_deleted_names()
