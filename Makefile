# Every target sets up what it needs; nothing has to be installed by hand but python3, pip, make and git.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := sqlite:///data/demo.sqlite3
INSTALL = $(PYTHON) -m pip --python $(1)/bin/python install --quiet --disable-pip-version-check --require-hashes
CLIENTS := tests/clients
GENERATORS := build/generators
FUZZER := build/fuzzer
WITH_NODE := PATH="$(abspath $(BIN)):$$PATH"
NPM := $(WITH_NODE) npm --prefix $(CLIENTS)
DOCUMENT := build/clients/openapi.json

.PHONY: run test lint format clients bench campaign fuzz demo screenshots lock clean

run: $(VENV)/.run-stamp  ## Serve the product on http://127.0.0.1:8000 (SQLite, no other service).
	$(BIN)/python wsgi.py

demo: $(VENV)/.run-stamp  ## Fill a separate database with a couple, print how to sign in, and serve it.
	rm -f data/demo.sqlite3*
	REKINDLE_DATABASE_URL=$(DEMO) $(BIN)/flask --app wsgi demo
	REKINDLE_DATABASE_URL=$(DEMO) $(BIN)/python wsgi.py

test: $(VENV)/.dev-stamp $(CLIENTS)/node_modules/.lint-stamp  ## Run all tests, one process a core; ARGS="-k pairing" narrows them.
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto $(ARGS)  # else each process compiles all files again

lint: $(VENV)/.dev-stamp $(CLIENTS)/node_modules/.lint-stamp  ## Style, types, imports, English, and the OpenAPI document.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/python -m tests.prose --count README.md CONTRIBUTING.md CHANGELOG.md wsgi.py api planner seeds tests
	$(BIN)/python -m tests.clients.document $(DOCUMENT)
	$(NPM) run --silent lint

format: $(VENV)/.dev-stamp  ## Rewrite the code the way `make lint` wants it.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clients: $(VENV)/.dev-stamp $(CLIENTS)/node_modules/.all-stamp $(GENERATORS)/.stamp  ## Generate clients and compile them.
	$(BIN)/python -m tests.clients.document $(DOCUMENT)
	$(WITH_NODE) $(GENERATORS)/bin/python -m tests.clients.generate

screenshots: $(VENV)/.dev-stamp  ## Take the pictures of the README from the demo couple (needs chromium).
	$(BIN)/python -m tests.browser.screenshots

bench: $(VENV)/.dev-stamp  ## Measure the served product; ARGS=--pocketbase for a table beside PocketBase.
	$(BIN)/python -m tests.benchmarks.serve $(ARGS)

campaign: $(VENV)/.dev-stamp  ## The long form of what the tests try shortly, most over both databases; ARGS=3 for three of each.
	$(BIN)/python -m tests.campaigns.crashes $(ARGS)
	$(BIN)/python -m tests.campaigns.mails
	$(BIN)/python -m tests.campaigns.deliveries
	$(BIN)/python -m tests.campaigns.stalls
	$(BIN)/python -m tests.campaigns.networks
	$(BIN)/python -m tests.campaigns.outages
	$(BIN)/python -m tests.campaigns.clock_jumps
	$(BIN)/python -m tests.campaigns.hostile_calendars
	$(BIN)/python -m tests.campaigns.alike $(ARGS)
	$(BIN)/python -m tests.campaigns.races $(ARGS)
	$(BIN)/python -m tests.campaigns.twins $(ARGS)
	$(BIN)/python -m tests.campaigns.oracles $(ARGS)
	$(BIN)/python -m tests.campaigns.lives $(ARGS)
	FREE_TIME_EXAMPLES=2000 $(BIN)/python -m pytest -n0 -q tests/planner/calendars/test_free_windows.py \
		tests/planner/recommender/model/test_ranked_times.py
	PROPERTY_FACTOR=40 $(BIN)/python -m pytest -n auto -q tests/planner/recommender/model
	$(BIN)/python -m tests.campaigns.feeds $(ARGS)

fuzz: $(VENV)/.dev-stamp $(FUZZER)/.stamp  ## Fuzz every operation from the OpenAPI document; ARGS=50 for 50 requests each.
	$(BIN)/python -m tests.fuzz $(abspath $(FUZZER))/bin/schemathesis $(ARGS)

lock:  ## Renew the lock files of Python (needs uv).
	uv pip compile pyproject.toml --upgrade --universal --generate-hashes --no-header --no-annotate -q -o requirements.txt
	uv pip compile pyproject.toml --group dev --upgrade --universal --generate-hashes --no-header --no-annotate \
		-c requirements.txt -q -o requirements-dev.txt
	uv pip compile $(CLIENTS)/requirements.in --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate -q -o $(CLIENTS)/requirements.txt
	uv pip compile tests/fuzz/requirements.in --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate -q -o tests/fuzz/requirements.txt

clean:
	rm -rf $(VENV) build $(CLIENTS)/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# --without-pip: works where ensurepip is not packaged (Debian), and is faster everywhere.
$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.run-stamp: requirements.txt | $(BIN)/python
	$(call INSTALL,$(VENV)) -r requirements.txt
	touch $@

$(VENV)/.dev-stamp: requirements-dev.txt | $(BIN)/python
	$(call INSTALL,$(VENV)) -r requirements-dev.txt
	touch $@ $(VENV)/.run-stamp

# The packages for JavaScript: those of `make lint` and of the walk in the tests; those of `make clients` too.
$(CLIENTS)/node_modules/.lint-stamp: $(CLIENTS)/package-lock.json | $(VENV)/.dev-stamp
	$(NPM) ci --silent --omit=dev
	touch $@

$(CLIENTS)/node_modules/.all-stamp: $(CLIENTS)/package-lock.json | $(VENV)/.dev-stamp
	$(NPM) ci --silent
	touch $@ $(CLIENTS)/node_modules/.lint-stamp

$(FUZZER)/.stamp: tests/fuzz/requirements.txt
	$(PYTHON) -m venv --without-pip $(FUZZER)
	$(call INSTALL,$(FUZZER)) -r $<
	touch $@

# An environment of their own: what the generators depend on may differ from what we test with.
$(GENERATORS)/.stamp: $(CLIENTS)/requirements.txt
	$(PYTHON) -m venv --without-pip $(GENERATORS)
	$(call INSTALL,$(GENERATORS)) -r $<
	touch $@
