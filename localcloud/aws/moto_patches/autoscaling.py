"""Application Auto Scaling: tags of scalable targets, policies that are changed, and that go with targets."""

import json
from typing import Any

from moto.applicationautoscaling.models import (
    ApplicationAutoscalingBackend,
    FakeApplicationAutoscalingPolicy,
    FakeScalableTarget,
)
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError

TAGS = "tags"
"""The attribute of a target that has its tags, names to values."""


def tag_targets() -> None:
    """Have ListTagsForResource, TagResource and UntagResource, and keep RegisterScalableTarget's tags."""
    register = ApplicationAutoScalingResponse.register_scalable_target

    def register_scalable_target(self: Any) -> str:
        answer: str = register(self)
        if tags := self._get_param("Tags"):
            _tags(_find(self, json.loads(answer)["ScalableTargetARN"])).update(tags)
        return answer

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"Tags": _tags(_find(self, self._get_param("ResourceARN")))})

    def tag_resource(self: Any) -> str:
        _tags(_find(self, self._get_param("ResourceARN"))).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self: Any) -> str:
        tags = _tags(_find(self, self._get_param("ResourceARN")))
        for key in self._get_param("TagKeys"):
            tags.pop(key, None)
        return "{}"

    ApplicationAutoScalingResponse.register_scalable_target = register_scalable_target
    ApplicationAutoScalingResponse.list_tags_for_resource = list_tags_for_resource
    ApplicationAutoScalingResponse.tag_resource = tag_resource
    ApplicationAutoScalingResponse.untag_resource = untag_resource


def _find(response: Any, arn: str) -> FakeScalableTarget:
    """Return a target by its ARN.

    Raises:
        JsonRESTError: there is none (ResourceNotFoundException).
    """
    targets = response.applicationautoscaling_backend.targets
    for by_id in targets.values():
        for target in by_id.values():
            if target.arn == arn:
                return target
    raise JsonRESTError("ResourceNotFoundException", f"The resource with ARN {arn} does not exist.")


def _tags(target: FakeScalableTarget) -> dict[str, str]:
    tags: dict[str, str] = target.__dict__.setdefault(TAGS, {})
    return tags


def keep_policies() -> None:
    """Have a changed policy keep its ARN and take its former alarms away, and a target take its policies."""
    put = ApplicationAutoscalingBackend.put_scaling_policy
    deregister = ApplicationAutoscalingBackend.deregister_scalable_target

    def put_scaling_policy(
        self: Any,
        policy_name: str,
        service_namespace: str,
        resource_id: str,
        scalable_dimension: str,
        **others: Any,
    ) -> Any:
        place = (service_namespace, resource_id, scalable_dimension)
        if resource_id not in self.targets.get(scalable_dimension, {}):
            raise JsonRESTError(
                "ObjectNotFoundException",
                f"No scalable target registered for service namespace: {service_namespace},"
                f" resource ID: {resource_id}, scalable dimension: {scalable_dimension}",
            )
        former = self.policies.get(FakeApplicationAutoscalingPolicy.formulate_key(*place, policy_name))
        policy = put(self, policy_name, *place, **others)
        if former is not None:
            former.delete_alarms(self.account_id, self.region_name)
            new_arn, policy.policy_arn = policy.policy_arn, former.policy_arn
            policy.creation_time = former.creation_time
            for alarm in policy.alarms:
                alarm.alarm_actions = [one.replace(new_arn, former.policy_arn) for one in alarm.alarm_actions]
                alarm.description = alarm.description.replace(new_arn, former.policy_arn)
        return policy

    def deregister_scalable_target(self: Any, namespace: str, r_id: str, dimension: str) -> None:
        deregister(self, namespace, r_id, dimension)
        for key, policy in list(self.policies.items()):
            place = (policy.service_namespace, policy.resource_id, policy.scalable_dimension)
            if place == (namespace, r_id, dimension):
                policy.delete_alarms(self.account_id, self.region_name)
                del self.policies[key]

    ApplicationAutoscalingBackend.put_scaling_policy = put_scaling_policy
    ApplicationAutoscalingBackend.deregister_scalable_target = deregister_scalable_target
