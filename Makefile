# Everything happens in .venv, with the versions of constraints.txt. No target needs root.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt
SOURCES := autoreward envs tests
PYTEST_FLAGS ?= -n 2 --dist worksteal
DEMO := design --env half_cheetah --task forward --model compose --candidates 4 --generations 2 --seeds 3 \
	--n-timesteps 120000 --yes

.PHONY: help install demo test test-all other-pythons mujoco-next lint bench reach gpu-check

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

install: $(VENV)/.installed-all  ## .venv with everything: all extras and the tools of the developers

demo: $(VENV)/.installed-base  ## design a reward for a running half cheetah: offline, no key, no torch
	$(BIN)/autoreward $(DEMO)

test: $(VENV)/.installed-all  ## everything that CI runs: tests, and lint and types beside them
	$(call BESIDE_LINT,-m "not thorough")

# Compiled as a user's programs are, where `make test` leaves most optimisations out: its tests compile more than they run.
test-all: export JAX_DISABLE_MOST_OPTIMIZATIONS := 0
test-all: export HYPOTHESIS_EXAMPLES := 100
test-all: $(VENV)/.installed-all  ## the same with what takes long: MJX and Warp on every pack, memory over many trainings
	$(call BESIDE_LINT,)
	@$(MAKE) --no-print-directory other-pythons

# The base installation under the other versions that are supported, each where it is installed and can make a venv.
OTHER_PYTHONS ?= 3.12 3.13
OTHER_TESTS := tests/reward tests/critic tests/ledger tests/search tests/workflows tests/test_*.py
other-pythons:  ## the core of the tests under Python 3.12 and 3.13, where they are installed
	@for version in $(OTHER_PYTHONS); do \
	  python=$$(command -v python$$version) && $$python -c 'import ensurepip' 2>/dev/null || { \
	    echo "Python $$version is not installed here: not tried"; continue; }; \
	  test -x .venv-$$version/bin/python || $$python -m venv .venv-$$version || exit 1; \
	  .venv-$$version/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt \
	    -e . beartype build hatchling hypothesis jsonschema pytest pytest-xdist || exit 1; \
	  .venv-$$version/bin/python -m pytest $(PYTEST_FLAGS) -m "not thorough" $(OTHER_TESTS) || exit 1; \
	done

# MuJoCo goes in after the package of 3.11 and what belongs to it are out: one over the other is a broken installation.
NEXT := .venv-mujoco-next
NEXT_PIP := $(NEXT)/bin/python -m pip
mujoco-next:  ## the C simulation on the batches of MuJoCo 4.0.0 in place of mjbatch, in a venv of its own
	@test -x $(NEXT)/bin/python || $(PYTHON) -m venv $(NEXT)
	@$(NEXT_PIP) install --disable-pip-version-check --quiet -c constraints.txt -e . beartype hypothesis pytest pytest-xdist
	@$(NEXT_PIP) uninstall --quiet --yes mujoco mujoco-core mujoco-studio mjbatch
	@$(NEXT_PIP) install --disable-pip-version-check --quiet mujoco==4.0.0
	$(NEXT)/bin/python -m pytest $(PYTEST_FLAGS) tests/environment/simulation/test_batches.py \
	  tests/environment/simulation/test_c_simulation.py \
	  tests/environment/simulation/test_randomisation.py tests/environment/simulation/test_placement.py \
	  tests/environment/test_parity.py

# Lint is told when the tests are through, so that the two do not mix; either of them fails the target.
define BESIDE_LINT
@lint_told=$$(mktemp); $(MAKE) --no-print-directory lint >"$$lint_told" 2>&1 & lint=$$!; \
$(BIN)/python -m pytest $(PYTEST_FLAGS) $(1); tests=$$?; \
wait $$lint; lint=$$?; cat "$$lint_told"; rm -f "$$lint_told"; test $$tests -eq 0 -a $$lint -eq 0
endef

lint: $(VENV)/.installed-all  ## ruff and mypy
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

bench: $(VENV)/.installed-all  ## how fast it learns, whether it learns, how soon it starts; on an idle machine
	@failed=0; for what in train learn start; do $(BIN)/autoreward bench $$what || failed=$$?; done; exit $$failed

reach: $(VENV)/.installed-all  ## train the hand-written rewards that show that tasks can be reached; hours, goes on where it ended
	$(BIN)/python -m tests.reachability.reach $(BEHAVIOURS)

# Needs no network: with WHEELS=FOLDER everything comes from that folder, beside what the machine has (jax for CUDA).
# What lies in gpu-check.jsonl is complete up to the last line, whenever the machine is taken back; see docs/gpu.md.
GPU_PYTHON ?= python3
GPU_SITE ?= .gpu-site
GPU_FLAGS ?=
gpu-check:  ## on a GPU machine: how fast populations learn there (WHEELS=FOLDER: offline; GPU_FLAGS="--envs ant")
ifdef WHEELS
	$(GPU_PYTHON) -m pip install --quiet --no-index --no-deps --no-compile --upgrade --target $(GPU_SITE) $(WHEELS)/*.whl
endif
	PYTHONPATH=$(CURDIR):$(CURDIR)/$(GPU_SITE):$$PYTHONPATH \
	JAX_COMPILATION_CACHE_DIR=$${JAX_COMPILATION_CACHE_DIR:-$(CURDIR)/.cache/jax} \
	$(GPU_PYTHON) -m autoreward.bench.gpu --out gpu-check.jsonl $(GPU_FLAGS)

# A version outside the range would fail deep inside pip; say so first.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { \
	  echo "autoreward needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; \
	  echo "  Name another one: make PYTHON=python3.11 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' || { \
	  echo "'$(PYTHON)' cannot make virtual environments: install its venv package (python3-venv)." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-base: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.installed-all: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) -e '.[all,dev]'
	@touch $@ $(VENV)/.installed-base
