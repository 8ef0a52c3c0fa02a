"""Decides whether a call is allowed, by the policies of moto's IAM."""

from localcloud.aws.authorisation.check import check_call, check_token

__all__ = ["check_call", "check_token"]
