#!/bin/sh
# Runs every test: with cargo-nextest where it is installed, else with cargo test, whose many closing lines are then added
# up into one. Either way the last line printed is the count, and the exit code the runner's.
#
#   .make/test.sh [ARGUMENT...]    for the runner
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
cargo=${CARGO:-$("$here/cargo.sh")}

if $cargo nextest --version >/dev/null 2>&1; then
    exec $cargo nextest run --workspace --locked --no-fail-fast "$@"
fi
output=$(mktemp)
trap 'rm -f "$output"' EXIT
code=0
{ $cargo test --workspace --locked --no-fail-fast "$@" 2>&1 || echo "exit code $?"; } | tee "$output" | grep -v '^exit code ' || true
grep -q '^exit code ' "$output" && code=1
awk '/^test result:/ { passed += $4; failed += $6; skipped += $8 }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }' "$output"
exit $code
