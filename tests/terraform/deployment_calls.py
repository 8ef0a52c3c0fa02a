"""The units that roles plan and apply, in every phase with the right role's session, authorisation on.

As a program it writes what it saw at the local cloud into scripts/iam/<unit>_calls.json.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localcloud.aws.calls import CALLS_KEPT
from scripts.iam.recording import actions_of
from scripts.iam.unit_calls import ADMINISTRATOR, APPLIED_BY, FOLDER, PHASES, PLAN, UNITS
from scripts.terragrunt.provider import started
from tests.terraform.commands import Tree, stack_types
from tests.terraform.local_aws import LocalAws

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

NAME = "cruddur-local-backend-flask"
ROLE = f"arn:aws:iam::123456789012:role/{NAME}"
IMAGE_PARAMETER = "/cruddur/local/backend-flask/deploy/image"
REPOSITORY = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{NAME}"
# What one stage's units need of each other, the stages before have made.
STAGES = (("network", "registry", "xray", "honeycomb", "logs"), ("service",), ("alarms",))
AT_ONCE = 3
STATE = "s3:"
_FIRST = """\
  alarm_emails = ["ops@example.com"]
  network_endpoints = ["s3", "ssm"]
  tags = { Former = "first" }
"""
# Each value that an update sends by a call of its own; of the tags one goes and one comes.
_CHANGED = """\
  alarm_emails = []
  alarm_latency_seconds = 2
  honeycomb_dataset = "another"
  insights_enabled = true
  logs_retention_days = 60
  network_endpoints = ["s3"]
  network_nat = "zone"
  network_zones = 3
  registry_images_kept = 20
  service_cpu = 1024
  service_memory = 2048
  service_tasks_max = 12
  service_requests_target = 900
  service_ingress_cidrs = ["10.0.0.0/8"]
  tags = { Team = "changed" }
"""
_CHANGED_THERE = (("fixed_rate = 0.1", "fixed_rate = 0.2"),)
# A certificate of its own for the same listener; one that is made anew has no tags to change.
_MOVED = ('"api.example.test"', '"other.example.test"')
_SERVICE = "terraform/backend-app/stacks/service"
# What a stack's next version may change, and no setting.
_CHANGED_STACK = (
    (f"{_SERVICE}/load_balancer.tf", "unhealthy_threshold = 3", "unhealthy_threshold = 4"),
    (f"{_SERVICE}/listener_rules.tf", '"/demo/*"]', '"/demo/*", "/other/*"]'),
    (f"{_SERVICE}/security_groups_tasks.tf", '"Requests from the load balancer"', '"Requests"'),
)


@dataclass
class Deployment:
    """The units in a tree of their own at *aws*, and a session for each, by which its calls are told.

    ``seen`` has actions by unit and phase, ``states`` those on Terraform's states by role.
    """

    aws: LocalAws
    tree: Tree
    sessions: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    seen: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    states: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._env = self.tree.config / "local" / "env.hcl"
        text = self._env.read_text()
        domain = re.search(r'service_domain_name += "[a-z0-9-]+\.([^"]+)"', text)
        assert domain, "the local environment has no service_domain_name"
        made = self.aws.client("route53").create_hosted_zone(Name=domain[1], CallerReference="test")
        line = f'  service_hosted_zone_id = "{made["HostedZone"]["Id"].rpartition("/")[2]}"\n'
        self._plain = text.replace("locals {\n", f"locals {{\n{line}", 1)
        self.set(_FIRST)

    def set(self, more: str, edits: Collection[tuple[str, str]] = ()) -> None:
        """Write further settings into the environment, and others in place of those that it has."""
        text = self._plain
        for old, new in edits:
            assert old in text, f"the local environment has no {old}"
            text = text.replace(old, new)
        self._env.write_text(text.replace("locals {\n", f"locals {{\n{more}", 1))

    def deploy(self, tag: str) -> None:
        """Write the image parameter, as ``make deploy`` does."""
        ssm = self.aws.client("ssm")
        ssm.put_parameter(Name=IMAGE_PARAMETER, Value=f"{REPOSITORY}:{tag}", Overwrite=True)

    def run(self, phase: str, image: str = "", planned: Collection[str] = ()) -> None:
        """Run *phase* of every unit as who applies it, which has to succeed, and note the actions.

        The tag *image* is deployed once there is a registry. While the provider waits for the load balancer,
        the units *planned*, of the first stage, are planned.
        """
        self.aws.state.calls.clear()
        for stage in reversed(STAGES) if phase == "destroy" else STAGES:
            with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
                planning = pool.submit(self.plan, planned if "service" in stage else ())
                list(pool.map(lambda unit: self._run(unit, APPLIED_BY[unit], phase), stage))
                planning.result()
            if image and "registry" in stage:
                self.deploy(image)

    def plan(self, units: Collection[str]) -> None:
        """Plan *units*, one after the other, for all have the same session."""
        for unit in units:
            self._run(unit, PLAN, PLAN)

    def change(self, unit: str) -> None:
        """Apply *unit* alone."""
        self._run(unit, APPLIED_BY[unit], "change")

    def _run(self, unit: str, role: str, phase: str) -> None:
        before = len(self._calls(unit, role))
        _succeed(self.tree.with_variables(**self.sessions[role, unit]), unit, phase)
        key = self.sessions[role, unit]["AWS_ACCESS_KEY_ID"]
        own = actions_of(self._calls(unit, role)[before:], key)
        assert own, f"{phase} {unit}: nothing was called as {role}"
        of_states = {action for action in own if action.startswith(STATE)}
        self.states.setdefault(role, set()).update(of_states)
        self.seen.setdefault(unit, {}).setdefault(phase, set()).update(own - of_states)

    def _calls(self, unit: str, role: str) -> list[dict[str, Any]]:
        """Return the session's calls of this phase."""
        calls = self.aws.state.calls.as_documents()
        assert len(calls) < CALLS_KEPT, f"{unit} as {role}: the first calls were forgotten"
        key = self.sessions[role, unit]["AWS_ACCESS_KEY_ID"]
        return [call for call in calls if call["access_key"] == key]


def _succeed(tree: Tree, unit: str, phase: str) -> None:
    command = {PLAN: ("plan",), "destroy": ("destroy", "-auto-approve")}
    words = command.get(phase, ("apply", "-auto-approve"))
    bootstrap = ("--backend-bootstrap",) if phase == "apply" else ()
    done = tree.terragrunt(f"local/{unit}", "run", *bootstrap, "--", *words)
    assert done.code == 0, f"{phase} {unit}: {done.text}"


def begin(aws: LocalAws, role: str) -> dict[str, str]:
    """Return the credentials of a session of *role* as variables."""
    given = aws.client("sts").assume_role(RoleArn=f"{ROLE}-{role}", RoleSessionName="test")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


@contextmanager
def deployment(aws: LocalAws, folder: Path, administrators: Collection[str]) -> Iterator[Deployment]:
    """Yield the units at an empty *aws* with a session of each role, and authorisation on.

    Unit access is applied with the local cloud's own key. *administrators* are the actions of a role that
    stands for the person who applies network. Each session has one provider process for all of its runs.
    """
    aws.reset()
    variables = {"AWS_ENDPOINT_URL": aws.endpoint, "HONEYCOMB_API_ENDPOINT": "http://127.0.0.1:9"}
    tree = Tree.copy(folder).with_variables(**variables)
    begun = Deployment(aws, tree)
    _succeed(tree, "access", "apply")
    _administrator(aws.client("iam"), administrators)
    with ExitStack() as running:

        def session(role: str) -> dict[str, str]:
            keys = begin(aws, role)
            provider = running.enter_context(started({**tree.environment, **keys}))
            return keys | (provider.variables(stack_types()) if provider else {})

        planning = session(PLAN)
        for unit, role in APPLIED_BY.items():
            begun.sessions[role, unit] = session(role)
            begun.sessions[PLAN, unit] = planning
        aws.state.authorise = True
        try:
            yield begun
        finally:
            aws.state.authorise = False


def _administrator(iam: Any, actions: Collection[str]) -> None:
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    name = f"{NAME}-{ADMINISTRATOR}"
    nobody = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=nobody)
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName=ADMINISTRATOR, PolicyDocument=document)


def play(begun: Deployment) -> None:
    """Run every phase of every unit, in their order and back."""
    first, *others = STAGES
    begun.run("apply", "first", planned=first)
    begun.plan([unit for stage in others for unit in stage])
    begun.set(_CHANGED, _CHANGED_THERE)
    for file, old, new in _CHANGED_STACK:
        begun.tree.edit(file, old, new)
    begun.run("change", "second")
    begun.set(_CHANGED, (*_CHANGED_THERE, _MOVED))
    begun.change("service")
    begun.run("destroy")


def write(seen: Mapping[str, Mapping[str, set[str]]]) -> None:
    """Write the actions into the lists; of the further ones those stay that were not seen."""
    for unit in UNITS:
        file = FOLDER / f"{unit}_calls.json"
        document: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"further": {}}
        all_seen = set().union(*seen[unit].values())
        further = {action: why for action, why in document["further"].items() if action not in all_seen}
        document = {**{phase: sorted(seen[unit][phase]) for phase in PHASES}, "further": further}
        file.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    with (
        LocalAws() as running_aws,
        tempfile.TemporaryDirectory() as place,
        deployment(running_aws, Path(place), ["*"]) as of_all,
    ):
        play(of_all)
        write(of_all.seen)
    sys.exit(0)
