"""Finds the answer to one of X-Ray's operations."""

from collections.abc import Callable

from localcloud.aws.xray.answers.base import Parameters, Result
from localcloud.aws.xray.answers.destination import DestinationAnswers
from localcloud.aws.xray.answers.graphs import GraphAnswers
from localcloud.aws.xray.answers.groups import GroupAnswers
from localcloud.aws.xray.answers.indexing import IndexingAnswers
from localcloud.aws.xray.answers.insights import InsightAnswers
from localcloud.aws.xray.answers.retrieval import RetrievalAnswers
from localcloud.aws.xray.answers.sampling import SamplingAnswers
from localcloud.aws.xray.answers.settings import SettingsAnswers
from localcloud.aws.xray.answers.tags import TagAnswers
from localcloud.aws.xray.answers.traces import TraceAnswers
from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.models import XRayBackend, xray_backends
from localcloud.aws.xray.operations import Operation
from localcloud.aws.xray.validation import validate


class UnknownRegionError(Exception):
    """X-Ray isn't in that region."""


def find_backend(account_id: str, region: str) -> XRayBackend:
    """Return what an account has in a region.

    Raises:
        UnknownRegionError: there is no such region.
    """
    try:
        backend: XRayBackend = xray_backends[account_id][region]
    except KeyError as error:
        raise UnknownRegionError(region) from error
    return backend


class XRayResponse(
    DestinationAnswers,
    GraphAnswers,
    GroupAnswers,
    IndexingAnswers,
    InsightAnswers,
    RetrievalAnswers,
    SamplingAnswers,
    SettingsAnswers,
    TagAnswers,
    TraceAnswers,
):
    """Every operation that is answered, by method name."""

    @classmethod
    def take_segments(cls, texts: list[str], account_id: str, region: str) -> Result:
        """Answer PutTraceSegments whose documents' texts are known to be strings.

        Raises:
            UnknownRegionError: there is no such region.
        """
        return cls(find_backend(account_id, region)).put_trace_segments({"TraceSegmentDocuments": texts})

    @classmethod
    def dispatch(cls, operation: Operation, body: object, account_id: str, region: str) -> Result:
        """Answer one call; `body` is what came out of the JSON parser.

        Raises:
            XRayError: what the caller gets instead.
            UnknownRegionError: there is no such region.
        """
        parameters = validate(operation.input_shape, body)
        response = cls(find_backend(account_id, region))
        answer: Callable[[Parameters], Result] | None = getattr(response, operation.method, None)
        if answer is None:
            raise InvalidRequestError(f"{operation.name} isn't available in the local cloud")
        return answer(parameters)
