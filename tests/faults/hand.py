"""What people do by hand: with the console, `aws`, an editor or a terminal. It is all undone afterwards."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from scripts.environment import Environment
from scripts.verify import expected
from tests.end_to_end.backend import until
from tests.faults.between import ALWAYS, between
from tests.faults.serving import serving
from tests.faults.world import NAME, PATH
from tests.scripts.verify.daemons import daemon
from xray.sampling import DEFAULT_RULE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    from tests.faults.between import Answer
    from tests.faults.world import World

RECORDED_PLANS = Path(__file__).parents[1] / "scripts" / "check" / "data"
KEY_NAME = f"{PATH}/honeycomb/api-key"
_ONE_LINE = r"^  {name}\s*=[^\n{{]*\n"
_BLOCK = r"^  {name}\s*=\s*\{{\n(?:.*\n)*?  \}}\n"
_RULE = {
    "ResourceARN": "*",
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
}


class Hand:
    """One person's work on a world. *undoing* is closed before the cloud itself is put back."""

    def __init__(self, world: World, undoing: ExitStack) -> None:
        self.world = world
        self._undoing = undoing
        self.ssm, self.xray, self.logs = (world.client(name) for name in ("ssm", "xray", "logs"))

    def asks(self, **settings: object) -> Hand:
        """Write these settings into env.hcl, in place of those it has."""
        file = self.world.config / self.world.environment / "env.hcl"
        text = file.read_text()
        for name in settings:
            text = re.sub(_BLOCK.format(name=name), "", text, flags=re.MULTILINE)
            text = re.sub(_ONE_LINE.format(name=name), "", text, flags=re.MULTILINE)
        lines = "".join(f"  {name} = {json.dumps(value)}\n" for name, value in settings.items())
        self.writes(file, f"{text.rstrip().removesuffix('}')}{lines}}}\n")
        return self

    def asks_key_version(self, number: int) -> Hand:
        """Raise the number of the key's version, as `make rotate-honeycomb-key` does."""
        file = self.world.config / "local" / "honeycomb-key" / "terragrunt.hcl"
        self.writes(file, re.sub(r"key_version(\s*)= \d+", rf"key_version\1= {number}", file.read_text()))
        return self

    def writes(self, file: Path, text: str) -> None:
        """Write a file; what it held comes back."""
        self._undoing.callback(file.write_text, file.read_text())
        file.write_text(text)

    def applies(self) -> Hand:
        """Have AWS hold what the configuration asks for now, as Terraform would; the key stays."""
        units = self.world.units()
        asked = expected.xray(units["xray"])
        self._apply_group(asked.group)
        self._apply_rules(asked.rules)
        if asked.encryption is not None:
            key = {"KeyId": asked.encryption.key_id} if asked.encryption.key_id else {}
            self.encrypts(Type=asked.encryption.type, **key)
        group = expected.log_group(units["logs"])
        values = {**expected.parameters(units["honeycomb"]).values, group.parameter: group.name}
        there = {
            one["Name"]: one["Value"]
            for one in self.ssm.get_parameters_by_path(Path=PATH, Recursive=True)["Parameters"]
        }
        for name, value in values.items():
            if there.get(name) != value:
                self.ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
        self._apply_log_group(group)
        return self

    def _apply_group(self, group: expected.Group) -> None:
        values = {
            "FilterExpression": group.filter_expression,
            "InsightsConfiguration": {
                "InsightsEnabled": group.insights_enabled,
                "NotificationsEnabled": group.notifications_enabled,
            },
        }
        there = [one["GroupName"] for one in self.xray.get_groups()["Groups"]]
        change = self.xray.update_group if group.name in there else self.xray.create_group
        change(GroupName=group.name, **values)

    def _apply_rules(self, rules: Mapping[str, Mapping[str, Any]]) -> None:
        for record in self.xray.get_sampling_rules()["SamplingRuleRecords"]:
            name = record["SamplingRule"]["RuleName"]
            there, asked = record["SamplingRule"], rules.get(name, {"RuleName": None})
            if name != DEFAULT_RULE_NAME and any(there.get(member) != asked[member] for member in asked):
                self.xray.delete_sampling_rule(RuleName=name)
        there = {
            one["SamplingRule"]["RuleName"] for one in self.xray.get_sampling_rules()["SamplingRuleRecords"]
        }
        for name in rules.keys() - there:
            self.xray.create_sampling_rule(SamplingRule={"RuleName": name, **rules[name]})

    def _apply_log_group(self, group: expected.LogGroup) -> None:
        found = self.logs.describe_log_groups(logGroupNamePrefix=group.name)["logGroups"]
        if not found or found[0].get("kmsKeyId") != group.kms_key_id:
            self.remakes_log_group(**({"kmsKeyId": group.kms_key_id} if group.kms_key_id else {}))
        self.logs.put_retention_policy(logGroupName=group.name, retentionInDays=group.retention_days)

    def encrypts(self, **setting: str) -> Hand:
        """Set X-Ray's encryption, and wait until it holds, as Terraform does."""
        self.xray.put_encryption_config(**setting)
        until(
            lambda: self.xray.get_encryption_config()["EncryptionConfig"]["Status"],
            lambda status: status == "ACTIVE",
        )
        return self

    def adds_rule(self, name: str, **members: object) -> Hand:
        """Make a rule for all requests but where *members*, by X-Ray's names, say otherwise."""
        rule = {"RuleName": name, "Priority": 1, "FixedRate": 0.5, "ReservoirSize": 1, **_RULE, **members}
        self.xray.create_sampling_rule(SamplingRule=rule)
        return self

    def changes_rule(self, name: str, **members: object) -> Hand:
        """Change a rule."""
        self.xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": name, **members})
        return self

    def removes_rule(self, name: str) -> Hand:
        """Delete a rule."""
        self.xray.delete_sampling_rule(RuleName=name)
        return self

    def changes_group(self, **members: object) -> Hand:
        """Change the group."""
        self.xray.update_group(GroupName=NAME, **members)
        return self

    def puts(self, below: str, value: str, kind: str = "String", **more: object) -> Hand:
        """Write a parameter below the path; one of another type has to go first."""
        name = f"{PATH}/{below}"
        there = {one["Name"]: one["Type"] for one in self.ssm.get_parameters(Names=[name])["Parameters"]}
        if there.get(name, kind) != kind:
            self.ssm.delete_parameter(Name=name)
        self.ssm.put_parameter(Name=name, Value=value, Type=kind, Overwrite=True, **more)
        return self

    def removes(self, below: str) -> Hand:
        """Delete a parameter below the path."""
        self.ssm.delete_parameter(Name=f"{PATH}/{below}")
        return self

    def puts_key(self, value: str, *, version: int = 1, kind: str = "SecureString", **more: object) -> Hand:
        """Write the key's parameter, described as Terraform does it; none of its history stays."""
        self.ssm.delete_parameters(Names=[KEY_NAME])
        description = f"Honeycomb API key, version {version}"
        return self.puts("honeycomb/api-key", value, kind, Description=description, **more)

    def makes_key(self, kind: str, **document: object) -> str:
        """Make a key at Honeycomb and return it."""
        url = f"{self.world.addresses['HONEYCOMB_API_ENDPOINT']}/_localcloud/keys"
        made = requests.post(url, json={"type": kind, **document}, timeout=10)
        made.raise_for_status()
        self._undoing.callback(lambda: requests.delete(f"{url}/{made.json()['id']}", timeout=10))
        return str(made.json()["key"])

    def remakes_log_group(self, **members: object) -> Hand:
        """Delete the log group, and make one of its name anew."""
        if self.logs.describe_log_groups(logGroupNamePrefix=PATH)["logGroups"]:
            self.logs.delete_log_group(logGroupName=PATH)
        self.logs.create_log_group(logGroupName=PATH, **members)
        return self

    def breaks_honeycomb(self, **fault: object) -> Hand:
        """Have the local Honeycomb answer its API otherwise, until it is mended."""
        url = f"{self.world.addresses['HONEYCOMB_API_ENDPOINT']}/_localcloud/faults"
        self._undoing.callback(lambda: requests.delete(url, timeout=10).raise_for_status())
        requests.put(url, json={"path": "/1/auth", **fault}, timeout=10).raise_for_status()
        return self

    def exports(self, **variables: str) -> Hand:
        """Set variables in `.local/env`, which is where the local environment has its AWS settings from."""
        text = (self.world.local / "env").read_text()
        for name, value in variables.items():
            text = re.sub(rf"^export {name}=.*\n", "", text, flags=re.MULTILINE)
            text += f"export {name}={value!r}\n" if value else ""
        self.writes(self.world.local / "env", text)
        return self

    def sets(self, **variables: str) -> Hand:
        """Export variables that the local environment leaves as they are."""
        self._undoing.callback(self.world.variables.clear)
        self.world.variables.update(variables)
        return self

    def gives(self, *options: str) -> Hand:
        """Give the command these options."""
        self._undoing.callback(self.world.options.clear)
        self.world.options.extend(options)
        return self

    def plans(self, recorded: str, edit: Callable[[Any], object]) -> Hand:
        """Give the plan that Terraform printed under this name, with what *edit* does to it."""
        document = json.loads((RECORDED_PLANS / f"{recorded}.json").read_text())
        edit(document)
        return self.gives_plan(json.dumps(document).encode())

    def gives_plan(self, content: bytes) -> Hand:
        """Give a plan's file of this content."""
        file = self.world.local / "plan.json"
        file.write_bytes(content)
        self._undoing.callback(file.unlink)
        return self.gives("--plan", str(file))

    def serves(self, **variables: str) -> Hand:
        """Run another backend, and give its address."""
        folder = self.world.local / "backend"
        backend = self._undoing.enter_context(serving(self.world, folder, **variables))
        return self.gives("--backend", backend.url(""))

    def tells_of_a_worker(self, edit: Callable[[dict[str, Any]], object]) -> Hand:
        """Have the log tell of one more worker: what a real one loaded, with what *edit* does to it."""
        events = self.logs.filter_log_events(logGroupName=PATH, filterPattern='"tracing.loaded"')["events"]
        line = json.loads(events[0]["message"])
        edit(line["loaded"])
        stream = {"logGroupName": PATH, "logStreamName": "one-more"}
        self.logs.create_log_stream(**stream)
        self._undoing.callback(self.logs.delete_log_stream, **stream)
        event = {"timestamp": int(time.time() * 1000), "message": json.dumps(line)}
        self.logs.put_log_events(**stream, logEvents=[event])
        return self

    def copies_parameters(self, path: str) -> Hand:
        """Write all parameters once more, below another path."""
        found = self.ssm.get_parameters_by_path(Path=PATH, Recursive=True, WithDecryption=True)["Parameters"]
        for one in found:
            name = f"{path}{one['Name'].removeprefix(PATH)}"
            self.ssm.put_parameter(Name=name, Value=one["Value"], Type=one["Type"])
        return self

    def turns_to(self, environment: str, **variables: str) -> Hand:
        """Work on another environment, to which these variables lead."""
        self._undoing.callback(setattr, self.world, "environment", self.world.environment)
        self.world.environment = environment
        return self.sets(**{name: value for name, value in variables.items() if value})

    def stands_before(self, upstream: str, answers: Mapping[str, Answer], times: int = ALWAYS) -> str:
        """Run what gives *answers* of its own, by operation, and passes all else on; return its address."""
        return self._undoing.enter_context(between(upstream, answers, times))

    def is_behind(self, answers: Mapping[str, Answer], times: int = ALWAYS) -> Hand:
        """Reach AWS through something that gives *answers* of its own, by operation."""
        upstream = self.world.addresses["AWS_ENDPOINT_URL"]
        return self.exports(AWS_ENDPOINT_URL=self.stands_before(upstream, answers, times))

    def runs_daemon(self, **settings: str) -> Hand:
        """Run another X-Ray daemon, and send to that one."""
        opened = Environment("local", self.world.addresses)
        return self.exports(AWS_XRAY_DAEMON_ADDRESS=self._undoing.enter_context(daemon(opened, **settings)))

    def makes_kms_key(self) -> str:
        """Make a KMS key and return its ARN."""
        kms = self.world.client("kms")
        made = kms.create_key()["KeyMetadata"]
        self._undoing.callback(kms.schedule_key_deletion, KeyId=made["KeyId"], PendingWindowInDays=7)
        return str(made["Arn"])

    def may_all_but(self, *actions: str) -> Hand:
        """Use credentials of a user who may do everything but *actions*; policies are looked at."""
        iam, name = self.world.client("iam"), "operator"
        deny = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [allow, deny]}
        iam.create_user(UserName=name)
        self._undoing.callback(iam.delete_user, UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=json.dumps(document))
        self._undoing.callback(iam.delete_user_policy, UserName=name, PolicyName="rights")
        pair = iam.create_access_key(UserName=name)["AccessKey"]
        self._undoing.callback(iam.delete_access_key, UserName=name, AccessKeyId=pair["AccessKeyId"])
        self.checks_policies()
        return self.exports(
            AWS_ACCESS_KEY_ID=pair["AccessKeyId"], AWS_SECRET_ACCESS_KEY=pair["SecretAccessKey"]
        )

    def checks_policies(self) -> None:
        """Have AWS look at policies, as the real one always does."""
        url = f"{self.world.addresses['AWS_ENDPOINT_URL']}/_localcloud/authorisation"
        requests.put(url, json={"enabled": True}, timeout=10).raise_for_status()
        self._undoing.callback(
            lambda: requests.put(url, json={"enabled": False}, timeout=10).raise_for_status()
        )
