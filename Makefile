# RecSys Lab. The two commands are `make book` and `make test`; both set up what they need.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
LITE := .venv-lite
NBGRADER := .venv-nbgrader
BIN := $(VENV)/bin
PORT ?= 8000
SITE := _build/html
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

# One thread for each product of matrices: tests run two at a time, our matrices are small, and on a
# busy machine threads that wait for each other cost thirty times what they bring. Races set their own.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

# Real ratings are read where they already lie; nothing is fetched unless `make data` asks for it.
ifndef RECSYS_LAB_DATA
ifneq ($(wildcard ../shared/data/movielens/ml-latest-small/ratings.csv),)
export RECSYS_LAB_DATA := $(abspath ../shared/data/movielens)
endif
endif

.PHONY: help book page look serve classroom test unit notebooks-test site-test classroom-test data bench lint clean

help:
	@echo "make book    build the website into $(SITE)"
	@echo "make page    build one chapter alone: make page PAGE=similarity"
	@echo "make look    take pictures of it, to be looked at: make look PAGE=similarity"
	@echo "make serve   serve it on http://127.0.0.1:$(PORT)"
	@echo "make classroom   the book without solutions, in one zip for a room without a network"
	@echo "make test    run every test, a real browser included"
	@echo "make data    download MovieLens from GroupLens (1 MB), for the pages on real ratings"
	@echo "make bench   race our algorithms against well-known libraries"
	@echo "make clean   remove what was built"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "RecSys Lab needs Python 3.11 or newer as $(PYTHON). Install it, or name another: make PYTHON=python3.12 ..."; exit 1; }
	@echo "making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.book: $(BIN)/python requirements.txt pyproject.toml
	@echo "installing the book's requirements (a few minutes the first time) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.test: $(VENV)/.book tests/requirements.txt
	@echo "installing what the tests need ..."
	@$(PIP) -r tests/requirements.txt
	@touch $@

# Jupyter in the browser is built by tools in an environment of their own, each file pinned.
$(LITE)/.lab: $(BIN)/python lite/requirements.txt
	@$(PYTHON) -m venv $(LITE)
	@$(LITE)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r lite/requirements.txt
	@touch $@

# nbgrader, which marks an exported chapter in a test: its pins are not the book's.
$(NBGRADER)/.done: $(BIN)/python tests/nbgrader-requirements.txt
	@echo "installing nbgrader ..."
	@$(PYTHON) -m venv $(NBGRADER)
	@$(NBGRADER)/bin/pip install --quiet --disable-pip-version-check -r tests/nbgrader-requirements.txt
	@touch $@

book: $(VENV)/.book $(LITE)/.lab
	@echo "building the book ..."
	@$(BIN)/jupyter-book build . -n -W --keep-going
	@$(BIN)/python lite/lab.py $(SITE)
	@echo
	@echo "The book is in $(SITE). To read it: make serve, then open http://127.0.0.1:$(PORT)"

# For a class: no solutions anywhere, and a script of its own that serves it. Runs no notebook again.
classroom: book
	@echo "building the book for a class ..."
	@$(BIN)/python lite/classroom.py

# One chapter alone, quickly, while it is being written; links to other chapters lead nowhere.
PAGE ?= similarity
ALONE := _build/pages/$(PAGE)
page: $(VENV)/.book
	@mkdir -p $(ALONE)
	@printf 'format: jb-book\nroot: book/%s\n' $(PAGE) > $(ALONE)/_toc.yml
	@$(BIN)/jupyter-book build . --toc $(ALONE)/_toc.yml --path-output $(ALONE) -q
	@echo "$(ALONE)/_build/html/book/$(PAGE).html"

look: $(VENV)/.test page
	@$(BIN)/python tests/site/look.py $(ALONE)/_build/html/book/$(PAGE).html $(ALONE)/look

serve:
	@test -f $(SITE)/index.html || { echo "There is no book yet: run make book first."; exit 1; }
	@echo "http://127.0.0.1:$(PORT)  (Ctrl-C ends it)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

test: unit notebooks-test site-test classroom-test

unit: $(VENV)/.test $(NBGRADER)/.done
	@echo "== the package: unit tests, oracles, import rules"
	@$(BIN)/python -m pytest tests --ignore tests/site -n 2 --dist loadfile

notebooks-test: $(VENV)/.test
	@echo "== the notebooks: every checked number printed again"
	@RECSYS_LAB_EXPLORE=text $(BIN)/python -m pytest --nbval-lax -p no:cacheprovider \
	  -n 2 --dist loadscope $$($(BIN)/python tests/notebooks.py)

site-test: $(VENV)/.test book
	@echo "== the website in Chromium"
	@bash tests/site/chromium.sh
	@$(BIN)/python -m pytest tests/site -m "not alone" -n 2 --dist loadgroup --ignore tests/site/test_classroom.py
	@$(BIN)/python -m pytest tests/site -m alone --ignore tests/site/test_classroom.py

classroom-test: $(VENV)/.test classroom
	@echo "== the book for a class: searched for solutions, and served to a room"
	@bash tests/site/chromium.sh
	@$(BIN)/python -m pytest tests/site/test_classroom.py

data: $(VENV)/.book
	@$(BIN)/python -c 'from recsys_lab.data import load_movielens; print(load_movielens())'

bench:
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt -e .
	@.venv-bench/bin/python benchmarks/run.py

lint: $(VENV)/.test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

clean:
	rm -rf _build build *.egg-info
