#!/usr/bin/env bash
# Makes the pictures of the book again from shipped scenarios: what the terminal shows as SVG, the two pages as PNG.
# Needs the Debian package chromium. `cargo test --test pictures` says when those of the terminal are out of date.
set -euo pipefail
cd "$(dirname "$0")/.."
scenario=models/two-shells-three-front-ends/scenario.toml
folder=$(mktemp -d)
explorer=
trap '[[ -z $explorer ]] || kill "$explorer"; rm -rf "$folder"' EXIT

picture() { # name, address, width, height
    chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
        --window-size="$3,$4" --virtual-time-budget=5000 --screenshot="docs/pictures/$1.png" "$2" 2>/dev/null
}

cargo build --quiet
poolproof=target/debug/poolproof
"$poolproof" report "$scenario" --property pool-quorum --output "$folder/review.html" 2>/dev/null || [ $? -eq 1 ]
picture page "file://$folder/review.html" 1200 1300

"$poolproof" explore "$scenario" --port 0 > "$folder/said" 2>/dev/null &
explorer=$!
until grep -q http "$folder/said"; do sleep 0.1; done
address=$(grep -o 'http://[^ ]*' "$folder/said")
# One step before the pool loses its quorum.
link=$(python3 - "$address" <<'PYTHON'
import json, sys, time, urllib.request
while True:
    check = json.load(urllib.request.urlopen(sys.argv[1] + "api/check"))
    if check["check"] != "running":
        break
    time.sleep(0.2)
story = next(found["story"] for found in check["found"] if found["property"] == "pool-quorum")
print(story["links"][-2])
PYTHON
)
picture explore "$address#$link" 1200 1000
UPDATE_DOCS=1 cargo test --quiet --test pictures
