"""The roles of unit access: do their policies, as AWS has them, allow what they have to, and nothing wider.

Made only where the unit is applied, which its state tells: who gives the backend its rights otherwise has
nothing here to look at. Service control policies and session policies are not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from scripts.iam import backend_calls
from scripts.iam.evaluation import Call, Verdict
from scripts.iam.excess import excess
from scripts.iam.policies import PolicyError
from scripts.verify import expected
from scripts.verify.applied_roles import TASK, UNIT, AppliedRole, applied_roles, normal
from scripts.verify.check import Result, Status, failed, passed
from scripts.verify.engine import guarded
from scripts.verify.role_policies import policies_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.aws import Clients
    from scripts.terragrunt.render import Unit
    from scripts.verify.engine import Part
    from scripts.verify.role_policies import RolePolicies

TRACING_UNITS = ("xray", "honeycomb-key", "logs")
WITHOUT_KEY = ("plan", "apply", "deploy")
# By the ending of a role's name. What the others may do is much: it has to be what the stack gave them.
_AS_APPLIED = "trusts as applied; has the policies that were applied, and no others"
_EXPECTED = {
    TASK: "trusts as applied; allows the calls that the backend makes, and nothing wider",
    **dict.fromkeys(WITHOUT_KEY, f"{_AS_APPLIED}; can't read the Honeycomb key"),
}
_READING_ONE = ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory")
_READING_PATH = "ssm:GetParametersByPath"
_SHOWN_AT_MOST = 5


def parts(environment_name: str, units: Mapping[str, Unit], clients: Clients) -> list[Part]:
    """Return the part that looks at the roles, and skips them without the *units* that say what is called."""
    unit = next(iter(units.values()))
    name = unit.target.parameter_path.strip("/").replace("/", "-")
    command = f"ENV={environment_name} UNIT={UNIT}`"
    missing = [tracing for tracing in TRACING_UNITS if tracing not in units]

    def work() -> list[Result]:
        results: list[Result] = []
        for kind, role in applied_roles(unit).items():
            if missing:
                results.append(_skipped(kind, role, missing, f"run `make plan {command}"))
                continue
            check = _RoleCheck(kind, role, units, clients, f"run `make apply {command}")
            results += guarded({check.id: check.expected}, check.results, local=environment_name == "local")
        return results

    return [({f"iam.{name}-{TASK}": _EXPECTED[TASK]}, work)]


def _skipped(kind: str, role: AppliedRole, missing: Sequence[str], remedy: str) -> Result:
    actual = f"not looked at: there is no unit {', '.join(missing)} to say what the backend calls"
    return Result(f"iam.{role.name}", Status.SKIP, _expected(kind), actual, remedy)


def _expected(kind: str) -> str:
    return _EXPECTED.get(kind, _AS_APPLIED)


class _RoleCheck:
    """The check of one role."""

    def __init__(
        self, kind: str, role: AppliedRole, units: Mapping[str, Unit], clients: Clients, apply: str
    ) -> None:
        self.id = f"iam.{role.name}"
        self.expected = _expected(kind)
        self._kind, self._role, self._remedy = kind, role, apply
        self._client = clients.iam()
        self._calls = backend_calls.at(_place(role, units))
        self._key = expected.key(units["honeycomb-key"]).name

    def results(self) -> list[Result]:
        """Return whether the role is as it should be. Raises what IAM's calls raise."""
        return [self._result()]

    def _result(self) -> Result:
        try:
            policies = policies_of(self._client, self._role.name)
        except ClientError as error:
            if error.response["Error"].get("Code") != "NoSuchEntity":
                raise
            return self._failed("no such role, or a policy of it is gone")
        except PolicyError as error:
            return self._failed(f"can't be told: {error}")
        found = self._problems(policies)
        if found:
            return self._failed("; ".join(found))
        return passed(self.id, self.expected, self.expected)

    def _failed(self, actual: str) -> Result:
        return failed(self.id, self.expected, actual, self._remedy)

    def _problems(self, policies: RolePolicies) -> list[str]:
        found = (
            [] if normal(policies.trust) == normal(self._role.trust) else ["trusts others than was applied"]
        )
        if self._kind == TASK:
            return found + call_problems(policies, self._calls)
        found += _differences(policies, self._role)
        if self._kind in WITHOUT_KEY:
            found += self._key_problems(policies)
        return found

    def _key_problems(self, policies: RolePolicies) -> list[str]:
        """Return what lets the role read the key; what isn't known to be refused counts as a way."""
        asked = _ways_to(self._key, self._calls[0])
        open_ways = [call for call in asked if policies.verdict(call) in {Verdict.ALLOWED, Verdict.UNKNOWN}]
        return [f"may read the key: {_listed([str(call) for call in open_ways])}"] if open_ways else []


def _differences(policies: RolePolicies, role: AppliedRole) -> list[str]:
    """Return, each as a few words, in what *policies* are others than were applied."""
    both = sorted(policies.inline.keys() & role.inline.keys())
    changed = [name for name in both if normal(policies.inline[name]) != normal(role.inline[name])]
    by_problem = {
        "not as applied: inline policy": changed,
        "missing: inline policy": sorted(role.inline.keys() - policies.inline.keys()),
        "not applied: inline policy": sorted(policies.inline.keys() - role.inline.keys()),
        "not applied: attached policy": [arn.rpartition("/")[2] for arn in policies.attached],
    }
    return [f"{problem} {_listed(names)}" for problem, names in by_problem.items() if names]


def call_problems(policies: RolePolicies, calls: Sequence[Call]) -> list[str]:
    """Return, each as a few words, which of *calls* aren't allowed or can't be told, and what is wider."""
    by_verdict: dict[Verdict, list[str]] = {}
    for call in calls:
        verdict = policies.verdict(call)
        if verdict is not Verdict.ALLOWED:
            by_verdict.setdefault(verdict, []).append(str(call))
    found = [f"{verdict.value}: {_listed(texts)}" for verdict, texts in by_verdict.items()]
    wider = excess(policies.statements, calls)
    return found + ([f"wider: {_listed(wider)}"] if wider else [])


def _ways_to(name: str, by_path: Call) -> list[Call]:
    """Return the calls that give the parameter *name*: by its name, and by each path above it.

    *by_path* is the backend's own call, which has the ARN of a path in this region and account.
    """
    root = f"{by_path.resource.partition(':parameter')[0]}:parameter"
    above = [name.rsplit("/", number)[0] or "/" for number in range(1, name.count("/") + 1)]
    return [
        *(Call(action, f"{root}{name}", by_path.context) for action in _READING_ONE),
        *(Call(_READING_PATH, f"{root}{path}", by_path.context) for path in above),
    ]


def _place(role: AppliedRole, units: Mapping[str, Unit]) -> backend_calls.Place:
    key = expected.key(units["honeycomb-key"])
    target = units["xray"].target
    return backend_calls.Place(
        partition=role.arn.split(":")[1],
        region=target.region,
        account_id=target.account_id,
        parameter_path=target.parameter_path,
        group_name=expected.xray(units["xray"]).group.name,
        log_group=expected.log_group(units["logs"]).name,
        kms_key=None if key.kms_key_id == expected.SSM_KEY_ALIAS else key.kms_key_id,
    )


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - _SHOWN_AT_MOST
    return ", ".join(texts[:_SHOWN_AT_MOST]) + (f" and {more} more" if more > 0 else "")
