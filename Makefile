# `make html` and `make test` work in a fresh clone: the environment in .venv is created, and brought
# up to date, by the first target that needs it. `make help` lists the targets from the comments
# that begin with `##` here.

SHELL := /bin/sh
PY := .venv/bin/python
export PYTHONDONTWRITEBYTECODE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The first Python that is new enough. `make PYTHON=python3.12` chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# The editable installation names this folder: reinstall the package if the folder was moved.
ifneq ($(shell cat .venv/folder 2>/dev/null),$(CURDIR))
MOVED := moved
endif

.DEFAULT_GOAL := html
.PHONY: html test test-all live post clean help moved
.PHONY: audit lint reproducible publish-check publish-site compare links wheel bench bench-build \
	bench-scale torch screenshot contact-sheet digits digits-seeds requirements test-rest

##@ For everyone

html: .venv/site.stamp  ## build the blog into _build/html
	@$(PY) -m blog.build

# Tests that need more than Python; tests/conftest.py and pyproject.toml say which those are.
SLOW = site or build or browser or node or java or training
# One worker for each processor; the tests of a file share one.
PARALLEL = -n logical --dist loadfile --no-loadscope-reorder

# If ARGS has a path, do not filter by marker and do not run in parallel.
test: .venv/test.stamp  ## run the quick tests, or some: ARGS="tests/cnnlib/test_conv.py -k stride"
	@$(PY) -m pytest $(if $(findstring /,$(ARGS)),,$(PARALLEL) -m "not ($(SLOW))") $(ARGS)

test-all: .venv/test.stamp  ## run every test (installs Chromium, Node and Java with apt if missing)
	@$(PY) -m blog.measure.system_tools
	@$(PY) -m pytest $(PARALLEL) $(ARGS)

live: .venv/site.stamp  ## serve the blog; rebuild and reload at each save (PORT=8000, NO_BROWSER=1)
	@$(PY) -m blog.build.live $(if $(NO_BROWSER),--no-browser) $(if $(PORT),--port $(PORT))

# As it was typed: make would take $k for a variable of its own, and run $(shell ...).
override export TITLE := $(value TITLE)
override export FROM := $(value FROM)
override export FILE := $(value FILE)

post: .venv/site.stamp  ## start a post: make post TITLE="..." (DRAFT=1 for a draft, FROM=old-post.md)
	@$(PY) -m blog.build.new_post

clean:  ## remove everything that was built (the environment stays)
	rm -rf _build jupyter_execute .cache

help:  ## show this list
	@awk -F ':[^#]*## ' '/^##@ / { printf "%s%s\n", gap, substr($$0, 5); gap = "\n" } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

##@ For maintainers

lint: .venv/test.stamp  ## check style and types (ruff, mypy)
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

# What `make test` leaves out.
test-rest: .venv/test.stamp
	@$(PY) -m blog.measure.system_tools
	@$(PY) -m pytest $(PARALLEL) -m "$(SLOW)" $(ARGS)

audit: .venv/test.stamp html  ## measure the built pages with Lighthouse (about 5 minutes)
	@$(PY) -m blog.measure.system_tools && $(PY) -m blog.measure.audit

reproducible: .venv/site.stamp  ## build twice from scratch and compare every byte
	@$(PY) -m blog.publish.reproducible

publish-check: lint test-all reproducible publish-site  ## run every check before publishing (needs BLOG_BASEURL)

publish-site: .venv/site.stamp  ## build for BLOG_BASEURL and check the result
	@$(PY) -m blog.publish

compare: .venv/site.stamp  ## show what differs between two built sites: make compare BEFORE=... AFTER=...
	@test -n "$(BEFORE)" && test -n "$(AFTER)" || { \
		echo "Name the folders of two built sites: make compare BEFORE=... AFTER=..." >&2; exit 1; }
	@$(PY) -m blog.publish.compare "$(BEFORE)" "$(AFTER)"

links: html  ## check that external links still work (needs the network)
	@$(PY) -m blog.check.external_links

wheel: .venv/site.stamp  ## test cnnlib's wheel with the oldest and the newest NumPy
	@$(PY) -m blog.publish.try_wheel

# OpenBLAS must choose its kernels for this processor by itself.
bench: .venv/bench.stamp .venv/torch.stamp  ## compare cnnlib's speed with other libraries (about 10 minutes)
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(PY) -m blog.measure.bench $(ARGS)

bench-build: .venv/site.stamp  ## measure how long builds take
	@$(PY) -m blog.measure.bench_build

bench-scale: .venv/test.stamp  ## measure an image larger than memory (a minute; FULL=1 for 1.6 GB)
	@$(PY) -m blog.measure.bench_scale $(if $(FULL),--full)

torch: .venv/torch.stamp  ## install PyTorch, an optional reference for tests and benchmarks (large)

contact-sheet: .venv/site.stamp  ## draw every operation in every kind of geometry, to look at
	@$(PY) -m blog.measure.contact_sheet

screenshot: .venv/test.stamp html  ## retake .github/screenshot.png, which README.md shows
	@$(PY) -m blog.measure.screenshot

digits: .venv/site.stamp  ## make the sheet of handwritten digits again from its source (needs npm)
	@$(PY) -m blog.measure.digits_sheet

digits-seeds: .venv/site.stamp  ## train the network of digits from five seeds, and variants of it (10 minutes)
	@OPENBLAS_NUM_THREADS=1 $(PY) -m blog.measure.digit_seeds

requirements: .venv/test.stamp  ## pin requirements/*.in to exact versions with hashes (UPGRADE=1 for the newest)
	$(PY) -m pip install -q uv
	for f in site test bench; do $(PY) -m uv pip compile -q --universal --python-version 3.11 \
		--fork-strategy fewest --generate-hashes $(if $(UPGRADE),--upgrade) --no-emit-index-url --no-header \
		requirements/$$f.in -o requirements/$$f.txt; done

# The environment. The time of a stamp file is that of the last installation.

# Show errors only: pip's other messages depend on the machine.
INSTALL = $(PY) -m pip install -qq
OR_FAIL = || { echo "Installing failed, as pip says above; it needs the network." >&2; exit 1; }

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found: install it, or name it with make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed, but $(PYTHON) is $$($(PYTHON) --version 2>&1)" >&2; exit 1; }
	@echo "Creating the environment in .venv (once)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Creating .venv failed, as $(PYTHON) says above; on Debian and Ubuntu, install python3-venv" >&2; exit 1; }

.venv/site.stamp: requirements/site.txt pyproject.toml $(MOVED) | .venv/bin/python
	@echo "Installing what the blog needs"
	@$(INSTALL) --require-hashes -r requirements/site.txt $(OR_FAIL)
	@$(INSTALL) --no-deps --no-build-isolation -e . $(OR_FAIL)
	@printf '%s' "$(CURDIR)" > .venv/folder
	@touch $@

.venv/test.stamp: requirements/test.txt .venv/site.stamp
	@echo "Installing what the tests need"
	@$(INSTALL) --require-hashes -r requirements/test.txt $(OR_FAIL)
	@touch $@

.venv/bench.stamp: requirements/bench.txt .venv/test.stamp
	@echo "Installing what the benchmark needs"
	@$(INSTALL) --require-hashes -r requirements/bench.txt $(OR_FAIL)
	@touch $@

# Not in requirements: PyTorch is too large to ask of everyone.
.venv/torch.stamp: | .venv/test.stamp
	@$(PY) -c 'import torch' 2>/dev/null || { echo "Installing PyTorch (large)"; \
		$(INSTALL) 'torch==2.13.0' $(OR_FAIL); }
	@touch $@
