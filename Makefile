# Postroom. `make` alone lists what there is. Needs Python 3.11.5 or newer, git and make; nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STACK := .venvs/stack
SAM := .venvs/sam
ARCH ?= arm64
MAIL ?=
BRIDGE ?=
PORT ?=
STATE ?=
SES ?=
MODEL ?=
AGENTS ?=
SET ?=
export SET

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-fast check format template bench bench-parse bench-ses bench-hostile bench-storm bench-templates bench-feedback fuzz cost build deploy clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- For everybody ------------------------------------------------------------------------------------------------

# In both: MODEL=<file>, a model of `postroom train`, which the desk asks (docs/categories.md), and
# SET="Name=value Name=value", parameters of template.yaml (docs/local.md).
demo: setup ## Send sample mails (or MAIL=<file, folder or mbox>) through the whole pipeline and show what became of them
	@$(BIN)/python -m local.demo $(if $(MODEL),--model "$(MODEL)") $(if $(SET),--set="$$SET") $(if $(MAIL),"$(MAIL)")

run: setup ## Keep the local stack up: SMTP on 127.0.0.1:2525, until Ctrl-C
	@exec $(BIN)/python -m local.stack run $(if $(PORT),--smtp-port $(PORT)) $(if $(STATE),--state $(STATE)) \
		$(if $(BRIDGE),--bridge $(BRIDGE)) $(if $(SES),--ses='$(SES)') $(if $(AGENTS),--agents $(AGENTS)) \
		$(if $(MODEL),--model "$(MODEL)") $(if $(SET),--set="$$SET")

# --- For those who change it --------------------------------------------------------------------------------------

# Two at a time; what needs the running stack stays together, so that it is started once.
AT_ONCE = -n 2 --dist loadgroup

test: setup ## Run every test: units, contracts, golden mails, and journeys through the real local stack
	@$(BIN)/python -m pytest $(AT_ONCE)

test-fast: setup ## Run everything but the journeys
	@$(BIN)/python -m pytest $(AT_ONCE) -m "not journey"

check: setup $(SAM)/.done ## ruff, mypy --strict, import-linter, and the template's checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/postroom check
	$(MAKE) --no-print-directory template

template: $(SAM)/.done ## Check template.yaml (no AWS account needed)
	SAM_CLI_TELEMETRY=0 $(SAM)/bin/sam validate --lint

format: setup ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## Send all mails of MAIL="FOLDER[:N] ..." through the whole stack: outcomes, mails a second, memory
	@$(BIN)/python -m bench.flow $(if $(MAIL),$(MAIL),local/demo/mails tests/unit/mime)

bench-parse: setup ## Compare CPU time and memory of reading a mail with other parsers (a minute)
	@$(BIN)/python -m bench.parse

bench-ses: setup ## Compare the local SES with a plain SMTP port: mails a second, memory, start (4 minutes)
	@$(BIN)/python -m bench.ses_load

bench-hostile: setup ## Time the mails that were made to hurt
	@$(BIN)/python -m bench.hostile

bench-storm: setup ## Ten thousand mails at once against the budgets: what is answered, and its price (a minute)
	@$(BIN)/python -m bench.storm

bench-templates: setup ## Time finding, reading and filling in the templates
	@$(BIN)/python -m bench.templates

bench-feedback: setup ## A week of 100,000 simulated events of SES, against a plain model (4 minutes)
	@$(BIN)/python -m bench.feedback_week

fuzz: setup ## Read golden mails that were changed at random, for SECONDS (60)
	@$(BIN)/python -m bench.fuzz $(or $(SECONDS),60)

cost: setup ## Count what a mail costs on AWS, stage by stage
	@$(BIN)/python -m bench.cost

# --- For AWS ------------------------------------------------------------------------------------------------------

build: setup $(SAM)/.done ## Build for Lambda (needs Python 3.13 on the PATH); ARCH=arm64 or x86_64
	@$(BIN)/postroom check
	@python3.13 -c '' 2>/dev/null || { echo "Lambda runs Python 3.13: put a python3.13 on the PATH to build for it"; exit 1; }
	SAM_CLI_TELEMETRY=0 $(SAM)/bin/sam build --parameter-overrides Architecture=$(ARCH)

deploy: build ## Deploy to AWS; asks what it needs to know
	SAM_CLI_TELEMETRY=0 $(SAM)/bin/sam deploy --guided --parameter-overrides Architecture=$(ARCH)

# --- Environments: one for our own tools, one for the AWS emulator, one for aws-sam-cli -----------------------------

setup: $(VENV)/.done $(STACK)/.done ## Make the environments (the other targets do it by themselves)

# The locks are complete, so nothing is resolved: --no-deps installs exactly what stands there.
INSTALL = -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes

$(VENV)/.done: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Postroom needs Python 3.11.5 or newer; this is %d.%d.%d. Try: make PYTHON=python3.13" % sys.version_info[:3] if sys.version_info < (3, 11, 5) else 0)'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python has no venv here: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (a minute, once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(INSTALL) -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

$(STACK)/.done: requirements/stack.txt
	@echo "Setting up $(STACK), the AWS emulator (once) ..."
	@$(PYTHON) -m venv $(STACK)
	@$(STACK)/bin/python $(INSTALL) -r requirements/stack.txt
	@touch $@

$(SAM)/.done: requirements/sam.txt
	@echo "Setting up $(SAM), aws-sam-cli (once) ..."
	@$(PYTHON) -m venv $(SAM)
	@$(SAM)/bin/python $(INSTALL) -r requirements/sam.txt
	@touch $@

clean: ## Remove what was built, and the state of the local stack; keeps the environments
	rm -rf .aws-sam .postroom .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
