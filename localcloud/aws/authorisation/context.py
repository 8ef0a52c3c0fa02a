"""The condition keys whose values are known of a request (source: "AWS global condition context keys")."""

import time
from datetime import UTC, datetime

from localcloud.aws.authorisation.conditions import Context
from localcloud.aws.authorisation.identities import Identity
from localcloud.aws.authorisation.needs import Requirement
from localcloud.aws.signature import CredentialScope


def request_context(identity: Identity, scope: CredentialScope, need: Requirement) -> Context:
    """Return the known keys; an empty list is a key known to be absent.

    A connection over loopback counts as secure transport, which is what the key is to tell.
    """
    now = time.time()
    context = {
        "aws:principalarn": [identity.role_arn or identity.arn],
        "aws:principalaccount": [identity.account_id],
        "aws:principaltype": ["AssumedRole" if identity.role_arn else "User"],
        "aws:username": [identity.user_name] if identity.user_name else [],
        "aws:requestedregion": [scope.region],
        "aws:resourceaccount": [need.resource_account or identity.account_id],
        "aws:securetransport": ["true"],
        "aws:sourceip": ["127.0.0.1"],
        "aws:currenttime": [datetime.fromtimestamp(now, UTC).isoformat()],
        "aws:epochtime": [str(int(now))],
    }
    context.update({key.lower(): list(values) for key, values in need.context.items()})
    return context
