# What can be done here. `make` alone lists it; every target but `lock` makes .venv first, where it is missing or old.
BIN := .venv/bin
READY := .venv/.ready
FLOW := examples/hello-world.yaml
SEEDS := 200
SUITES :=

.DEFAULT_GOAL := help
.PHONY: help setup serve test soak check format docs bench simulate lock clean

help: ## List what can be done here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

$(READY): pyproject.toml requirements.lock scripts/setup.sh
	@PYTHON="$(PYTHON)" sh scripts/setup.sh
	@touch $@

setup: $(READY) ## Make .venv with the kapell command and all that tests need (PYTHON=... to choose one)

serve: $(READY) ## Run README's first flow (FLOW=... for another)
	$(BIN)/kapell run $(FLOW) -i name=World

test: $(READY) ## Run every suite within its time (SUITES="unit engine" for some)
	@$(BIN)/python -m scripts.suites $(SUITES)

soak: $(READY) ## Run the long tests, which `make test` leaves out
	@$(BIN)/python -m scripts.suites --soak $(SUITES)

check: $(READY) ## Check format, lint, types, imports, sizes, docs
	@$(BIN)/python -m scripts.check

format: $(READY) ## Format the code and mend what the linter can
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

docs: $(READY) ## Write the generated parts of docs/ anew
	@$(BIN)/python -m scripts.gen_docs

bench: $(READY) ## Measure, and print what was measured
	@$(BIN)/python -m bench

simulate: $(READY) ## Run executions under a hostile scheduler (SEEDS=200)
	@PYTHONPATH=tests $(BIN)/python -m simulation --seeds $(SEEDS)

lock: ## Choose the newest versions that pyproject.toml allows, and write requirements.lock
	@test -x $(BIN)/uv || sh scripts/setup.sh
	@$(BIN)/uv pip compile pyproject.toml --quiet --all-extras --group dev --python-version 3.11 --universal --upgrade \
		--generate-hashes --no-emit-index-url --no-header --output-file requirements.lock

clean: ## Remove .venv and caches
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build
	find src tests scripts bench -name __pycache__ -prune -exec rm -rf {} +
