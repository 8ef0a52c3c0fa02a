"""A checkout whose local cloud has the backend deployed, for the tests of deployments."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import requests

from scripts.deploy.locks import FREE
from tests.end_to_end.checkout import Checkout
from tests.end_to_end.processes import end_all, kill_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

COMMAND_TIMEOUT_SECONDS = 900
ACCOUNT = "123456789012"
CLUSTER, NAME = "cruddur-local", "cruddur-local-backend-flask"
PARAMETER = "/cruddur/local/backend-flask/deploy/image"
REPOSITORY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{NAME}"
BUCKET = f"cruddur-local-terraform-state-{ACCOUNT}"
UNITS = 9
ROLLING_SECONDS = 0.3
"""Below the local cloud's time from a deployment to its first tasks."""
ONLY = "--only-deployment"
"""The deployment's own units alone: where a test is not about the others, they need no time."""
HELD = "terraform_data.held (local-exec): "
"""What an apply that is held says then."""
# Made anew, and so run, whenever the service has another task definition.
_HELD = """\
resource "terraform_data" "held" {{
  triggers_replace = aws_ecs_service.this[*].task_definition

  provisioner "local-exec" {{
    command = "until test -e '{over}'; do sleep 0.2; done"
  }}
}}
"""


@dataclass
class Place:
    """A checkout whose local cloud runs, and the port that the deployed backend is to have."""

    checkout: Checkout
    port: int
    said: str = ""
    """What the first deployment printed."""
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    """What ``start`` started, in the order."""

    def run(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return self.checkout.run(*arguments, environment=environment, timeout=COMMAND_TIMEOUT_SECONDS)

    def succeed(self, *arguments: str) -> str:
        """Run a command that has to end with 0; return what it printed."""
        finished = self.run(*arguments)
        text = finished.stdout + finished.stderr
        assert finished.returncode == 0, text
        assert "Traceback" not in text
        return text

    def make(self, *words: str) -> str:
        """Run make, which has to end with 0; return what it printed."""
        finished = subprocess.run(
            ["make", *words],
            cwd=self.checkout.root,
            env=self.checkout.child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=COMMAND_TIMEOUT_SECONDS,
        )
        assert finished.returncode == 0, finished.stdout
        return finished.stdout

    def deploy(self, *arguments: str) -> str:
        """Deploy, which has to succeed."""
        return self.succeed("deploy", "--port", str(self.port), *arguments)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a deployment and return it as it runs; where a test leaves it, ``end`` ends it."""
        self.started.append(self.checkout.start("deploy", "--port", str(self.port), *arguments))
        return self.started[-1]

    def end(self) -> None:
        """End every deployment that still runs, then the local cloud, then what killed ones have left."""
        for running in self.started:
            kill_all(running)
        try:
            self.checkout.succeed("local-down")
        finally:
            end_all(self.checkout.root)

    @contextmanager
    def held_apply(self) -> Iterator[None]:
        """Have an apply that changes the service say HELD then, and go on only with the block's end.

        Its state is locked meanwhile. The next deployment takes what holds it out of the state again.
        """
        resource = self.checkout.root / "terraform" / "backend-app" / "stacks" / "service" / "held.tf"
        over = self.checkout.root / ".local" / "held-apply-is-over"
        over.unlink(missing_ok=True)
        resource.write_text(_HELD.format(over=over))
        try:
            yield
        finally:
            over.touch()
            resource.unlink()

    def require_no_change(self) -> None:
        """Fail, with the plan, where a plan of any unit shows a change."""
        text = self.succeed("plan", "--unit", "all")
        assert text.count("No changes.") == UNITS, text

    def content_tag(self) -> str:
        """Return the tag of the checkout's image."""
        program = "from scripts.deploy.images import content_tag; print(content_tag())"
        python = self.checkout.root / ".venv" / "bin" / "python"
        return subprocess.check_output([python, "-c", program], cwd=self.checkout.root, text=True).strip()

    def change(self) -> None:
        """Change the backend's files, and so the image that the checkout stands for, to one that is new."""
        code = self.checkout.root / "backend-flask" / "version.py"
        code.write_text(f"{code.read_text()}\n# another content: {uuid.uuid4()}\n")

    def make_unhealthy(self, *images: str) -> None:
        """Have the tasks of these images, and of no others, never get healthy."""
        address = f"{self.checkout.addresses()['AWS_ENDPOINT_URL']}/_localcloud/unhealthy"
        answer = requests.put(address, json={"images": images}, timeout=10)
        assert answer.ok, answer.text

    def client(self, service: str) -> Any:
        """Return a client of the local cloud."""
        addresses = self.checkout.addresses()
        session: Any = boto3.Session(
            addresses["AWS_ACCESS_KEY_ID"], addresses["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
        )
        return session.client(service, endpoint_url=addresses["AWS_ENDPOINT_URL"])

    def process(self) -> dict[str, Any]:
        """Return what is noted of the deployed backend's process."""
        found: dict[str, Any] = json.loads((self.checkout.root / ".local" / "deployed.json").read_text())
        return found

    def service(self) -> dict[str, Any]:
        """Return the service as ECS tells of it."""
        [found] = self.client("ecs").describe_services(cluster=CLUSTER, services=[NAME])["services"]
        return dict(found)

    def wait_until_given_up(self) -> None:
        """Return once ECS has given the service's newest deployment up."""
        while "FAILED" not in {one["rolloutState"] for one in self.service()["deployments"]}:
            time.sleep(ROLLING_SECONDS)

    def definition(self) -> str:
        """Return the task definition that ECS serves with, all its tasks running."""
        service = self.service()
        [primary] = [one for one in service["deployments"] if one["status"] == "PRIMARY"]
        assert (primary["rolloutState"], service["runningCount"]) == ("COMPLETED", service["desiredCount"])
        return str(primary["taskDefinition"])

    def serving(self) -> str:
        """Return the image that ECS serves with."""
        found = self.client("ecs").describe_task_definition(taskDefinition=self.definition())
        containers = found["taskDefinition"]["containerDefinitions"]
        return next(str(one["image"]) for one in containers if one["name"] == "backend")

    @contextmanager
    def kept_rolling(self) -> Iterator[None]:
        """Have the service's deployment begin anew again and again: none completes while the block runs."""
        ecs, over = self.client("ecs"), threading.Event()

        def keep() -> None:
            while not over.wait(ROLLING_SECONDS):
                try:
                    ecs.update_service(cluster=CLUSTER, service=NAME, forceNewDeployment=True)
                except (ecs.exceptions.ServiceNotFoundException, ecs.exceptions.ServiceNotActiveException):
                    return

        thread = threading.Thread(target=keep)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def parameter(self) -> str:
        """Return the image parameter's value."""
        return str(self.client("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"])

    def locks(self) -> list[str]:
        """Return the keys of all locks that somebody holds: the states', and the deployment's."""
        s3 = self.client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        return [
            key
            for key in keys
            if key.endswith(".tflock")
            or (key.endswith(".deployment") and s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() != FREE)
        ]

    def free_states(self) -> int:
        """Free the states' locks, which nobody gives back any more; return how many there were."""
        s3 = self.client("s3")
        keys = [key for key in self.locks() if key.endswith(".tflock")]
        for key in keys:
            lock = json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
            self.succeed("unlock", "--lock", lock["ID"])
        return len(keys)

    def require_gone_back(self, lines: list[str], tag: str, why: str, serves: str) -> None:
        """Fail where *lines* don't say why *tag* failed and what serves, or it doesn't."""
        [said] = [line for line in lines if line.startswith(f"deploy local: {tag} did not")]
        assert why in said
        assert f"{serves.rpartition(':')[2]} still serves" in said
        assert (self.parameter(), self.serving()) == (serves, serves)
        assert requests.get(f"http://127.0.0.1:{self.port}/health", timeout=10).ok
        assert self.locks() == []
        assert "No changes." in self.succeed("plan", "--unit", "service")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cloned(folder: Path) -> Iterator[Place]:
    """Give a fresh checkout; what is started in it, the local cloud too, ends with the block."""
    place = Place(Checkout.copy_to(folder), free_port())
    try:
        yield place
    finally:
        place.end()
