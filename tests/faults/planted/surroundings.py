"""Who asks, where: credentials, account, region, endpoint. Nothing more is looked at; the exit code is 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.between import ALL, PAGE
from tests.faults.fault import Fault, Found

if TYPE_CHECKING:
    from tests.faults.hand import Hand

_UNKNOWN = {"AWS_ACCESS_KEY_ID": "AKIA" + 16 * "Q", "AWS_SECRET_ACCESS_KEY": "s" * 40}


def _unknown_key(hand: Hand) -> None:
    hand.checks_policies()
    hand.exports(**_UNKNOWN)


def _as_dev(hand: Hand, **variables: str) -> Hand:
    """Turn to dev, which the operator's own variables lead to."""
    addresses = hand.world.addresses
    lent = {
        name: addresses[name] for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    }
    hand.turns_to("dev", **{**lent, **variables})
    return hand.asks(
        account_id="123456789012", region="us-east-1", honeycomb_endpoint=addresses["HONEYCOMB_API_ENDPOINT"]
    )


FAULTS = (
    Fault(
        "no-credentials",
        "Opened a new terminal and forgot to sign in.",
        lambda hand: _as_dev(hand, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""),
        {"credentials": Found("no AWS credentials", "aws sso login")},
        also=("account",),
        code=2,
    ),
    Fault(
        "no-credentials-local",
        "Took the credentials out of .local/env.",
        lambda hand: hand.exports(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""),
        {"credentials": Found("no AWS credentials", "make local-up")},
        also=("account",),
        code=2,
    ),
    Fault(
        "half-of-the-credentials",
        "Exported the key's id and not its secret.",
        lambda hand: _as_dev(hand, AWS_SECRET_ACCESS_KEY=""),
        {"credentials": Found("Partial credentials", "export AWS credentials")},
        also=("account",),
        code=2,
    ),
    Fault(
        "unknown-credentials",
        "Uses an access key that was deleted.",
        _unknown_key,
        {"credentials": Found("AWS does not know these credentials", "make local-up")},
        also=("account",),
        code=2,
    ),
    Fault(
        "expired-credentials",
        "Left the session open over lunch.",
        lambda hand: hand.exports(AWS_SESSION_TOKEN="localcloud-expired-token"),
        {"credentials": Found("credentials have expired", "sign in again")},
        also=("account",),
        code=2,
    ),
    Fault(
        "account-of-another-environment",
        "Is signed in to another account than env.hcl names.",
        lambda hand: hand.asks(account_id="210987654321"),
        {"account": Found("123456789012", "use that account's credentials, or correct env.hcl")},
        code=2,
    ),
    Fault(
        "region-of-yesterday",
        "AWS_REGION still names the region of another project.",
        lambda hand: _as_dev(hand, AWS_REGION="eu-west-1"),
        {"region": Found("AWS_REGION is eu-west-1", "export AWS_REGION=us-east-1, or unset it")},
        also=("credentials", "account"),
        code=2,
    ),
    Fault(
        "endpoint-where-nothing-listens",
        "AWS_ENDPOINT_URL leads to a local cloud that was taken down.",
        lambda hand: hand.exports(AWS_ENDPOINT_URL="http://127.0.0.1:9"),
        {"credentials": Found("http://127.0.0.1:9/ can't be reached", "make local-up")},
        also=("account",),
        code=2,
    ),
    Fault(
        "sign-in-page-for-aws",
        "Sits behind a proxy that answers everything with its sign-in page.",
        lambda hand: hand.is_behind({ALL: PAGE}),
        {"credentials": Found("is not AWS", "make local-up")},
        also=("account",),
        code=2,
    ),
)
