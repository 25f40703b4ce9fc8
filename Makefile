# Two commands do everything on a fresh machine: `make html` and `make test`.
# The environment lives in .venv and is made, or brought up to date, when a target needs it.

SHELL := /bin/sh
PY := .venv/bin/python
export PYTHONDONTWRITEBYTECODE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The first Python found that is new enough. `make PYTHON=python3.12` chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# An environment that was moved with its folder installs the package anew.
ifneq ($(shell cat .venv/folder 2>/dev/null),$(CURDIR))
MOVED := moved
endif

.DEFAULT_GOAL := html
.PHONY: html test test-all test-rest audit bench torch live clean help requirements lint check moved post reproducible publish-check publish-site links bench-build wheel

html: .venv/site.stamp  ## build the blog to _build/html
	@$(PY) -m blog.build

# Tests that need more than Python; tests/conftest.py and pyproject.toml say which those are.
SLOW = site or build or browser or node or java
# One worker for each processor; the tests of a file share one. A test named by its path runs
# without workers.
PARALLEL = -n logical --dist loadfile --no-loadscope-reorder

test: .venv/test.stamp  ## run the quick tests; ARGS="tests/cnnlib/test_conv.py -k stride" runs those named, of any kind
	@$(PY) -m pytest $(if $(findstring /,$(ARGS)),,$(PARALLEL) -m "not ($(SLOW))") $(ARGS)

test-all: .venv/test.stamp  ## run every test; with apt, installs Chromium, Node and Java if they are missing
	@$(PY) -m blog.measure.system_tools
	@$(PY) -m pytest $(PARALLEL) $(ARGS)

# What `make test` leaves out.
test-rest: .venv/test.stamp
	@$(PY) -m blog.measure.system_tools
	@$(PY) -m pytest $(PARALLEL) -m "$(SLOW)" $(ARGS)

live: .venv/site.stamp  ## write with the pages open: rebuilds and reloads at each save
	@$(PY) -m blog.build.live $(if $(NO_BROWSER),--no-browser) $(if $(PORT),--port $(PORT))

post: .venv/site.stamp  ## begin a post: make post TITLE="..." (DRAFT=1 for a draft)
	@$(PY) -m blog.build.new_post

reproducible: .venv/site.stamp  ## build twice from nothing and compare every byte
	@$(PY) -m blog.publish.reproducible

publish-check: lint test-all reproducible publish-site  ## all that must hold before publishing
publish-site: .venv/site.stamp
	@$(PY) -m blog.publish

links: html  ## ask whether external links are still there
	@$(PY) -m blog.check.external_links

bench-build: .venv/site.stamp  ## measure builds beside what they are made of
	@$(PY) -m blog.measure.bench_build

wheel: .venv/site.stamp  ## try cnnlib's wheel with the oldest and the newest NumPy alone
	@$(PY) -m blog.publish.try_wheel

lint: .venv/test.stamp  ## style and types
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

bench: .venv/bench.stamp .venv/torch.stamp  ## measure cnnlib against its peers (about 10 minutes)
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(PY) -m blog.measure.bench $(ARGS)

torch: .venv/torch.stamp  ## install PyTorch, which tests and the benchmark compare with if it is there (large)

audit: .venv/test.stamp html  ## measure the built pages with Lighthouse (about 5 minutes)
	@$(PY) -m blog.measure.system_tools && $(PY) -m blog.measure.audit

clean:  ## remove what was built (the environment stays)
	rm -rf _build jupyter_execute .cache

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 16

requirements: .venv/test.stamp  ## compile requirements/*.in into exact versions with hashes
	$(PY) -m pip install -q uv
	for f in site test bench; do $(PY) -m uv pip compile -q --universal --python-version 3.11 \
		--fork-strategy fewest --generate-hashes $(if $(UPGRADE),--upgrade) --no-emit-index-url --no-header \
		requirements/$$f.in -o requirements/$$f.txt; done

# Errors only: what else pip remarks depends on the machine.
INSTALL = $(PY) -m pip install -qq
OR_SAY = || { echo "Installing failed, as pip says above; it needs the network." >&2; exit 1; }

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found: install it, or name it with make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed, but $(PYTHON) is $$($(PYTHON) --version 2>&1)" >&2; exit 1; }
	@echo "Making the environment (once)"
	@$(PYTHON) -m venv .venv

.venv/site.stamp: requirements/site.txt pyproject.toml $(MOVED) | .venv/bin/python
	@echo "Installing what the blog needs"
	@$(INSTALL) --require-hashes -r requirements/site.txt $(OR_SAY)
	@$(INSTALL) --no-deps --no-build-isolation -e . $(OR_SAY)
	@printf '%s' "$(CURDIR)" > .venv/folder
	@touch $@

.venv/test.stamp: requirements/test.txt .venv/site.stamp
	@echo "Installing what the tests need"
	@$(INSTALL) --require-hashes -r requirements/test.txt $(OR_SAY)
	@touch $@

.venv/bench.stamp: requirements/bench.txt .venv/test.stamp
	@echo "Installing what the benchmark needs"
	@$(INSTALL) --require-hashes -r requirements/bench.txt $(OR_SAY)
	@touch $@

# The independent implementation that is too large to ask of everyone.
.venv/torch.stamp: | .venv/test.stamp
	@$(PY) -c 'import torch' 2>/dev/null || { echo "Installing PyTorch, to compare with (large)"; \
		$(INSTALL) 'torch==2.13.0' $(OR_SAY); }
	@touch $@
