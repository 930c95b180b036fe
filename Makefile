# Two commands do all the set-up: `make tour` and `make test`. Each creates .venv when it is missing.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
JOBS   ?= 2

.PHONY: tour test lint format types contract tests bench mutants clean

tour: $(VENV)/.tour
	$(BIN)/python -m salesmgmt tour --out tour-out

test: lint types contract tests

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(VENV)/.test
	$(BIN)/mypy

contract: $(VENV)/.test
	$(BIN)/lint-imports

tests: $(VENV)/.test
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --durations=10

bench: $(VENV)-bench/.ready
	$(VENV)-bench/bin/python -m benchmarks

# Changes one thing at a time in the files named under [tool.mutmut] and lists the changes that no test notices: each
# wants a test, or does not change what the code does. `$(VENV)-mutants/bin/mutmut show NAME` shows one. Starts afresh,
# because mutmut keeps its verdicts when only a test has changed. Left out by mutmut: decorated functions, module level.
mutants: $(VENV)-mutants/.ready
	rm -rf mutants
	$(VENV)-mutants/bin/mutmut run --max-children $(JOBS)
	$(VENV)-mutants/bin/mutmut results

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt pip

$(VENV)/.tour: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable . --group tour
	touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable . --group tour --group test
	touch $@ $(VENV)/.tour

$(VENV)-bench/.ready: pyproject.toml benchmarks/requirements.txt
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip --disable-pip-version-check install --requirement benchmarks/requirements.txt --editable .
	touch $@

$(VENV)-mutants/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)-mutants
	$(VENV)-mutants/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt pip
	$(VENV)-mutants/bin/python -m pip --disable-pip-version-check install --constraint constraints.txt --editable . --group mutants
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-bench $(VENV)-mutants mutants tour-out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
