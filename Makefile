# One door to everything a newcomer or CI does. `make run` and `make test` need only Python, git and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PORT ?= 8000

.PHONY: run test check format lint types contracts bench fuzz audit sbom lock clean

run: $(VENV)/.run-installed  ## serve with the bundled corpus on http://127.0.0.1:8000
	$(BIN)/pmo serve --demo --port $(PORT)

test: $(VENV)/.dev-installed  ## install what the tests need and run them all
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m pytest --numprocesses auto

check: $(VENV)/.dev-installed format lint types contracts test  ## everything CI runs

format: $(VENV)/.dev-installed
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev-installed
	$(BIN)/ruff check .

types: $(VENV)/.dev-installed
	$(BIN)/mypy

contracts: $(VENV)/.dev-installed
	$(BIN)/lint-imports

bench: $(VENV)/.dev-installed  ## ratios against named alternatives, in one run
	$(BIN)/python -m tests.bench

fuzz: $(VENV)/.dev-installed  ## the whole API and every form at random, longer than in the tests
	KB_FUZZ_EXAMPLES=100 $(BIN)/python -m pytest tests/web/test_fuzzing.py tests/web/test_form_fuzzing.py tests/web/test_on_postgresql.py --timeout 3600 -s

audit: $(VENV)/.dev-installed  ## published weaknesses of what runs here (needs the network)
	$(BIN)/python -m pip_audit --requirement requirements.lock --require-hashes --disable-pip --strict

sbom: $(VENV)/.dev-installed  ## everything the product is made of, with versions, licences and hashes (CycloneDX)
	$(BIN)/python -m tests.bill_of_materials dist/qianjian.cdx.json

# Each environment is installed once from its lock file, with hashes, and again only when that file changes.
$(VENV)/.build-installed: requirements-build.lock
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --requirement requirements-build.lock
	touch $@

$(VENV)/.run-installed: requirements.lock pyproject.toml $(VENV)/.build-installed
	$(PIP) install --require-hashes --no-build-isolation --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev-installed: requirements-dev.lock $(VENV)/.run-installed
	$(PIP) install --require-hashes --no-build-isolation --requirement requirements-dev.lock
	touch $@

lock:  ## renew the lock files (needs uv); they name versions and hashes, never an index
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links requirements-build.in --output-file requirements-build.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra dev --extra postgresql --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
