# make run | install | test | bench | openapi | format | lint | clean

SWIFT ?= swift
RELEASE = $(SWIFT) build -c release --static-swift-stdlib
BINARY = .build/release/swiftlet
PREFIX ?= $(HOME)/.local

.PHONY: run build install test unit crash acceptance bench setup setup-test openapi format lint clean

run: build
	$(BINARY) up $(ARGS)

build: setup
	$(RELEASE) --product swiftlet

# Into ~/.local/bin, or elsewhere: make install PREFIX=/usr/local.
install: build
	install -D -s -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/swiftlet
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo "add $(PREFIX)/bin to your PATH" ;; esac

# Every test: units, then the real binary against real clients.
test: setup-test unit crash acceptance

# The tool leaves folders behind in TMPDIR.
unit: setup
	@rm -rf .build/tmp && mkdir -p .build/tmp
	TMPDIR=$(CURDIR)/.build/tmp $(SWIFT) test

# Kills the store at random moments under concurrent writes; 200 rounds are the long form.
crash: setup
	$(SWIFT) run CrashTest $(or $(ROUNDS),10)

acceptance: build setup-test
	.venv/bin/python Tests/Acceptance/run.py --binary $(BINARY)

# What each measure is held against stands beside it.
bench: setup-test build
	$(RELEASE) --product Benchmarks
	.build/release/Benchmarks --binary $(BINARY) $(ARGS)

# The documents that clients are generated from.
openapi: build
	$(BINARY) openapi export openapi

setup:
	.ci/setup libraries

setup-test: setup
	.ci/setup clients

format:
	$(SWIFT) format -i -r Package.swift Sources Tests

lint:
	$(SWIFT) format lint --strict -r Package.swift Sources Tests

clean:
	rm -rf .build .venv
