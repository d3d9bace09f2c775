# The commands of everyday work. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-browser bench lint

# What to pass on to the demo, as in: make demo ARGS="--port 9000"
ARGS ?=

# Every test binary but the browser's. Plain `cargo test`: one process shares one Postgres, where a process per test would
# start hundreds.
TESTS := $(sort $(filter-out browser,$(basename $(notdir $(wildcard tests/*.rs sandbox/tests/*.rs))) \
	$(notdir $(patsubst %/main.rs,%,$(wildcard tests/*/main.rs sandbox/tests/*/main.rs)))))

# Scenarios wait for one another's parts about half of their time.
TEST_THREADS ?= $(shell echo $$(( 2 * $$(getconf _NPROCESSORS_ONLN) )))

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Get what is missing: a C compiler, Postgres' programs and PgBouncer
	@scripts/setup

demo: setup ## Run the whole service against the sandbox; pass arguments as ARGS="…"
	cargo run --example demo -- $(ARGS)

test: setup ## Run every test that needs no browser
	cargo test --workspace --lib --bins $(TESTS:%=--test %) -- --test-threads=$(TEST_THREADS)

test-browser: ## Run the tests that click through the sandbox's page in Chromium
	@scripts/setup browser
	cargo build --example demo
	cargo test --test browser

bench: setup ## Run the benchmarks
	cargo bench --workspace

lint: ## Check the format and the lints, as CI does
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --test browser -- -D warnings
