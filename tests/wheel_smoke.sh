#!/bin/sh
# Build the wheel, install it alone into an empty folder, serve the demo from there, and exchange a message.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
pid=""
# A server that we end answers 143; that is no failure of the test.
finish() {
  if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; fi
  rm -rf "$place"
}
trap finish EXIT

"$here/.venv/bin/python" -m build --wheel --outdir "$place/dist" "$here" >"$place/build.log" 2>&1 || { cat "$place/build.log"; exit 1; }
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --disable-pip-version-check --quiet -c "$here/constraints.txt" "$place"/dist/kefu-*.whl
cd "$place"
if "$place/venv/bin/python" -c 'import torch' 2>/dev/null; then echo "the base install must not bring torch"; exit 1; fi
"$place/venv/bin/python" - <<'PY'
import importlib.util
assert importlib.util.find_spec("tests") is None, "the wheel must not hold tests"
PY
"$place/venv/bin/kefu" serve --demo --no-train --port 0 --data "$place/data" >"$place/address" 2>"$place/server.log" &
pid=$!
tries=0
until grep -q '^http' "$place/address"; do
  tries=$((tries + 1))
  [ "$tries" -lt 450 ] || { cat "$place/server.log"; exit 1; }
  sleep 0.2
done
"$place/venv/bin/python" "$here/tests/support/demo_smoke.py" "$(head -n 1 "$place/address")"
du -sm "$place/venv/lib" | awk '{print "base install: " $1 " MB"}'
