#!/usr/bin/env bash
# Makes the documentation of the sources, one section a module, as a static site in .build/docs.
# DocC comes with the toolchain; no plugin is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=.build/docs
archives=.build/docs-archives
swift="${SWIFT:-swift}"
docc="$(command -v docc || printf '%s/docc' "$(dirname "$(readlink -f "$(command -v "$swift")")")")"

# The compiler writes the symbols while it builds; `swift package dump-symbol-graph` also wants
# those of the test bundles, which have none, and fails.
graphs="$PWD/.build/symbols"
mkdir -p "$graphs"
$swift build --quiet --scratch-path .build/docs-build \
  -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$graphs" \
  -Xswiftc -symbol-graph-minimum-access-level -Xswiftc public

rm -rf "$out" "$archives"
mkdir -p "$archives"
made=()
for folder in Sources/*/; do
  module="$(basename "$folder")"
  [ -e "$graphs/$module.symbols.json" ] || continue
  mkdir -p "$archives/$module"
  cp "$graphs/$module"*.symbols.json "$archives/$module/"
  "$docc" convert \
    --additional-symbol-graph-dir "$archives/$module" \
    --fallback-display-name "$module" \
    --fallback-bundle-identifier "ballast.$module" \
    --output-path "$archives/$module.doccarchive"
  made+=("$archives/$module.doccarchive")
done
"$docc" merge "${made[@]}" --synthesized-landing-page-name Ballast --output-path "$out"
rm -rf "$archives"
printf 'docs: %s/index.html; look at it with: python3 -m http.server --directory %s\n' "$out" "$out"
