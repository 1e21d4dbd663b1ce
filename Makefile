# Two commands: `make demo` and `make test`. Each sets itself up in .venv from a bare clone; only Python and make are needed.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
HISTORIES ?= 20000
EXAMPLES ?= 5000

.PHONY: demo demo-en test test-long fuzz faults trials lint clean

demo: $(VENV)/.core
	@$(BIN)/python examples/university/demo.py

demo-en: $(VENV)/.core
	@$(BIN)/python examples/university/demo.py --language en

test: $(VENV)/.test
	$(BIN)/python -m pytest

test-long: $(VENV)/.test
	ACCOUNTABILITY_HISTORIES=$(HISTORIES) $(BIN)/python -m pytest tests/test_guarantees.py tests/test_matching.py

# Twenty faults of one line each, planted one after the other: a test must find each. Some minutes.
faults: $(VENV)/.test
	ACCOUNTABILITY_FAULTS=1 $(BIN)/python -m pytest tests/test_planted_faults.py

fuzz: $(VENV)/.test
	ACCOUNTABILITY_HISTORIES=$(EXAMPLES) $(BIN)/python -m pytest tests/test_fuzz.py

# Power cuts, kills, many writers, flipped bits, full disks: about half an hour. Each prints one line of JSON.
trials: $(VENV)/.test
	@failed=0; for trial in powercuts kills writers flips diskfull; do \
	  $(BIN)/python trials/$$trial.py || failed=1; \
	done; exit $$failed

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/.core: pyproject.toml
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[durable]' 2>/dev/null || { \
	  echo "durable_rules can not be built here (it needs a C compiler): Python matches alone"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .; }
	@touch $@

$(VENV)/.test: pyproject.toml
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.core

clean:
	rm -rf $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache build dist
