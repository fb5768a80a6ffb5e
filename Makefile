# Concord: `make help` lists what there is. Works with no virtual environment active; makes its own.

PYTHON ?= python3
VENV   := .venv
SEEDS  := 4
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
CORE   := $(VENV)/.core-installed
GATES  := $(VENV)/.gates-installed
MUTANTS := $(VENV)/.mutants-installed
INPUTS := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup core run test format lint types imports tests coverage bench mutants clean

help:  ## show this
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 16

run: $(CORE)  ## compare the US withdrawal with the baseline: table, data and figure in results/
	$(BIN)/concord compare us_withdrawal baseline --seeds $(SEEDS)

setup: $(GATES)  ## make .venv with everything that the tests need

core: $(CORE)  ## make .venv with what runs need, and no more

test: format lint types imports tests  ## set-up and all gates

format: $(GATES)
	$(BIN)/ruff format --check .

lint: $(GATES)
	$(BIN)/ruff check .

# The second time as on Windows, where much of `os` and `signal` is not there.
types: $(GATES)
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 sim $(addprefix experiments/,cli.py commands.py console.py ending.py \
	  looking.py options.py pool.py run.py $(addprefix sweep/,chunks.py command.py drive.py lock.py store.py \
	  worker.py engines/local.py))

imports: $(GATES)
	$(BIN)/lint-imports

# A file goes to one process, so that what its tests share is made once.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

tests: $(GATES)
	$(PYTEST)

coverage: $(GATES)  ## the tests again, watched: what of sim/ they reach (takes half as long again)
	$(PYTEST) --cov --cov-report=term:skip-covered

bench: $(GATES)  ## time the kernels and a full run
	$(BIN)/python -m experiments.benchmarks

mutants: $(MUTANTS)  ## change the rules, behaviour and phases at random and see whether tests notice
	$(BIN)/python -m tests.mutants

clean:  ## remove .venv, caches and build products (results/ stays)
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The interpreter is checked first: a clear word instead of a resolver's page of conflicts.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
	  echo "Concord needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# The build tools are installed first and used in place, so that their versions are pinned too. Without
# isolation that holds for dependencies that come as source as well (antlr4-python3-runtime, which
# wants setuptools and wheel): no virtual environment can be relied on to have these.
BUILD := hatchling editables setuptools wheel

$(CORE): $(INPUTS) | $(BIN)/python
	$(PIP) install -c constraints.txt $(BUILD)
	$(PIP) install -c constraints.txt --no-build-isolation -e .
	@touch $@

$(GATES): $(INPUTS) | $(BIN)/python
	$(PIP) install -c constraints.txt $(BUILD)
	$(PIP) install -c constraints.txt --no-build-isolation -e '.[test,cluster]'
	@touch $(CORE) $@

$(MUTANTS): $(GATES)
	$(PIP) install -c constraints.txt --no-build-isolation -e '.[test,cluster,mutants]'
	@touch $@
