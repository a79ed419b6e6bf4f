#!/usr/bin/env bash
# Runs the fuzz targets: Fuzz/run.sh SECONDS [TARGET…].
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

seconds="${1:-600}"
shift || true
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || targets=(
  FuzzConfiguration FuzzRequest FuzzResponse FuzzBody FuzzExchange FuzzRoutes FuzzProxyHeader FuzzClientHello
  FuzzFrames FuzzFields FuzzMessaging FuzzTraces
)
scratch="${SCRATCH:-$PWD/.build}"
# Swift keeps pointers with tag bits in its globals, which the leak check takes for lost. A leak
# that matters meets the limit of memory below.
export ASAN_OPTIONS=detect_leaks=0

for target in "${targets[@]}"; do
  swift build --quiet --scratch-path "$scratch" --product "$target"
done
status=0
for target in "${targets[@]}"; do
  # New inputs go to the scratch folder; the seeds in Corpus are only read.
  found="$scratch/corpus/$target"
  mkdir -p "$found" Crashes
  echo "fuzz: $target for $seconds s"
  if ! "$scratch/debug/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="Crashes/$target-" \
    "$found" "Corpus/$target" >"$scratch/$target.log" 2>&1; then
    tail -n 40 "$scratch/$target.log"
    echo "fuzz: $target failed; its input is in Fuzz/Crashes, its log is $scratch/$target.log"
    status=1
  else
    grep -E 'stat::(number_of_executed_units|new_units_added)' "$scratch/$target.log"
  fi
done
exit "$status"
