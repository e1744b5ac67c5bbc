# `make run` shows the mall, `make test` proves it. Everything missing is installed on the way.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

STEP = @printf '\033[1m▸ %s\033[0m\n'
WEB_ADMIN := web-admin/dist/index.html
GRAPHIQL := src/http/graphiql/dist/index.html
FRONTS := $(if $(wildcard web-admin/package.json),$(WEB_ADMIN)) $(if $(wildcard src/http/graphiql/index.html),$(GRAPHIQL))

.PHONY: help
help: ## What can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 \t\2/p' Makefile | expand -t 20

.PHONY: run
run: need-run web ## Build, seed and serve a demo mall on http://127.0.0.1:8080
	$(STEP) "building liebian (the first time takes a few minutes)"
	@cargo build
	@target/debug/liebian demo

.PHONY: test
test: need-test web tests/protocol/node_modules/.package-lock.json clients/live/node_modules/.package-lock.json ## Everything, on both backends
	$(STEP) "building liebian and its tests (the first time takes a few minutes)"
	@cargo build --workspace --all-targets
	$(STEP) "all crates; the mall itself on SQLite and on PostgreSQL with Redis"
	@cargo test --workspace --no-fail-fast
	$(STEP) "the crates' own tests once more, on PostgreSQL"
	@target/debug/with-servers cargo test --workspace --lib --no-fail-fast
	$(STEP) "clients/live: against the real engine, with the network cut"
	@cd clients/live && LIVE_SERVER=$(CURDIR)/target/debug/examples/live-server npm run -s test
	$(STEP) "web-admin: unit tests"
	@cd web-admin && npm run -s test

.PHONY: lint
lint: need-run ## Format, clippy, types of the front end
	$(STEP) "cargo fmt --check"
	@cargo fmt --all -- --check
	$(STEP) "cargo clippy"
	@cargo clippy --workspace --all-targets -- -D warnings
	@$(MAKE) --no-print-directory web-check

.PHONY: web-check
web-check: need-run web-admin/node_modules/.package-lock.json ## Types and style of the front end
	$(STEP) "web-admin: types and style"
	@cd web-admin && npm run -s check

.PHONY: deny
deny: need-deny ## Licences, sources and banned crates (advisories need a database from the network: `cargo deny check advisories`)
	$(STEP) "cargo deny: bans, licenses, sources"
	@cargo deny --all-features check bans licenses sources

.PHONY: bench-live
bench-live: need-run ## How fast one change reaches 1 000, 5 000 and 10 000 sockets, beside its limits (about ten minutes)
	$(STEP) "building the benchmark (the first time takes a few minutes)"
	@cargo build --release -p bench-live
	@target/release/bench-live

.PHONY: bench-orders
bench-orders: ## Orders placed and paid in a second beside their limit, and what offers cost in cart and quote (about five minutes)
	$(STEP) "building the benchmarks (the first time takes a few minutes)"
	@cargo build --release -p bench-orders -p bench-pricing
	@target/release/bench-orders
	@target/release/bench-pricing

.PHONY: bench-pricing
bench-pricing: ## What a quote costs with 1, 10 and 100 offers running (about a minute)
	$(STEP) "building the benchmark (the first time takes a few minutes)"
	@cargo build --release -p bench-pricing
	@target/release/bench-pricing

.PHONY: bench-sale
bench-sale: need-run web ## How many flash-sale orders are accepted in a second beside the bare driver, how soon 5 000 screens say sold out, helps on one bargain (BENCH_POSTGRES=postgres://… adds PostgreSQL; a few minutes)
	$(STEP) "building the benchmark (the first time takes a few minutes)"
	@cargo build --release -p bench-sale
	@target/release/bench-sale

.PHONY: schema
schema: ## Write schema/*.graphql and .env.example from the code
	$(STEP) "writing the schemas"
	@cargo run -q -- schema

.PHONY: web
web: $(FRONTS) ## Build the pages that go into the binary

$(WEB_ADMIN): web-admin/node_modules/.package-lock.json schema/admin.graphql $(shell find web-admin/ -path web-admin/node_modules -prune -o -path web-admin/dist -prune -o -path web-admin/src/gql -prune -o -path web-admin/e2e -prune -o -type f -print 2>/dev/null)
	$(STEP) "web-admin: build"
	@cd web-admin && npm run -s build && touch dist/index.html

$(GRAPHIQL): src/http/graphiql/node_modules/.package-lock.json $(shell find src/http/graphiql -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f -print 2>/dev/null)
	$(STEP) "GraphiQL: build"
	@cd src/http/graphiql && npm run -s build && touch dist/index.html

%/node_modules/.package-lock.json: %/package-lock.json
	$(STEP) "$*: npm ci (about a minute)"
	@cd $* && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json

.PHONY: need-run need-test need-deny
need-run:
	@tools/need cc cargo node npm

need-test: need-run
	@tools/need postgres redis-server chromium

need-deny: need-run
	@cargo deny --version >/dev/null 2>&1 || { printf '▸ building cargo-deny (a few minutes, once)\n'; cargo install --locked --quiet cargo-deny; }
