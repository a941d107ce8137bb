# Two commands for a newcomer: `make demo` and `make test`. Each makes its own virtual environment if there is none.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PYTEST ?=
WORKERS ?= 3
# Tests start hundreds of processes of ours: each would compile all of it where nothing compiled may be kept.
READ_ONCE = PYTHONDONTWRITEBYTECODE=

.PHONY: demo test check docs messages soak bench clean

demo: $(VENV)/run.stamp
	@$(BIN)/commonwire demo $(if $(REPORTS),--reports "$(REPORTS)") $(DEMO)

test: $(VENV)/test.stamp
	@$(READ_ONCE) $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(PYTEST)

check: $(VENV)/test.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

docs: $(VENV)/test.stamp
	@$(BIN)/python -m node.cli.documentation deploy/docs

messages: $(VENV)/test.stamp
	@$(BIN)/python -m node.web.pages.messages node/locale

soak: $(VENV)/test.stamp
	@COMMONWIRE_SOAK=1 $(BIN)/python -m pytest -m soak --timeout 3600

bench: $(VENV)/test.stamp
	@$(BIN)/python -m tests.bench $(BENCH)

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Commonwire needs Python 3.11 or newer; say which: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/run.stamp: $(VENV)/bin/python pyproject.toml
	@echo "installing Commonwire into $(VENV)"
	@$(BIN)/python -m pip install -qq --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/bin/python pyproject.toml
	@echo "installing Commonwire and what its tests need into $(VENV)"
	@$(BIN)/python -m pip install -qq --editable '.[test]'
	@touch $@ $(VENV)/run.stamp
