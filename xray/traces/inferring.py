"""Services that sent nothing themselves, told of by the subsegments of those who called them.

Source: X-Ray segment documents, inferred segments and `namespace`; getting data from X-Ray
(devguide/xray-api-gettingdata.html), whose sample has `DynamoDB` with a table's name as
`AWS::DynamoDB::Table` and `SNS` as `AWS::SNS`. That plain HTTP gives `remote` comes from third parties;
`Database::SQL` for SQL, the standard spelling of names in lower case, and what is made of calls within calls
are our inference.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from xray.waterfall import Node, Waterfall

CALLS = ("aws", "remote")
"""The namespaces of subsegments that call another service."""
TABLE_TYPE = "AWS::DynamoDB::Table"
SQL_TYPE = "Database::SQL"
REMOTE_TYPE = "remote"
_AWS_PREFIX = "AWS::"
# aws_xray_sdk names subsegments by the endpoint's prefix; X-Ray's types have AWS's own spelling
_AWS_SPELLING = {
    name.lower(): name
    for name in (
        *("ApiGateway", "AppSync", "Athena", "Bedrock", "CloudWatch", "DynamoDB", "EC2", "ECS", "Events"),
        *("Firehose", "Kinesis", "KMS", "Lambda", "RDS", "S3", "SageMaker", "SecretsManager", "SES", "SNS"),
        *("SQS", "SSM", "StepFunctions", "STS"),
    )
}
# each hexadecimal digit's complement: no id becomes itself, no two become the same
_COMPLEMENT = str.maketrans("0123456789abcdefABCDEF", "fedcba9876543210543210")


_COPIED = ("start_time", "end_time", "in_progress", "error", "throttle", "fault", "http", "aws")


class InferredService(NamedTuple):
    """The service that a subsegment called. `account_id` is None where the subsegment doesn't tell it."""

    id: str
    name: str
    type: str
    account_id: str | None


class Nesting:
    """Which calls of a trace are told of by what is below them.

    That is by a segment, however many subsegments lie between; or by a call of the same name, as where one
    HTTP client uses another.
    """

    __slots__ = ("_covered", "_roots")

    def __init__(self, waterfall: Waterfall) -> None:
        self._roots = waterfall.roots
        self._covered: set[str] | None = None

    def covers(self, call: Node) -> bool:
        """Tell it of one call. The whole trace is gone through when it's first asked."""
        if self._covered is None:
            self._covered = self._go_through()
        return call.id in self._covered

    def _go_through(self) -> set[str]:
        above: dict[str, Node] = {}
        over_segments: set[str] = set()
        over_namesakes: set[str] = set()
        open_calls: dict[str, list[str]] = {}
        stack = [(root, False) for root in self._roots]
        while stack:
            node, is_left = stack.pop()
            if is_left:
                open_calls[node.name].pop()
                continue
            if not node.is_subsegment:
                step = above.get(node.id)
                while step is not None and step.is_subsegment and step.id not in over_segments:
                    over_segments.add(step.id)
                    step = above.get(step.id)
            elif node.document.get("namespace") in CALLS:
                namesakes = open_calls.setdefault(node.name, [])
                over_namesakes.update(namesakes[-1:])
                namesakes.append(node.id)
                stack.append((node, True))
            for child in node.children:
                above[child.id] = node
                stack.append((child, False))
        return over_segments | over_namesakes


def inferred_service(node: Node, nesting: Nesting) -> InferredService | None:
    """Return the service that a subsegment stands for, None where it calls none or what is below tells of it.

    A call that says `traced` waits for the segment of the service called.
    """
    document = node.document
    namespace = document.get("namespace")
    if namespace not in CALLS:
        return None
    for child in node.children:
        if not child.is_subsegment:
            return None
    if node.children and nesting.covers(node):
        return None
    if document.get("traced") is True:
        return None
    http = document.get("http")
    if http is not None and "request" in http and http["request"].get("traced") is True:
        return None
    name, aws = node.name, document.get("aws")
    account_id = aws.get("account_id") if aws is not None else None
    if namespace == "remote":
        kind = SQL_TYPE if "sql" in document else REMOTE_TYPE
    else:
        table = table_name(aws) if aws is not None else None
        if table is not None:
            name, kind = table, TABLE_TYPE
        else:
            kind = aws_type(name)
    return InferredService(node.id.translate(_COMPLEMENT), name, kind, account_id)


def inferred_documents(waterfall: Waterfall) -> list[dict[str, Any]]:
    """Return the segment documents that X-Ray adds to a whole trace for services that sent none.

    Each is the caller's subsegment again as to name, times, outcome, `http` and `aws`, below that subsegment.
    """
    nodes = [node for _, node in waterfall.walk()]
    nesting = Nesting(waterfall)
    trace_id = next((node.document["trace_id"] for node in nodes if "trace_id" in node.document), None)
    found = [(node, inferred_service(node, nesting)) for node in nodes if node.is_subsegment]
    return [
        {
            "id": inferred.id,
            "name": node.name,
            "trace_id": trace_id,
            "parent_id": node.id,
            **{key: node.document[key] for key in _COPIED if key in node.document},
            "inferred": True,
            "origin": inferred.type,
        }
        for node, inferred in found
        if inferred is not None
    ]


def table_name(aws: Mapping[str, Any]) -> str | None:
    """Return the one DynamoDB table of an `aws` block, None where there is none or there are several."""
    name = aws.get("table_name")
    if name is None:
        names = aws.get("table_names")
        name = names[0] if names is not None and len(names) == 1 else None
    return name or None


def aws_type(name: str) -> str:
    """Return the type of an AWS service by the name of the subsegment that called it: `AWS::<service>`."""
    return name if name.startswith(_AWS_PREFIX) else _AWS_PREFIX + _AWS_SPELLING.get(name.lower(), name)
