# The two commands to know are `make run` and `make test`. Python >= 3.11 with pip is all a machine needs.
# What the caller's shell says about Python must not leak into the virtual environment.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONSAFEPATH PYTHONUSERBASE PYTHONWARNINGS PYTHONPLATLIBDIR VIRTUAL_ENV
# Without this one every process would compile all of Datelier anew, half a second of CPU.
unexport PYTHONDONTWRITEBYTECODE
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run test check setup bench walls chaos traces charts gen lock clean

VENV := .venv/bin
# The first interpreter that is new enough; `make PYTHON=/path/to/python3 …` chooses another.
CANDIDATES := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
BOOTSTRAP = @for python in $(CANDIDATES); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    exec "$$python" -m scripts.bootstrap $(1); fi; done; \
	echo "Python 3.11 or later is needed (looked for: $(CANDIDATES))." >&2; exit 1

help: ## show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  Arguments: make run ARGS="--port 9000", make test ARGS="tests/kit -k postgres"'

run: ## prepare what is needed, then start Datelier
	$(call BOOTSTRAP,run)
	@exec $(VENV)/datelier up $(ARGS)

test: ## run all tests: Python, browser and web; says what was left out
	$(call BOOTSTRAP,dev)
	@$(VENV)/python -m scripts.test $(ARGS)

check: ## lint, types, layers, sizes, generated code
	$(call BOOTSTRAP,dev)
	@$(VENV)/python -m scripts.check

setup: ## prepare the development environment only
	$(call BOOTSTRAP,dev)

bench: ## run the benchmarks and print their ratios
	$(call BOOTSTRAP,dev)
	@$(VENV)/python -m bench $(ARGS)

walls: ## try every attack on every wall alone, and print engine x wall x attack and the share of analytics
	$(call BOOTSTRAP,dev)
	@PYTHONPATH=src $(VENV)/python -m tests.walls $(ARGS)

chaos: ## kill, freeze and cut off real processes; count broken promises (FAULTS=30, SEED=, STATE=file to resume; CUTS=500 cuts streams)
	$(call BOOTSTRAP,dev)
	@$(VENV)/python -m tests.chaos$(if $(CUTS),.cuts --cuts $(CUTS), --faults $(or $(FAULTS),30) $(if $(STATE),--state $(STATE))) $(if $(SEED),--seed $(SEED))

traces: ## misquotes that must be untraced and honest phrasings that must be traced; prints every miss
	$(call BOOTSTRAP,dev)
	@$(VENV)/python -m tests.traces $(ARGS)

charts: ## 500 generated charts, honest and hostile, ruled and drawn in a browser; prints every miss
	$(call BOOTSTRAP,dev)
	@PYTHONPATH=src $(VENV)/python -m tests.charts $(ARGS)

gen: ## write the generated files anew
	$(call BOOTSTRAP,dev)
	@$(VENV)/python -m scripts.gen

# The locks hold names, versions, markers and hashes, and name no host. `dev` is bound to the
# versions of `run`, so that the tests run on what people run.
COMPILE = uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	--no-annotate --python-version 3.11 pyproject.toml
lock: ## renew requirements/*.txt from pyproject.toml (needs uv; ARGS="--upgrade" takes new versions)
	$(COMPILE) --group build --output-file requirements/run.txt $(ARGS)
	$(COMPILE) --group dev --constraint requirements/run.txt --output-file requirements/dev.txt $(ARGS)

clean: ## remove what was built; data in DATELIER_HOME stays
	rm -rf .make web/.cache src/datelier/static .pytest_cache .ruff_cache .import_linter_cache
	@if [ -L .venv ]; then echo '.venv is a link, left as it is'; else rm -rf .venv; fi
	@if [ -L web/node_modules ]; then echo 'node_modules is a link, left as it is'; else rm -rf web/node_modules; fi
