# The one list of commands; docs/commands has a page for each.
# ENV and APPROVE count only when they are given to make itself: left in the shell, they must not choose prod.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
# What is given counts as it stands: make would run a $(shell ...) in it. It goes on to the environment as before.
override GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
$(foreach name,$(filter-out MAKE% MFLAGS GNUMAKEFLAGS SHELL,$(.VARIABLES)),$(if $(filter environment,$(firstword $(origin $(name)))),$(eval $$(name) := $$(value $$(name)))))
$(foreach name,$(GIVEN),$(eval override $$(name) := $$(value $$(name)))$(eval export $$(name)))
on_command_line = $(if $(filter $(1),$(GIVEN)),$($(1)))
RUN = .venv/bin/python -m scripts
quoted = '$(subst ','\'',$(1))'
WITH_ENV = --env $(call quoted,$(or $(call on_command_line,ENV),local))
WITH_UNIT = $(if $(UNIT),--unit $(call quoted,$(UNIT)))
WITH_APPROVE = $(if $(call on_command_line,APPROVE),--approve $(call quoted,$(APPROVE)))
WITH_FORMAT = $(if $(FORMAT),--format $(call quoted,$(FORMAT)))
WITH_PORTS = $(if $(AWS_PORT),--aws-port $(call quoted,$(AWS_PORT))) $(if $(DAEMON_PORT),--daemon-port $(call quoted,$(DAEMON_PORT))) $(if $(HONEYCOMB_PORT),--honeycomb-port $(call quoted,$(HONEYCOMB_PORT)))
WITH_TRAFFIC = $(if $(TRAFFIC),--traffic $(call quoted,$(TRAFFIC))) $(if $(ROUTES),--routes $(call quoted,$(ROUTES))) $(if $(call on_command_line,HOST),--host $(call quoted,$(HOST)))
WITH_SERVERS = $(if $(WORKERS),--workers $(call quoted,$(WORKERS))) $(if $(TASKS),--tasks $(call quoted,$(TASKS))) $(if $(SERVICE),--service $(call quoted,$(SERVICE))) $(if $(SERVICE_TYPE),--service-type $(call quoted,$(SERVICE_TYPE)))
WITH_USAGE = $(if $(SPANS),--spans $(call quoted,$(SPANS))) $(if $(EVENTS),--events $(call quoted,$(EVENTS))) $(if $(QUERIES),--queries $(call quoted,$(QUERIES))) $(if $(PRICES),--prices $(call quoted,$(PRICES)))
WITH_LOADED = $(if $(BACKEND),--backend $(call quoted,$(BACKEND))) $(if $(LOADED),--loaded $(call quoted,$(LOADED))) $(if $(call on_command_line,WORKERS),--workers $(call quoted,$(WORKERS))) $(if $(call on_command_line,SINCE),--since $(call quoted,$(SINCE)))
WITH_LIMITS = $(if $(BUDGET),--budget $(call quoted,$(BUDGET))) $(if $(BLIND),--blind $(call quoted,$(BLIND)))
unexport ENV APPROVE

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo test
demo: ready  ## the main job, shown step by step on the local cloud
	@$(RUN) demo
test: ready  ## every test
	@.venv/bin/python -m tools.run_tests

.PHONY: tools ready lock
tools:  ## Python environment, Terraform, Terragrunt, AWS provider, the linters
	@$(PYTHON) -m tools
ready:
	@$(PYTHON) -m tools --quiet
lock: ready  ## compile the lock files anew (asks the package index)
	@.venv/bin/python -m tools.lock

.PHONY: local-up local-down
local-up: ready  ## the local cloud in the background
	@$(RUN) local-up $(WITH_PORTS)
local-down: ready  ## end it
	@$(RUN) local-down

.PHONY: plan apply destroy output verify rotate-honeycomb-key adopt
plan: ready  ## what apply would change
	@$(RUN) plan $(WITH_ENV) $(WITH_UNIT) $(if $(OUT),--out $(call quoted,$(OUT)))
apply: ready  ## create or change the resources
	@$(RUN) apply $(WITH_ENV) $(WITH_UNIT) $(WITH_APPROVE)
destroy: ready  ## remove them
	@$(RUN) destroy $(WITH_ENV) $(WITH_UNIT) $(WITH_APPROVE)
output: ready  ## the units' outputs
	@$(RUN) output $(WITH_ENV) $(WITH_UNIT) $(WITH_FORMAT)
verify: ready  ## what was asked for against what AWS and Honeycomb have
	@$(RUN) verify $(WITH_ENV) $(WITH_FORMAT) $(if $(filter 1,$(call on_command_line,PROBE)),--probe) $(WITH_LOADED)
rotate-honeycomb-key: ready  ## write a new key, and see that it arrived
	@$(RUN) rotate-honeycomb-key $(WITH_ENV) $(WITH_APPROVE)
adopt: ready  ## bring what was made by hand under Terraform, without a change
	@$(RUN) adopt $(WITH_ENV) $(WITH_UNIT) $(if $(call on_command_line,NAMES),--names $(call quoted,$(NAMES)))

.PHONY: deploy rollback unlock
deploy: ready  ## the backend on ECS: image, every unit, the rollout, verified; IMAGE=<reference> for one that is there
	@$(RUN) deploy $(WITH_ENV) $(if $(call on_command_line,IMAGE),--image $(call quoted,$(IMAGE))) $(if $(call on_command_line,ONLY),--only-deployment=$(call quoted,$(ONLY))) $(if $(call on_command_line,PORT),--port $(call quoted,$(PORT))) $(WITH_APPROVE)
rollback: ready  ## back to the image that was deployed before
	@$(RUN) rollback $(WITH_ENV) $(if $(call on_command_line,PORT),--port $(call quoted,$(PORT))) $(WITH_APPROVE)
unlock: ready  ## free the lock LOCK=<id> of a run that died
	@$(RUN) unlock $(WITH_ENV) $(if $(call on_command_line,LOCK),--lock $(call quoted,$(LOCK))) $(WITH_APPROVE)

.PHONY: backend traces query board parity conform
backend: ready  ## the traced backend under gunicorn on port 4567
	@$(RUN) backend $(WITH_ENV) $(if $(PORT),--port $(call quoted,$(PORT)))
traces: ready  ## what X-Ray has: a list, one waterfall, the service graph
	@$(RUN) traces $(WITH_ENV) $(WITH_FORMAT) $(if $(FILTER),--filter $(call quoted,$(FILTER))) $(if $(SINCE),--since $(call quoted,$(SINCE))) $(if $(FROM),--from $(call quoted,$(FROM))) $(if $(UNTIL),--until $(call quoted,$(UNTIL))) $(if $(call on_command_line,GROUP),--group $(call quoted,$(GROUP))) $(if $(LIMIT),--limit $(call quoted,$(LIMIT))) $(if $(TRACE),--trace $(call quoted,$(TRACE))) $(if $(NEXT),--next $(call quoted,$(NEXT))) $(if $(AFTER),--after $(call quoted,$(AFTER))) $(if $(GRAPH),--graph) $(if $(FOLLOW),--follow)
query: ready  ## one of the queries in queries/, run at Honeycomb or X-Ray and drawn
	@$(RUN) query $(WITH_ENV) $(WITH_FORMAT) $(if $(call on_command_line,NAME),--name $(call quoted,$(NAME))) $(if $(SINCE),--since $(call quoted,$(SINCE))) $(if $(call on_command_line,USER),--user $(call quoted,$(USER))) $(if $(DATASET),--dataset $(call quoted,$(DATASET)))
board: ready  ## Honeycomb's queries of queries/ on a board there
	@$(RUN) board $(WITH_ENV) $(WITH_FORMAT) $(if $(DATASET),--dataset $(call quoted,$(DATASET)))
parity: ready  ## what X-Ray and Honeycomb have of the same spans, compared on a local cloud of its own
	@$(RUN) parity $(WITH_ENV) $(WITH_FORMAT) $(if $(REQUESTS),--requests $(call quoted,$(REQUESTS))) $(if $(STORED),--stored) $(if $(BACKEND),--backend $(call quoted,$(BACKEND)))
conform: ready  ## the contract suite: what the local cloud claims of X-Ray and Honeycomb, asked of ENV
	@$(RUN) conform $(WITH_ENV) $(WITH_FORMAT) $(WITH_APPROVE) $(if $(CASE),--case $(call quoted,$(CASE)))

.PHONY: check forecast scale
check: ready  ## what the configuration, and a plan, will do; before anything is applied, asking nobody
	@$(RUN) check $(WITH_ENV) $(WITH_FORMAT) $(if $(PLAN),--plan $(call quoted,$(PLAN))) $(if $(filter 1,$(call on_command_line,DESTROY)),--destroy) $(WITH_TRAFFIC) $(if $(RATE),--rate $(call quoted,$(RATE))) $(if $(WORKERS),--workers $(call quoted,$(WORKERS))) $(if $(BUDGET),--budget $(call quoted,$(BUDGET))) $(if $(SERVICE_TYPE),--service-type $(call quoted,$(SERVICE_TYPE)))
forecast: ready  ## what the rules will sample of given traffic, won't see, and cost
	@$(RUN) forecast $(WITH_ENV) $(WITH_FORMAT) $(WITH_TRAFFIC) $(WITH_SERVERS) $(WITH_USAGE) $(WITH_LIMITS) $(if $(OUT),--out $(call quoted,$(OUT)))

.PHONY: sbom
sbom: ready  ## what is in the backend's image, as CycloneDX
	@$(RUN) sbom $(if $(OUT),--out $(call quoted,$(OUT)))
scale: ready  ## what 1 to 1000 tasks sample, need and cost, and which limits they pass
	@$(RUN) scale $(WITH_FORMAT) $(if $(TASKS),--tasks $(call quoted,$(TASKS))) $(if $(RATE),--rate $(call quoted,$(RATE))) $(if $(RESERVOIR),--reservoir $(call quoted,$(RESERVOIR))) $(if $(FIXED_RATE),--fixed-rate $(call quoted,$(FIXED_RATE))) $(if $(SPANS),--spans $(call quoted,$(SPANS))) $(if $(EVENTS),--events $(call quoted,$(EVENTS))) $(if $(ERRORS),--errors $(call quoted,$(ERRORS))) $(if $(SLOW),--slow $(call quoted,$(SLOW))) $(if $(SIMULATE),--seconds $(call quoted,$(SIMULATE))) $(if $(PRICES),--prices $(call quoted,$(PRICES)))

.PHONY: pull-request-comment drift-issue
pull-request-comment: ready  ## documents as one comment on a pull request, kept up to date
	@$(RUN) pull-request-comment $(if $(call on_command_line,NAME),--name $(call quoted,$(NAME))) $(if $(DOCUMENTS),--documents $(call quoted,$(DOCUMENTS))) $(if $(PULL_REQUEST),--pull-request $(call quoted,$(PULL_REQUEST)))
drift-issue: ready  ## one issue on drift, by verify's report: opened, updated, closed
	@$(RUN) drift-issue $(if $(REPORT),--report $(call quoted,$(REPORT)))

.PHONY: lint format bench
lint: ready  ## exactly what CI checks before the tests
	@.venv/bin/python -m tools.lint
format: ready  ## rewrite Python, Terraform and Terragrunt files, and the stacks' tables, in their standard form
	@.venv/bin/python -m tools.lint --write
bench: ready  ## every benchmark; figures in bench/results
	@.venv/bin/python -m bench $(if $(NAME),--name $(call quoted,$(NAME)))
