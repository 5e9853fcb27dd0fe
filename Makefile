# The verbs of libcdiff. What they do stands in probes/build, containers, .make and the harness; here is only what needs what.

TARGET = $(or $(CARGO_TARGET_DIR),target)
PROBES = $(TARGET)/probes
# Asked anew each time, since `setup` may bring it.
CARGO = $(shell .make/cargo.sh)
# Which toolchain builds the probes: auto, rustup, source or cross (probes/build/toolchain.sh).
BUILDER ?= auto
# Machines whose programs are built, as `uname -m` names them: this one's always, and those that are named beside it.
ARCHES ?= $(ARCH)
OTHERS = $(filter-out $(shell uname -m),$(ARCHES))
# Real root file systems for the tests that want some; those tests say so where there are none.
LIBCDIFF_TEST_IMAGES ?= $(wildcard $(CURDIR)/../shared/images)

LIBCDIFF = $(TARGET)/release/libcdiff

.DEFAULT_GOAL = help
.PHONY: help setup ready probes images harness dist demo run book test goldens results bench traces lint clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## Install what is missing on this machine, for every user (as root; otherwise says what to run)
	@.make/setup.sh everyone

# What the other verbs ask for first: the same, for the user at hand.
ready:
	@BUILDER=$(BUILDER) ARCHES="$(OTHERS)" .make/setup.sh

probes: ready ## Build and audit the probes of all flavours, the reference and the agent (BUILDER=auto|rustup|source|cross; ARCH=aarch64 for that machine too)
	@BUILDER=$(BUILDER) CARGO="$(CARGO)" ARCH= probes/build/build.sh $(PROBES)
	@for arch in $(OTHERS); do BUILDER=$(BUILDER) CARGO="$(CARGO)" ARCH=$$arch probes/build/build.sh $(PROBES) || exit; done

images: ready ## Build the images of the catalog that are made from Debian's packages (NAMES="..." for some)
	@containers/build.sh $(NAMES)

harness: probes ## Build the libcdiff program
	@LIBCDIFF_PROBES="$(abspath $(PROBES))" $(CARGO) build --quiet --release --locked --package libcdiff

dist: probes ## Build one static file with everything inside, its digest, manual and completions: target/dist
	@BUILDER=$(BUILDER) CARGO="$(CARGO)" .make/dist.sh $(PROBES) $(TARGET)/dist

demo: NAMES = debian-13 debian-13-musl
demo: images harness ## Run every case in one image of each family; print and keep what differs, and why, and how large they are
	@$(LIBCDIFF) run --format json --output reports/out/demo.json
	@$(LIBCDIFF) report reports/out/demo.json --format markdown --output reports/out/demo.md
	@$(LIBCDIFF) image compare --json $(NAMES) >reports/out/demo-sizes.json
	@$(LIBCDIFF) report reports/out/demo.json -o html=reports/out/demo.html --sizes reports/out/demo-sizes.json
	@$(LIBCDIFF) demo size --no-pause
	@echo "reports/out/demo.json is the run file, reports/out/demo.md the whole report, reports/out/demo.html the page;" \
		"reports/out/demo-sizes.json is what fills the two images, which are made of Debian's packages" >&2

run: harness ## Run cases in images (ARGS="--case 'time.*' IMAGE --against IMAGE")
	@$(LIBCDIFF) run $(ARGS)

book: images harness ## Render pitfalls, cases and every version's answers as pages: reports/out/book/index.html
	@CARGO="$(CARGO)" .make/book.sh $(LIBCDIFF) "$(abspath $(TARGET)/tools)"

test: export FOR_TESTS = yes
test: images probes ## Run all tests
	@LIBCDIFF_PROBES="$(abspath $(PROBES))" LIBCDIFF_TEST_IMAGES="$(LIBCDIFF_TEST_IMAGES)" CARGO="$(CARGO)" \
		LIBCDIFF_TEST_UV="$$(.make/uv.sh "$(abspath target/tools)")" .make/test.sh $(ARGS)

goldens: harness ## Renew the goldens of the command line and the schemas of files
	@LIBCDIFF_PROBES="$(abspath $(PROBES))" TRYCMD=overwrite $(CARGO) test --quiet --locked --package libcdiff --test cli >/dev/null 2>&1 || true
	@$(LIBCDIFF) schema >reports/run.schema.json
	@$(LIBCDIFF) schema --bench >reports/bench.schema.json
	@$(LIBCDIFF) schema --baseline >reports/baseline.schema.json
	@$(LIBCDIFF) schema --policy >reports/policy.schema.json
	@$(LIBCDIFF) schema --wheels >reports/wheels.schema.json
	@$(LIBCDIFF) schema --build >reports/build.schema.json
	@$(LIBCDIFF) schema --impact >reports/impact.schema.json
	@$(LIBCDIFF) schema --fuzz >reports/fuzz.schema.json
	@git status --short harness/tests reports

results: images harness ## Run every version of both families again, and renew the published results (reports/results)
	@LIBCDIFF_TEST_IMAGES="$(LIBCDIFF_TEST_IMAGES)" .make/results.sh $(LIBCDIFF) reports/results

bench: harness ## Measure what starting a sandbox and pulling an image cost, beside other tools where they are there
	@LIBCDIFF_PROBES="$(abspath $(PROBES))" $(CARGO) bench --quiet --locked --package libcdiff --bench start --bench pull

traces: harness ## Record the traces of real programs anew, with Debian's python3, sqlite3 and ripgrep
	@probes/traces/record.sh $(LIBCDIFF) $(NAMES)

lint: probes ## Check formatting, lints and shell scripts
	@LIBCDIFF_PROBES="$(abspath $(PROBES))" CARGO="$(CARGO)" .make/lint.sh

clean: ## Remove what was built; images stay in the cache
	rm -rf $(TARGET) reports/out
