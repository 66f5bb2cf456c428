# `make run` to try it, `make test` to test it, `make help` for the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# One torch thread a test process: the tests run in parallel.
TEST_ENV := QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help run install libraries test-libraries test test-long check lint format bench wheel clean

help:  ## List what make can do
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: install  ## Open the window on a copy of mnist-cnn; without a display, do the same job headless
	@$(BIN)/python -m nodeforge.first_run

install: libraries $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "NodeForge needs Python 3.11 to 3.13; $(PYTHON) is $$($(PYTHON) --version). Name another with: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made. On Debian: sudo apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

libraries:
	@$(PYTHON) nodeforge/ui/system_libraries.py

test-libraries:
	@$(PYTHON) nodeforge/ui/system_libraries.py --tests

test: test-libraries install  ## Run the tests, in parallel
	$(TEST_ENV) $(BIN)/python -m pytest -n $(WORKERS) -m "not long"

test-long: test-libraries install  ## Run the tests that take minutes as well
	$(TEST_ENV) NODEFORGE_EXAMPLES=30 $(BIN)/python -m pytest -n $(WORKERS)

lint: install  ## Style, types, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test  ## Everything that must pass

format: install  ## Let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## Measure speed against hand-written code and other tools; prints the table of the README
	$(BIN)/python -m tests.benchmarks

wheel: install  ## Build a wheel into dist/
	$(BIN)/python -m build --wheel

clean:  ## Remove what make made
	rm -rf $(VENV) dist build run-output .mypy_cache .ruff_cache .hypothesis
