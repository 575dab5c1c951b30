# Everything that is done with this project. `make` lists it; `make demo` and `make test` need only Python >= 3.11,
# make and git on the machine: the rest is installed into .venv the first time.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PY     := $(BIN)/python
READY  := $(VENV)/.ready
# A worker on each core and one more (tests/conftest.py); who is done first takes tests over from the others.
PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 8 --dist worksteal

DOCS_VENV  := .venv-docs
DOCS_READY := $(DOCS_VENV)/.ready

SPEC    := openapi/patchworks-core.json
PACKAGE := patchworks_core_client

export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PIP_DISABLE_PIP_VERSION_CHECK  := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check lint format types generate fetch diff update survey vendor sandbox \
        test-long test-all soak conformance mutants bench bench-quick docs docs-serve dist clean

help: ## this list
	@awk 'BEGIN { FS = ":[^#]*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	      /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

##@ Start here
demo: $(READY) ## build the client from openapi/, start a local sandbox, carry a release through it
	@$(PY) -m examples.demo

test: lint types check ## every check that CI runs: format, lint, types, generated code, tests with coverage
	$(PYTEST) --cov --cov-report=term

setup: $(READY) ## make .venv and install what development needs (the other targets do it by themselves)

# Keyed to the files that say what belongs in it: after a change of one it is brought up to date.
$(READY): requirements-dev.txt pyproject.toml sandbox/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed, and $(PYTHON) is not: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Setting up $(VENV) (once; two or three minutes) …"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --requirement requirements-dev.txt --editable '.[all]' --editable ./sandbox
	@touch $@

##@ The client
generate: $(READY) ## build the client: snippets and overlay -> spec -> package
	$(PY) -m codegen build
	@$(PY) docs/generate.py

check: $(READY) ## spec and package are exactly what codegen makes of openapi/ and overrides/
	$(PY) -m codegen check

fetch: $(READY) ## download the pages of sources.toml again, extract their snippets (ACCEPT_REMOVALS=1: operations may go)
	$(PY) -m codegen fetch $(if $(ACCEPT_REMOVALS),--accept-removals)

diff: $(READY) ## what changed for callers since OLD (a git revision; default HEAD)
	@$(PY) -m codegen diff "git:$(or $(OLD),HEAD)" $(SPEC)

update: $(READY) ## fetch, generate, diff: from the documentation as it is today to what that means for callers
	@$(PY) -m codegen fetch $(if $(ACCEPT_REMOVALS),--accept-removals)
	@$(PY) -m codegen build
	@$(PY) docs/generate.py
	@$(PY) -m codegen diff "git:$(or $(OLD),HEAD)" $(SPEC)

survey: $(READY) ## what the real server does differently: read-only calls with the PATCHWORKS_* credentials, into survey/
	@$(PY) -m codegen survey

vendor: $(READY) ## copy the client into another project: make vendor DEST=path/to/_vendor [ONLY=packages,flow_versions] [HTTP=httpx2] [FORCE=1]
	@test -n "$(DEST)" || { echo "Say where to: make vendor DEST=path/to/_vendor" >&2; exit 2; }
	@$(PY) -m codegen vendor "$(DEST)" $(if $(ONLY),--only "$(ONLY)") $(if $(HTTP),--http $(HTTP)) $(if $(FORCE),--force)

docs: $(DOCS_READY) ## the documentation site, into site/ (open site/index.html)
	$(DOCS_VENV)/bin/zensical build --clean --strict

docs-serve: $(DOCS_READY) ## the documentation site, served while you write
	$(DOCS_VENV)/bin/zensical serve

# An environment of its own: the tests need none of it, and its pins cannot get in the way of theirs.
$(DOCS_READY): docs/requirements.txt
	@echo "Setting up $(DOCS_VENV) (once) …"
	@test -x $(DOCS_VENV)/bin/python || $(PYTHON) -m venv $(DOCS_VENV)
	@$(DOCS_VENV)/bin/python -m pip install --quiet --requirement docs/requirements.txt
	@touch $@

sandbox: $(READY) ## serve a local, in-memory Patchworks Core until Ctrl-C: make sandbox [PORT=8765]
	@$(PY) -m patchworks_core_sandbox $(if $(PORT),--port $(PORT))

##@ Checks
lint: $(READY) ## ruff: format and rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY) ## mypy --strict and pyright strict, beside each other
	@$(BIN)/pyright & pyright=$$!; $(BIN)/mypy; mypy=$$?; wait $$pyright && exit $$mypy

format: $(READY) ## format the code and repair what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-long: $(READY) ## the tests including the slow ones
	HYPOTHESIS_PROFILE=long $(PYTEST) -m "slow or not slow" --cov --cov-report=term

soak: $(READY) ## 20,000 calls on a bad day and 1,000 against the quota, with the figures
	$(PY) -m tests.proofs.soak
	$(PY) -m tests.proofs.quota

conformance: $(READY) ## a linter's opinion of the spec, and all operations through a mock server that knows only it
	$(PY) -m tests.conformance

test-all: $(READY) ## every Python installed, lowest and newest dependencies, both transports
	$(BIN)/nox

mutants: $(READY) ## mutation tests of overrides/: a sample of 300, up to an hour
	$(PY) -m tests.mutants

bench: $(READY) ## all benchmarks beside the peers, into benchmarks/results.md
	$(PY) -m benchmarks.run

bench-quick: $(READY) ## the ratios in about two minutes
	@$(PY) -m benchmarks.run --quick

dist: $(READY) ## wheel and sdist of the client and of the sandbox, checked, into dist/
	@rm -rf dist
	@$(PY) -m build --no-isolation --outdir dist .
	@$(PY) -m build --no-isolation --outdir dist sandbox
	@$(BIN)/twine check --strict dist/*

clean: ## remove caches and build products (.venv stays)
	rm -rf build dist site htmlcov mutants .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
