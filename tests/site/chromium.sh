#!/usr/bin/env bash
# Make sure there is a Chromium for the browser tests; install Debian's where we may.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing Chromium ..."
  { apt-get update -q && apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core; } >/tmp/chromium-install.log 2>&1 \
    || { tail -5 /tmp/chromium-install.log; echo "Chromium could not be installed."; exit 1; }
  exit 0
fi
echo "The browser tests need Chromium. On Debian or Ubuntu: sudo apt-get install chromium"
exit 1
