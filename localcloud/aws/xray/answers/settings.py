"""The account's settings.

Source: the X-Ray API; a method's name is the operation's.
"""

from localcloud.aws.xray.answers.base import Answers, Parameters, Result, refuse_next_token


class SettingsAnswers(Answers):
    """The encryption setting and the resource policies."""

    def get_encryption_config(self, _: Parameters) -> Result:
        """Return the encryption setting."""
        return {"EncryptionConfig": self._backend.encryption.to_api()}

    def put_encryption_config(self, parameters: Parameters) -> Result:
        """Change the encryption setting."""
        self._backend.encryption.put(parameters["Type"], parameters.get("KeyId"))
        return {"EncryptionConfig": self._backend.encryption.to_api()}

    def list_resource_policies(self, parameters: Parameters) -> Result:
        """Return every resource policy."""
        refuse_next_token(parameters)
        return {"ResourcePolicies": [policy.to_api() for policy in self._backend.policies.all()]}

    def put_resource_policy(self, parameters: Parameters) -> Result:
        """Make or replace a resource policy."""
        policy = self._backend.policies.put(
            parameters["PolicyName"],
            parameters["PolicyDocument"],
            parameters.get("PolicyRevisionId"),
            parameters.get("BypassPolicyLockoutCheck", False),
        )
        return {"ResourcePolicy": policy.to_api()}

    def delete_resource_policy(self, parameters: Parameters) -> Result:
        """Delete a resource policy."""
        self._backend.policies.delete(parameters["PolicyName"], parameters.get("PolicyRevisionId"))
        return {}
