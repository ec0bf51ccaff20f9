# Every target works as the first and only command on a machine with Python 3.11+ and make.
PYTHON ?= python3
# Test processes side by side: most tests wait for a broker, a database or a browser, not for a processor.
TEST_PROCESSES ?= 2
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false
# The tests start hundreds of processes; where this is set, each of them would compile a thousand files again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test suite faults bench bench-delivery lock lint install clean

demo: $(READY)
	$(BIN)/rapport demo

# The checks run beside the first tests; a failure of either fails the target.
test: $(READY)
	$(MAKE) --jobs 2 lint suite

suite: $(READY)
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

faults: $(READY)
	$(BIN)/python -m tests.faults
	$(BIN)/python -m tests.faults mutations

bench: $(READY)
	$(BIN)/python -m tests.benchmarks

bench-delivery: $(READY)
	$(BIN)/python -m tests.benchmarks.delivery

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

install: $(READY)

# pip installs uv by its hash in the lock. uv then installs everything in the lock, and the project without
# its dependencies and without a second download of its build tool.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Rapport needs Python 3.11 or newer: set PYTHON=…") if sys.version_info < (3, 11) else 0'
	@echo "Installing (about 3 GB to download, 6 GB on disk with CUDA libraries; once)"
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	$(BIN)/uv pip sync --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

lock: $(READY)
	$(BIN)/uv pip compile --generate-hashes --universal --all-extras --python-version 3.11 --quiet pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --generate-hashes --universal --python-version 3.11 --quiet --constraint requirements.lock pyproject.toml -o helm/requirements.lock

clean:
	rm -rf $(VENV) .rapport
