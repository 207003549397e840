# Every target does its own set-up, says what it installs, and installs nothing the second time.
# Needed: a Rust toolchain, a C compiler, Python 3, and root where Python's venv module has to be installed.

SETUP  := $(CURDIR)/.setup
PYTHON := $(SETUP)/venv/bin/python
# HDF5 is built from source with this CMake; Debian 12's own is too old for it.
export PATH := $(SETUP)/venv/bin:$(SETUP)/bin:$(PATH)
export LAYOUTOPT_PYTHON := $(PYTHON)
export LAYOUTOPT_EARLIER_PYTHON := $(SETUP)/earlier/bin/python

.PHONY: run build test avx512 soak power-loss lint bench bench-iea37 peers peers-optimize profile golden fuzz clean

run: build ## the main job: ten farms x six turbine types x 50 seeds into layouts.h5
	./target/release/layoutopt --grid-size 18 --random-pct 30 $(ARGS)

build: $(SETUP)/cmake ## the release binary, target/release/layoutopt
	cargo build --release --locked

test: lint $(SETUP)/tracer $(SETUP)/earlier ## everything CI checks
	cargo test --locked

# Root only: apt-get. Takes long; TESTS names some of the library's tests: make avx512 TESTS=aep::by_lanes.
avx512: $(SETUP)/cmake $(SETUP)/emulator ## tests that compare sets of instructions, in an emulated processor that has AVX-512
	python3 tests/emulated/avx512.py $(TESTS)

# What docs/store.md promises, in the numbers of a release: an hour or two. SOAK names a part: make soak SOAK=kills.
soak: $(SETUP)/cmake $(SETUP)/readers $(SETUP)/tracer $(SETUP)/earlier ## kills, faults, damage, crash states and shared outputs by the thousand
	LAYOUTOPT_SOAK=1 cargo test --locked --profile soak --lib -- --nocapture $(or $(SOAK),store::)
	LAYOUTOPT_SOAK=1 cargo test --locked --profile soak --test crash -- --nocapture $(SOAK)

# Root only: loop devices, mounts. SNAPSHOTS for each file system.
SNAPSHOTS ?= 300
power-loss: $(SETUP)/cmake $(SETUP)/makers ## cut the power of ext4 and XFS while the store publishes and merges
	LAYOUTOPT_SNAPSHOTS=$(SNAPSHOTS) cargo test --locked --test crash -- --ignored --exact --nocapture power::power_loss_costs_nothing_that_was_acknowledged

lint: $(SETUP)/cmake $(SETUP)/readers
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet

bench: $(SETUP)/cmake ## Criterion benches of engine, search and store
	cargo bench --locked

# 35 minutes at most on two cores; IEA37="--cases cs1-16" runs one case.
bench-iea37: build ## our layouts of IEA Task 37's case studies beside the published ones
	python3 benches/iea37.py $(IEA37)

# TOPFARM alone takes minutes; PEERS="--quick" leaves out its smart start and the largest farm.
peers: $(SETUP)/cmake $(SETUP)/oracle ## the same jobs by TOPFARM, PyWake and layoutopt, side by side
	$(SETUP)/oracle/bin/python benches/peers/peers.py $(PEERS)

# Four minutes for each seed; SEEDS="0 1" for fewer.
SEEDS ?= 0 1 2 3 4
peers-optimize: build $(SETUP)/oracle ## TOPFARM's optimisers and ours from the same smart starts, a minute on one core each
	$(SETUP)/oracle/bin/python benches/peers/optimizers.py --seeds $(SEEDS)

# Needs valgrind and binutils: apt-get install valgrind binutils.
profile: $(SETUP)/cmake ## where the instructions of one smart start go, by callgrind
	python3 benches/profile.py

golden: $(SETUP)/oracle ## make the golden numbers anew by running PyWake and TOPFARM
	for script in turbines overlap climate flow smart_start; do $(SETUP)/oracle/bin/python tests/golden/$$script.py || exit 1; done

# One parser after the other; what the fuzzer finds goes to .setup/fuzz, fuzz/corpus stays as it is. Crashes: fuzz/artifacts.
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?= $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))
fuzz: $(SETUP)/cmake $(SETUP)/bin/cargo-fuzz ## every parser of foreign files, FUZZ_SECONDS each
	for target in $(FUZZ_TARGETS); do \
	  mkdir -p $(SETUP)/fuzz/$$target && \
	  cargo +nightly fuzz run $$target $(SETUP)/fuzz/$$target fuzz/corpus/$$target -- -max_total_time=$(FUZZ_SECONDS) -timeout=10 || exit 1; \
	done

clean:
	cargo clean
	rm -rf $(SETUP)

$(PYTHON):
	@echo "setup: a Python environment in .setup/venv"
	@mkdir -p $(SETUP)
	@python3 -m venv $(SETUP)/venv || { \
	  echo "setup: python3-venv, with apt-get"; rm -rf $(SETUP)/venv; \
	  apt-get update -qq && apt-get install -y -qq python3-venv && python3 -m venv $(SETUP)/venv; }

$(SETUP)/cmake: | $(PYTHON)
	@echo "setup: CMake 4.4.4, to build HDF5, into .setup/venv"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check cmake==4.4.4
	@touch $@

$(SETUP)/readers: tests/requirements.txt | $(PYTHON)
	@echo "setup: h5py and windIO, to read our files as users do, into .setup/venv"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

$(SETUP)/earlier: | $(PYTHON)
	@echo "setup: h5py of HDF5 1.12 into .setup/earlier, h5dump of HDF5 1.10 with apt-get, to read our files with them"
	@command -v h5dump >/dev/null || { apt-get update -qq && apt-get install -y -qq hdf5-tools; }
	@python3 -m venv $@ && $@/bin/pip install --quiet --disable-pip-version-check h5py==3.8.0 numpy==1.26.4 || { rm -rf $@; exit 1; }

$(SETUP)/tracer:
	@command -v strace >/dev/null || { echo "setup: strace, with apt-get, to strike the program at its system calls"; \
	  apt-get update -qq && apt-get install -y -qq strace; }
	@mkdir -p $(SETUP) && touch $@

$(SETUP)/emulator:
	@echo "setup: the emulator Bochs, and what makes a disc for it, with apt-get"
	@apt-get update -qq && apt-get install -y -qq bochs bochs-term bochsbios vgabios busybox-static cpio grub-common grub-pc-bin xorriso mtools binutils
	@mkdir -p $(SETUP) && touch $@

$(SETUP)/makers:
	@command -v mkfs.btrfs && command -v mkfs.xfs && command -v mkfs.ext4 || { echo "setup: btrfs-progs, xfsprogs, e2fsprogs, with apt-get"; \
	  apt-get update -qq && apt-get install -y -qq btrfs-progs xfsprogs e2fsprogs; }
	@mkdir -p $(SETUP) && touch $@

# Needs the nightly toolchain: rustup toolchain install nightly.
$(SETUP)/bin/cargo-fuzz:
	@echo "setup: cargo-fuzz into .setup"
	@cargo install --quiet --root $(SETUP) cargo-fuzz

$(SETUP)/oracle:
	@echo "setup: PyWake and TOPFARM into .setup/oracle"
	@mkdir -p $(SETUP)
	@python3 -m venv $@ && $@/bin/pip install --quiet --disable-pip-version-check -r tests/golden/requirements.txt || { rm -rf $@; exit 1; }
