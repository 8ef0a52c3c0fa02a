"""X-Ray's state, one backend for each account and region."""

import time
from collections.abc import Callable

from moto.core.base_backend import BackendDict, BaseBackend

from localcloud.aws.kms_keys import find_key_arn
from localcloud.aws.xray.arns import Place
from localcloud.aws.xray.destination import SegmentDestination
from localcloud.aws.xray.encryption import EncryptionConfig
from localcloud.aws.xray.groups import Groups
from localcloud.aws.xray.indexing import IndexingRules
from localcloud.aws.xray.policies import ResourcePolicies
from localcloud.aws.xray.retrieval import Retrievals
from localcloud.aws.xray.rules import SamplingRules
from localcloud.aws.xray.statistics import SamplingStatistics
from localcloud.aws.xray.tags import Tags
from localcloud.aws.xray.targets import SamplingTargets
from localcloud.aws.xray.telemetry import TelemetryRecords
from localcloud.aws.xray.traces import TraceStore


class XRayBackend(BaseBackend):  # type: ignore[misc] # moto is untyped
    """What one account has in one region. `clock` tells epoch seconds."""

    def __init__(self, region_name: str, account_id: str, clock: Callable[[], float] = time.time) -> None:
        super().__init__(region_name, account_id)
        self.clock = clock
        self.place = Place(self.partition, region_name, account_id)
        self.groups = Groups(self.place, clock)
        self.rules = SamplingRules(self.place, clock)
        self.statistics = SamplingStatistics()
        self.targets = SamplingTargets(self.rules, self.statistics, clock)
        self.tags = Tags(self._exists)
        self.encryption = EncryptionConfig(clock, self._find_key_arn)
        self.policies = ResourcePolicies(clock)
        self.indexing = IndexingRules(clock)
        self.destination = SegmentDestination(clock, self._find_key_arn)
        self.retrievals = Retrievals(clock)
        self.telemetry = TelemetryRecords()
        self.traces = TraceStore(f"{account_id}/{region_name}", account_id, clock=clock)

    def _find_key_arn(self, key_id: str) -> str | None:
        return find_key_arn(self.account_id, self.region_name, self.partition, key_id)

    def _exists(self, arn: str) -> bool:
        return any(arn == group.arn for group in self.groups.all()) or any(
            arn == record.arn for record in self.rules.all()
        )


xray_backends = BackendDict(XRayBackend, "xray")
