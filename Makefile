# The only door for people and for CI: everything is set up in .venv, nothing is installed by hand.
.DEFAULT_GOAL := help
.PHONY: help demo services test test-services test-long test-fast test-language lint format bench bench-quick train train-reader train-claims train-turns discord pictures lock clean

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
DEMO_HOME := .demo
# One process more than processors: tests wait for about as long as they compute; one more yet takes a gigabyte, and gains
# nothing.
AT_ONCE := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --maxprocesses 5 --dist loadfile --no-loadscope-reorder
# What differs where stores lie on servers: what fills, reads and moves them. Discord's tests and those of what the bot
# remembers run in both places by themselves. The rest of both folders, every night.
ON_SERVERS := $(addprefix tests/bot/,operations answering/test_retriever.py answering/test_pipeline.py \
	$(patsubst %,cli/test_%.py,asking ingesting ingesting_newsrooms ingesting_sources ingesting_watch ledger_feedback \
	releases seed)) \
	$(patsubst %,tests/ingest/test_%.py,doubt following following_missing following_moves linking linking_corrections \
	pipeline pipeline_ending pipeline_newsroom releases_identity releases_takedowns)
LANGUAGE := $(addprefix tests/bot/,language answering/test_wording_of_notes.py) tests/ingest/test_dates.py \
	tests/vectorstore/text
# Modules are compiled by whoever imports them first: pip would compile 20,000, of which most are never needed.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-compile
LOCKING := --quiet --universal --generate-hashes --no-annotate --no-header

help:            ## what there is
	@sed -n 's/^\([a-z-]*\): .*## */\1	/p' $(MAKEFILE_LIST) | expand -t 18

$(READY): pyproject.toml requirements.lock requirements-models.lock
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@echo "Setting up .venv; it takes some minutes."
	@$(PYTHON) -m venv .venv
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --require-hashes --requirement requirements-models.lock 2> .venv/models.log || \
		echo "sentence-transformers is left out, and its tests are skipped: there is no CPU build of PyTorch here (.venv/models.log)."
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)   ## ingest samples/ and answer a question in each language
	@rm -rf $(DEMO_HOME)
	$(BIN)/communique --home $(DEMO_HOME) ingest samples
	@echo
	$(BIN)/communique --home $(DEMO_HOME) ask "Où l'opération Baltic Sentry a-t-elle été lancée ?"
	@echo
	$(BIN)/communique --home $(DEMO_HOME) ask "When did Sweden join NATO?"
	@echo
	@echo "Now ask your own questions, one at a time or in a conversation:"
	@echo
	@echo '    $(BIN)/communique --home $(DEMO_HOME) ask "Who took over from Jens Stoltenberg?"'
	@echo '    $(BIN)/communique --home $(DEMO_HOME) chat'

services:        ## install what tests run against (PostgreSQL, iproute2, Chromium, tesseract), where that is missing and may be done
	@{ { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; } && \
		command -v ip && command -v chromium && command -v tesseract; } >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
			postgresql iproute2 chromium fonts-dejavu-core tesseract-ocr tesseract-ocr-fra; \
	else echo "PostgreSQL, iproute2, Chromium or tesseract is missing here: tests that need it are skipped"; fi

test: $(READY)   ## the tests but the long ones; those over PostgreSQL are skipped where it is not installed
	$(BIN)/pytest $(AT_ONCE) -m "not long"

test-long: $(READY) ## the long ones: repeated kills, clusters, evenings on Discord, real models; for every night
	$(BIN)/pytest $(AT_ONCE) -m long

test-services: $(READY) ## storing and finding again, with every store on PostgreSQL and a Chroma server
	$(BIN)/pytest $(AT_ONCE) --servers -m "not long" $(ON_SERVERS)

test-fast: $(READY)  ## without the long ones and those on shared data
	$(BIN)/pytest $(AT_ONCE) -m "not long and not data"

test-language: $(READY) ## what is known of French and English alone, without a store or the network; in seconds
	$(BIN)/pytest -q --tables $(LANGUAGE)

lint: $(READY)   ## format, rules, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## put the code in form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## quality and speed beside baselines, more than an hour; goes on where it was stopped; reads DATA (default ../shared/data)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks.run --data $(or $(DATA),../shared/data) $(BENCH)

bench-quick: $(READY)  ## the same in some minutes, on small samples; printed, not written down
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks.run --quick --data $(or $(DATA),../shared/data)

train: $(READY)  ## make the built-in model again from DATA; goes on where it was stopped
	$(BIN)/python -m training.data --data $(or $(DATA),../shared/data) --out build/training
	$(BIN)/python -m training.tokenizer --out build/training
	$(BIN)/python -m training.train --out build/training
	$(BIN)/python -m training.evaluate --out build/training --data $(or $(DATA),../shared/data)
	$(BIN)/python -m training.package --out build/training --to vectorstore/model
	$(BIN)/python -m training.ranking --out build/training --data $(or $(DATA),../shared/data)

train-reader: $(READY) ## teach the reader from DATA, beginning with the model in BASE; goes on where it was stopped
	$(BIN)/python -m training.reader.data --data $(or $(DATA),../shared/data) --out build/reader
	$(BIN)/python -m training.reader.base --model $(or $(BASE),build/e5) --data $(or $(DATA),../shared/data) --out build/reader
	$(BIN)/python -m training.reader.train --out build/reader
	$(BIN)/python -m training.reader.evaluate --out build/reader --data $(or $(DATA),../shared/data)
	$(BIN)/python -m training.reader.export --out build/reader
	$(BIN)/python -m training.reader.rank --out build/reader --data $(or $(DATA),../shared/data)

train-claims: $(READY) ## teach what judges a language model's sentences, over the reader that is in place
	$(BIN)/python -m training.claims.train --data $(or $(DATA),../shared/data) --out build/claims
	$(BIN)/python -m training.claims.export --data $(or $(DATA),../shared/data) --out build/claims
	$(BIN)/python -m training.claims.fit --data $(or $(DATA),../shared/data)

train-turns: $(READY) ## teach what tells kinds of turns, over the reader that is in place
	$(BIN)/python -m training.turns.train --data $(or $(DATA),../shared/data)

discord: $(READY) ## answer on Discord; docs/discord.md says what it needs
	$(BIN)/communique discord run

pictures: $(READY) ## draw the pictures of docs/discord.md and docs/web.md; needs a Chromium
	$(BIN)/python -m docs.pictures.draw
	$(BIN)/python -m docs.pictures.draw_web

lock:            ## write the two locks from pyproject.toml; needs PyTorch's CPU build in a folder that PIP_FIND_LINKS names
	@rm -rf .lock && $(PYTHON) -m venv .lock && .lock/bin/pip install --quiet --quiet uv
	@grep '^#' requirements.lock > .lock/base && grep '^#' requirements-models.lock > .lock/models
	@UV_FIND_LINKS="$(PIP_FIND_LINKS)" .lock/bin/uv pip compile $(LOCKING) --extra dev pyproject.toml >> .lock/base
	@UV_FIND_LINKS="$(PIP_FIND_LINKS)" .lock/bin/uv pip compile $(LOCKING) --extra dev --extra dev-models pyproject.toml \
		--constraint .lock/base $$(sed -n 's/^\([A-Za-z0-9.-]*\)==.*/--no-emit-package \1/p' .lock/base) >> .lock/models
	@mv .lock/base requirements.lock && mv .lock/models requirements-models.lock && rm -rf .lock

clean:           ## remove what make made
	rm -rf .venv $(DEMO_HOME) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
