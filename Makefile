# Two commands matter: `make demo` and `make test`. The rest serve them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Tests start many processes: without caches of compiled modules each would compile for seconds.
unexport PYTHONDONTWRITEBYTECODE

# These unit tests meet every branch of the rules; counting branches makes each half as slow again.
RULING := $(addprefix tests/unit/,rules data store hub gate)
# Tests that need no engine run side by side; the others share one.
BESIDE := tests/corpus tests/integration/checks tests/integration/data tests/integration/tutorials

.PHONY: attacks fuzz help setup engine images demo down clean test unit lint screenshots bench escape bacthub

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: ## install what is missing on this machine, and the Python environment
	@bash deploy/setup.sh

engine: ## make sure that a Docker Engine runs
	@bash deploy/engine.sh

images: setup engine ## build the images whose inputs changed
	@bash deploy/images.sh

demo: images ## set everything up, run the main job, leave the enclave running
	@$(PY) deploy/demo.py

down: ## stop the enclave; data, homes and images stay
	@$(PY) deploy/enclave.py down

clean: ## stop the enclave and remove its data, homes and images
	@$(PY) deploy/enclave.py clean
	@bash deploy/images.sh --remove

lint: ## style, types, rooms
	@.venv/bin/ruff format --check . && .venv/bin/ruff check .
	@.venv/bin/mypy && .venv/bin/mypy deploy
	@.venv/bin/lint-imports

unit: ## unit tests alone; every branch of the rules is covered
	@.venv/bin/pytest -q -n 2 $(RULING) --cov=ecluse.rules --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered
	@.venv/bin/pytest -q -n 2 tests/unit $(addprefix --ignore=,$(RULING))

test: ## set everything up and run every test
	@bash deploy/setup.sh --tests
	@bash deploy/engine.sh
	@$(MAKE) --no-print-directory lint unit
	@.venv/bin/pytest -q -n 2 --dist loadfile --durations=10 $(BESIDE)
	@bash deploy/images.sh --tests
	@.venv/bin/pytest --durations=15 tests/images tests/verification tests/escape \
	    tests/integration tests/functional $(addprefix --ignore=,$(BESIDE))

bacthub: setup ## 50,000 made-up patients of 37 hospitals: consolidate, extract, find the planted effect
	@nice -n 5 $(PY) deploy/bacthub.py

attacks: setup ## the environment that attacks models with SACRO-ML, in build/attacks (6 GB; deploy/attacks/attack.py)
	@[ -x build/attacks/bin/python ] || $(PY) -m uv venv --quiet --python $(PY) build/attacks
	@$(PY) -m uv pip sync --require-hashes --python build/attacks deploy/attacks/requirements.txt

fuzz: setup ## fuzz each reader of files for SECONDS_EACH seconds (default 60); what it finds lies in build/fuzz
	@bash deploy/setup.sh --tests
	@for kind in csv excel parquet notebook html markdown latex text json png svg pdf docx zip any; do \
	    echo "fuzz: $$kind"; PYTHONPATH=tests:extensions $(PY) -m fuzz $$kind $(or $(SECONDS_EACH),60) || exit 1; done

screenshots: images ## make the pictures of the docs anew, from the browser's story
	@ECLUSE_SHOTS=docs/images .venv/bin/pytest -q tests/functional/test_story.py

escape: images ## make every attempt to break out or in, one line each
	@$(PY) -m tests.escape

bench: images ## measure; writes build/bench.json (ONLY=name,… runs some)
	@$(PY) tests/bench $(if $(ONLY),--only $(ONLY))
