# Everything this project can be asked to do. `make` alone lists it.
# Works with GNU make 3.81 and later, bash, and any Python 3.11 or later; nothing else has to be installed.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

# One Python, or several to try in this order; the first that is 3.11 or later makes the environment.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11 python
DEMO_ARGS ?=
BENCH_ARGS ?=
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
COMPILE := pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

.PHONY: help setup demo test lint types bench prove lock clean browser

help: ## what can be asked for
	@echo "Callboard: make <target>"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' Makefile | while IFS='|' read -r target text; do \
	  printf '%-10s %s\n' "$$target" "$$text"; done

setup: $(STAMP) ## make .venv and install what requirements.lock pins (the other targets do it by themselves)
	@echo "$(VENV) is ready"

demo: $(STAMP) ## run a simulated trading day to its end (DEMO_ARGS="--fast --seed 7")
	@$(BIN)/callboard demo $(DEMO_ARGS)

test: lint types browser ## lint, types and every test (PYTEST_ARGS="-k ledger")
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile $(PYTEST_ARGS)

# The page is tested in a real browser. Where we may, Debian's Chromium is installed; elsewhere those tests say why they skip.
browser:
	@if ! command -v chromium chromium-browser google-chrome >/dev/null; then \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    echo "Installing chromium, in which the page is tested ..."; \
	    timeout 60 apt-get update -qq && \
	      DEBIAN_FRONTEND=noninteractive timeout 240 apt-get install -y -qq chromium >/dev/null || \
	      echo "chromium could not be installed: the tests in a browser are skipped"; \
	  else \
	    echo "No Chromium here: the tests in a browser are skipped (on Debian and Ubuntu: apt-get install chromium)"; \
	  fi; \
	fi

lint: $(STAMP) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

bench: $(STAMP) ## every benchmark beside its bare limit (BENCH_ARGS="--quick --only watcher")
	@$(BIN)/python -m tests.benchmarks.run $(BENCH_ARGS)

# One test a time goes to each core, but for those that share one run of random days.
prove: $(STAMP) ## the proofs and property tests at full length, and what they tried
	CALLBOARD_PROOF=long $(BIN)/python -m pytest --numprocesses=auto --dist=loadgroup \
	  -o faulthandler_timeout=7200 -m "proof or hypothesis" $(PYTEST_ARGS)

lock: $(STAMP) ## write requirements.lock anew from pyproject.toml, with hashes for every platform
	@$(BIN)/uv $(COMPILE) --upgrade
	@echo "requirements.lock is new; the next target installs it"

clean: ## remove the environment and everything that is made; the data folder var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find bot options strategies storage tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml | $(BIN)/python
	@$(BIN)/python -c '$(RECENT)' || { \
	  echo "$(VENV) was made with a Python older than 3.11: run 'make clean', then again" >&2; exit 1; }
	@echo "Installing what requirements.lock pins into $(VENV) ..."
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

$(BIN)/python:
	@set -e; python=; \
	for candidate in $(PYTHON); do \
	  if "$$candidate" -c '$(RECENT)' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Callboard needs Python 3.11 or later and none of these is one: $(PYTHON);" \
	    "name yours with 'make PYTHON=/path/to/python3 ...'" >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	  package=$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    echo "Installing $$package, which this Python needs to make environments ..."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$$package" >/dev/null; \
	  else \
	    echo "This Python cannot make environments: install the system's package for that" \
	      "(on Debian and Ubuntu: apt-get install $$package), then run make again" >&2; exit 1; \
	  fi; \
	fi; \
	echo "Making $(VENV) with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear $(VENV)
