#!/bin/sh
# Makes a bare clone ready to run: packages, then the build. Silent, and done in a moment, when there is nothing to do.
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "flapd: $*" >&2
  exit 1
}

command -v node >/dev/null || fail 'Node.js is missing; install version 20.19 or later'
version=$(node --version)
major=${version#v} minor=${version#v*.}
major=${major%%.*} minor=${minor%%.*}
[ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -ge 19 ]; } ||
  fail "this is Node.js $version; version 20.19 or later is needed"

# The lock file as it was when its packages were installed.
stamp=node_modules/.flapd-installed
if [ ! -e "$stamp" ] && [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ]; then
  cp package-lock.json "$stamp" # somebody ran npm by hand
fi
if ! cmp -s package-lock.json "$stamp"; then
  command -v npm >/dev/null || fail 'npm is missing; install it to get the packages flapd is built with'
  # npm ci empties what the link points to, which others build with, and puts a folder in its place.
  [ ! -L node_modules ] ||
    fail "node_modules is a link to packages of another package-lock.json; run \"npm ci\" in $(dirname "$(readlink -f node_modules)"), or remove the link"
  echo 'flapd: installing packages' >&2
  if ! log=$(npm ci --no-audit --no-fund --loglevel=error 2>&1); then
    case $log in
    *ENOTFOUND* | *EAI_AGAIN* | *ECONNREFUSED* | *ETIMEDOUT* | *ENETUNREACH* | *ECONNRESET*)
      fail 'npm does not reach its registry; connect to a network, or set "npm config set registry"' ;;
    esac
    echo "$log" >&2
    fail 'npm ci failed'
  fi
  cp package-lock.json "$stamp"
fi

# A folder is newer too when a file in it was removed.
for built in dist/flapd.cjs dist/flapd-mail.cjs dist/flapd-re2.cjs dist/demo.cjs; do
  if [ ! -e "$built" ] || [ -n "$(find src demo test/lab scripts/build.js package.json package-lock.json \
    -newer "$built" ! -name '*.test.ts' 2>/dev/null | head -n 1)" ]; then
    exec node scripts/build.js
  fi
done
