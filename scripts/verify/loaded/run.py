"""The three ways, asked for by the operator: who is heard, the checks, and the table's rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.aws import FAILURES
from scripts.errors import explain
from scripts.verify import expected
from scripts.verify.engine import UNEXPECTED_FORM, guarded
from scripts.verify.loaded import checks, host, log_events, parameters
from scripts.verify.loaded.heard import Heard, HearingError
from scripts.verify.loaded.rows import group_rows, rule_rows
from scripts.verify.loaded.workers import workers_result, workers_row
from scripts.verify.xray import group_of, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scripts.aws import Clients
    from scripts.terragrunt.render import Unit
    from scripts.verify.check import Result
    from scripts.verify.loaded.options import Request
    from scripts.verify.loaded.ways import Row
    from scripts.verify.loaded.worker import Worker

RESTART = "restart the backend, which reads this at its start"
TAKE_UP = (
    "restart the backend; what is Honeycomb's its workers take up within TRACING_PARAMETER_POLL seconds (300)"
)
NEW_KEY = "wait TRACING_PARAMETER_POLL seconds (300) and look again; then restart the workers that are named"
NO_KEY = (
    "unset OTEL_EXPORTER_OTLP_ENDPOINT for the workers without a key, or give them Honeycomb's by"
    " OTEL_EXPORTER_OTLP_HEADERS"
)
NEW_RULES = "wait 5 minutes and look again; then see `problems` in /health/tracing: is the daemon reached"


@dataclass(frozen=True)
class ThreeWays:
    """The checks, and the rows of the table."""

    results: list[Result]
    rows: list[Row]


@dataclass(frozen=True)
class _Part:
    """One check: how its rows are made, and the remedies where AWS or the workers differ."""

    check_id: str
    look: Callable[[], list[Row]]
    again: str
    reload: str
    uninvited: str = ""
    rows: list[Row] = field(default_factory=list)

    def results(self, workers: int, *, local: bool) -> list[Result]:
        """Return the check's result; its rows are kept."""

        def work() -> list[Result]:
            self.rows.extend(self.look())
            return [
                checks.of_rows(
                    self.check_id,
                    self.rows,
                    workers,
                    again=self.again,
                    reload=self.reload,
                    uninvited=self.uninvited,
                )
            ]

        return guarded({self.check_id: checks.EXPECTED[self.check_id]}, work, local=local)


def run(environment_name: str, units: Mapping[str, Unit], clients: Clients, request: Request) -> ThreeWays:
    """Hear what workers loaded and compare it; what can't be had fails its check."""
    path, local = next(iter(units.values())).target.parameter_path, environment_name == "local"
    try:
        heard = _heard(units, clients, request)
    except HearingError as error:
        return _nobody(str(error), error.remedy)
    except FAILURES as error:
        problem = explain(error, local=local)
        return _nobody(problem.message, problem.remedy)
    except UNEXPECTED_FORM as error:
        return _nobody(
            f"the log's answer is not as CloudWatch Logs gives it ({type(error).__name__}: {error})",
            "check AWS_ENDPOINT_URL, the proxy and the network: is it AWS that answers?",
        )
    number = request.workers if request.workers is not None else heard.wanted
    told = workers_result(heard, number, path)
    rows = [workers_row(heard, number)]
    ours = [worker for worker in heard.workers if worker.parameter_path == path]
    if not ours:
        why = "no worker of this environment was heard of"
        return ThreeWays([*checks.skipped(why, told.remedy), told], rows)
    parts = _parts(environment_name, units, clients, ours)
    with ThreadPoolExecutor(max_workers=max(1, len(parts))) as pool:
        found = list(pool.map(lambda part: part.results(len(ours), local=local), parts))
    results = [result for some in found for result in some]
    return ThreeWays([*results, told], [row for part in parts for row in part.rows] + rows)


def _heard(units: Mapping[str, Unit], clients: Clients, request: Request) -> Heard:
    if request.address is not None:
        return host.hear(request.address)
    if "logs" not in units:
        raise HearingError(
            "this environment has no unit logs, whose log group would be read",
            remedy="add the unit, or give BACKEND for the workers of one host",
        )
    group = expected.log_group(units["logs"])
    return log_events.hear(clients.logs(), group.name, seconds=request.seconds)


def _nobody(why: str, remedy: str) -> ThreeWays:
    said = checks.failed_to_hear(why, remedy)
    return ThreeWays([*checks.skipped("no worker was heard of", remedy), said], [])


def _parts(
    environment_name: str, units: Mapping[str, Unit], clients: Clients, workers: Sequence[Worker]
) -> list[_Part]:
    again = f"run `make apply ENV={environment_name}`"
    rotate = f"run `make rotate-honeycomb-key ENV={environment_name}`"
    path = next(iter(units.values())).target.parameter_path
    parts = [
        _Part(
            checks.PARAMETERS,
            lambda: _parameter_rows(_asked_parameters(units), clients, workers, path),
            again,
            TAKE_UP,
        )
    ]
    if "xray" in units:
        asked, xray = expected.xray(units["xray"]), clients.xray()
        parts += [
            _Part(
                checks.GROUP,
                lambda: group_rows(asked.group, group_of(xray, asked.group.name), workers),
                again,
                RESTART,
            ),
            _Part(
                checks.RULES,
                lambda: rule_rows(asked.rules, rules_of(xray), workers),
                again,
                NEW_RULES,
                f"delete the rule that nobody asked for, or run `make adopt ENV={environment_name}`",
            ),
        ]
    if "honeycomb-key" in units:
        key, ssm = expected.key(units["honeycomb-key"]), clients.ssm()
        parts.append(
            _Part(
                checks.KEY,
                lambda: [parameters.key_row(key, parameters.read_key(ssm, key.name), workers)],
                rotate,
                parameters.key_remedy(workers, old=NEW_KEY, none=NO_KEY),
            )
        )
    return parts


def _asked_parameters(units: Mapping[str, Unit]) -> dict[str, str]:
    asked: dict[str, str] = {}
    if "honeycomb" in units:
        asked |= expected.parameters(units["honeycomb"]).values
    if "logs" in units:
        group = expected.log_group(units["logs"])
        asked[group.parameter] = group.name
    return asked


def _parameter_rows(
    asked: Mapping[str, str], clients: Clients, workers: Sequence[Worker], path: str
) -> list[Row]:
    client = clients.ssm()
    stored = parameters.read(client, list(asked))
    rows = []
    for name, value in asked.items():
        here = stored.get(name)
        is_older = parameters.needs_history(name, here, workers, path)
        older = parameters.older_values(client, name) if is_older else {}
        rows.append(parameters.parameter_row(name, value, here, older, workers, path))
    return rows
