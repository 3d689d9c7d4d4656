# One verb a chore. Every target makes its environment itself: Python >= 3.11 and make are all it needs
# (make test, bench and soak also a Docker engine, or Java >= 17 and Maven; see README).
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv pip
SERVICES := intake assessment placement stipend reporting
MEMBERS := contracts infra/chassis $(SERVICES:%=services/%) infra/allinone
MEMBER_FILES := $(MEMBERS:%=%/pyproject.toml)
SOURCES := contracts/src/contracts infra/chassis/src/chassis infra/allinone/src/percorso $(foreach s,$(SERVICES),services/$(s)/src/$(s))
OWN := percorso percorso-contracts percorso-chassis $(SERVICES:%=percorso-%)
COMPILE := compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	--no-emit-find-links $(OWN:%=--no-emit-package %)
DATA ?= .percorso/data
ROUNDS ?= 50
HISTORIES ?= 10000

.PHONY: setup demo run test bench check images lock schemas compose-secrets compose-up compose-down compose-test soak clean

setup: .venv/ready

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Percorso needs Python 3.11 or later; $(PYTHON) is another. Say which: make PYTHON=python3.13 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
		|| { echo "$(PYTHON) cannot make a virtual environment: install its venv package (Debian: apt-get install python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/locked: .venv/made requirements.lock infra/images/build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r infra/images/build.lock
	$(UV) install --quiet --require-hashes -r requirements.lock
	@touch $@

.venv/ready: .venv/locked $(MEMBER_FILES)
	$(UV) install --quiet --no-deps --no-build-isolation $(MEMBERS:%=-e %)
	@touch $@

demo: setup  ## one whole case through five services, embedded; prints what happened; ends
	@$(BIN)/percorso demo

run: setup  ## the same suite, stays up on loopback, data kept in $(DATA)
	@$(BIN)/percorso run --data $(DATA)

test: setup  ## every test, real PostgreSQL and Apache Kafka included
	$(BIN)/pytest

bench: setup  ## ratios, on PostgreSQL and Kafka
	PYTHONPATH=tests $(BIN)/python -m bench $(BENCH)

soak: setup  ## the kill tests, ROUNDS times each; HISTORIES of whole cases
	PERCORSO_KILLS=$(ROUNDS) $(BIN)/pytest tests/faults tests/rebuild
	PERCORSO_HISTORIES=$(HISTORIES) $(BIN)/pytest tests/histories

check: setup  ## linters, types, architecture, documents
	$(BIN)/ruff check .
	$(BIN)/mypy --strict $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/pytest contracts/tests tests/documents tests/architecture

schemas: setup  ## JSON Schemas, AsyncAPI and OpenAPI documents and golden samples, from the code
	$(BIN)/python infra/documents/generate.py
	$(BIN)/python infra/documents/golden.py

lock: .venv/made  ## pins that are there stay; names, versions and hashes only, never an index
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) $(COMPILE) $(MEMBER_FILES) --group pyproject.toml:dev -o requirements.lock
	for s in $(SERVICES); do \
		$(UV) $(COMPILE) contracts/pyproject.toml infra/chassis/pyproject.toml services/$$s/pyproject.toml \
			-c requirements.lock -o services/$$s/requirements.lock || exit 1; \
	done
	$(UV) $(COMPILE) $(MEMBER_FILES) -c requirements.lock -o infra/allinone/requirements.lock
	$(UV) $(COMPILE) infra/images/build.in -c requirements.lock -o infra/images/build.lock
	$(UV) $(COMPILE) infra/postgres/wheel.in -o infra/postgres/wheel.lock

images: $(SERVICES:%=image-%) image-operator  ## a container image a service, and one of the command line

image-operator:
	DOCKER_BUILDKIT=1 docker build --quiet --tag percorso/operator:0.1.0 --file infra/allinone/Dockerfile .

image-%:
	DOCKER_BUILDKIT=1 docker build --quiet --tag percorso/$*:0.1.0 --file services/$*/Dockerfile .

compose-secrets: setup  ## keys and passwords for docker compose, made once, in .percorso/compose
	@$(BIN)/python infra/compose/make_secrets.py .percorso/compose

compose-up: compose-secrets  ## the suite in containers, on loopback
	docker compose up --detach --build --wait

compose-down:  ## containers go, the data stays in its volumes
	docker compose down

compose-test: setup  ## the worked cases, and what a deployment promises, against docker compose up
	tests/compose/run

clean:
	rm -rf .venv .percorso build dist
