# Greenkeep. `make` alone lists the targets.
#
#   PORT=8000    where the demo answers          FRESH=1      throw the demo's data away first
#   ON=...       a later day for the demo's clock, as 2013-10-08
#   DB=sqlite    the engine under the tests      COVERAGE=1   measure the tests' coverage
#   ARGS=...     more arguments for pytest, the benchmarks or the checks

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
PORT ?= 8000
DB ?= sqlite
FRESH ?=
ON ?=
COVERAGE ?=
ARGS ?=

BIN := .venv/bin
READY := .venv/ready
# What the build hook makes can be deleted without any input growing newer.
AGAIN := $(if $(wildcard maps/vendor/stamp),,again)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: $(READY) ## make .venv with everything in it; quick when nothing changed
	@echo "Ready: .venv holds what requirements.lock names."

.PHONY: demo
demo: $(READY) ## the founding case in the browser: make demo [PORT=8000] [FRESH=1] [ON=2013-10-08]
	@mkdir -p var
	$(BIN)/greenkeep demo --folder var/demo --port $(PORT) $(if $(FRESH),--fresh) $(if $(ON),--on $(ON))

.PHONY: demo-data
demo-data: $(READY) ## write the founding case's files to var/founding-case
	$(BIN)/python -m data.founding_case var/founding-case

.PHONY: test
test: $(READY) ## every test: make test [DB=postgres] [COVERAGE=1]
	@case "$(DB)" in sqlite|postgres) ;; *) echo "DB is sqlite or postgres, not $(DB)." >&2; exit 2 ;; esac
	DB=$(DB) $(BIN)/python -m pytest -n 2 --dist worksteal $(if $(filter postgres,$(DB)),-m "not browser") \
	  $(if $(COVERAGE),--cov --cov-report=term:skip-covered) $(ARGS)

.PHONY: lint
lint: $(READY) ## style, types, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: bench
bench: $(READY) ## measure speed and write docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks.run $(ARGS)

.PHONY: proof
proof: $(READY) ## the named checks at full size, each with its control, into docs/proof.md
	$(BIN)/python -m tests.proof $(ARGS)

.PHONY: clean
clean: ## remove what make made, but not var/
	rm -rf .venv build dist maps/vendor .coverage* htmlcov .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.PHONY: again
again:

$(READY): requirements.lock pyproject.toml hatch_build.py package.json package-lock.json $(AGAIN)
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Greenkeep needs Python 3.11 or later: as root, apt-get install python3 python3-venv" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Greenkeep needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version). Name another: make PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments: as root, apt-get install python3-venv" >&2; exit 2; }
	@echo "Setting up .venv; the first time takes a minute or two."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
