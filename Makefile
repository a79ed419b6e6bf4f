# Everything that a contributor does with this repository. `make` alone prints the list.

SWIFT    ?= swift
JOBS     ?= $(shell nproc)
CONFIG   ?= Examples/shop/ballast.yaml
FUZZTIME ?= 600
ARGS     ?=

# The flags of every build, in one place. The release is one program with Swift inside it.
FLAGS   := --jobs $(JOBS) --explicit-target-dependency-import-check error
RELEASE := -c release --static-swift-stdlib $(FLAGS)

BALLAST := .build/release/ballast
PYTHON  := .venv/bin/python
PYTEST  := BALLAST=$(CURDIR)/$(BALLAST) $(PYTHON) -m pytest
SOURCES := Package.swift Sources Tests $(wildcard Fuzz/Package.swift Fuzz/Sources Benchmarks/Picks/Package.swift Benchmarks/Picks/Sources)

.DEFAULT_GOAL := help
.PHONY: help setup run build check lint repository unit test e2e floods peers fmt bench instructions bench-balancing bench-scaling fuzz docs clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

setup: ## install all that build, tests and benchmarks need
	@scripts/setup.sh all

run: ## build the release and run the shop (CONFIG=FILE runs another file)
	@scripts/setup.sh run
	@$(MAKE) --no-print-directory build
	$(BALLAST) run $(CONFIG)

build: ## build the release: .build/release/ballast
	$(SWIFT) build $(RELEASE) --product ballast

check: lint repository unit ## format, lint, repository test, fast tests

lint: ## formatting and style of the Swift sources
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

repository: ## layers, banned calls, dead files, links
	$(PYTHON) -m pytest -q Tests/Repository

unit: ## the tests in Swift
	$(SWIFT) test --parallel $(FLAGS)

test: unit e2e ## the tests in Swift, then the whole program from outside

e2e: build ## end-to-end tests, attacks and HTTP/2 against the release (ARGS='-k name')
	$(PYTEST) Tests/EndToEnd Tests/Attacks Tests/HTTP2 $(ARGS)

floods: build ## 10,000 slow clients, a flood of connections, no descriptors: what honest clients notice
	FLOOD_CLIENTS=10000 $(PYTEST) -s Tests/EndToEnd/floods $(ARGS)

peers: build ## the attacks against Ballast, HAProxy and nginx: the table of docs/attacks.md
	cd Tests && BALLAST=$(CURDIR)/$(BALLAST) ../$(PYTHON) -m Attacks.peers $(ARGS)

fmt: ## format the Swift sources in place
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

bench: build ## measure against HAProxy, nginx and a C relay; for docs/measurements.md
	$(PYTHON) -m Benchmarks --ballast $(BALLAST) $(ARGS)

instructions: build ## count a request's instructions and allocations under valgrind
	$(PYTHON) -m Benchmarks.instructions --ballast $(BALLAST) $(ARGS)

bench-balancing: build ## simulate, then run fleets of real servers through faults and overload (ARGS='--only overload')
	$(PYTHON) -m Benchmarks.balancing --ballast $(BALLAST) $(ARGS)

bench-scaling: build ## simulate the autoscaler beside Kubernetes' formula; plots for docs/measurements.md
	$(PYTHON) -m Benchmarks.scaling --ballast $(BALLAST) $(ARGS)

fuzz: ## run every fuzz target for FUZZTIME seconds (ARGS=TARGET for one)
	Fuzz/run.sh $(FUZZTIME) $(ARGS)

docs: ## the source documentation as a site: .build/docs
	SWIFT='$(SWIFT)' scripts/docs.sh

clean: ## remove what the builds made
	$(SWIFT) package clean
	rm -rf .build/docs Benchmarks/build
