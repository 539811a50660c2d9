#!/usr/bin/env bash
# Writes a complete connector repository for commercetools Connect to a folder.
#
#   deploy/connect/build.sh VERSION FOLDER
#
# With PACKAGE=@acme/fftconnect-linux-x64 the apps take the program from npm's registry under that
# name, as a public connector must, and FOLDER.npm has what to publish first: npm publish.
#
# With PROGRAM=FILE it takes that program, which was built for Linux on x86-64, and compiles none.
#
# The binary is a package of npm beside each app: Connect builds Node apps only, and chooses its
# builder by what lies in the folder, so no Go source is in it.
set -euo pipefail
version=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

name=${PACKAGE:-fftconnect-linux-x64}
package=$work/package
mkdir -p "$package/bin"
if [ -n "${PROGRAM:-}" ]; then
  cp "$PROGRAM" "$package/bin/fftconnect"
else
  (cd "$root" && CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -trimpath -pgo deploy/fftconnect.pgo -ldflags "-s -w -X main.release=$version" -o "$package/bin/fftconnect" ./cmd/fftconnect)
fi
cp "$root/LICENSE" "$package/"
cat > "$package/package.json" <<JSON
{
  "name": "$name",
  "version": "$version",
  "description": "fftconnect for Linux on x86-64",
  "license": "MIT",
  "os": ["linux"],
  "cpu": ["x64"],
  "bin": {"fftconnect": "bin/fftconnect"},
  "files": ["bin", "LICENSE"]
}
JSON
tarball=$(cd "$package" && npm pack --silent --pack-destination "$work")

scripts() { # of an app, as JSON lines
  case $1 in
  event) echo '"connector:post-deploy": "fftconnect --env-file connect.env install --only type,messages,channels", "connector:pre-undeploy": "fftconnect --env-file connect.env uninstall --only messages,channels --yes",' ;;
  service) echo '"connector:post-deploy": "fftconnect --env-file connect.env install --only events", "connector:pre-undeploy": "fftconnect --env-file connect.env uninstall --only events --yes",' ;;
  job) ;;
  esac
}

for app in event service job; do
  mkdir -p "$out/$app/src"
  cp "$work/$tarball" "$out/$app/"
  cp "$here/template/connect.env" "$here/template/Procfile" "$out/$app/"
  cp "$here/template/program.mjs" "$here/template/program.test.mjs" "$out/$app/src/"
  cat > "$out/$app/package.json" <<JSON
{
  "name": "fftconnect-$app",
  "version": "$version",
  "description": "The $app app of fftconnect",
  "private": true,
  "license": "MIT",
  "engines": {"node": ">=20"},
  "scripts": {
    $(scripts "$app")
    "start": "exec fftconnect --env-file connect.env serve",
    "test": "node --test src/program.test.mjs"
  },
  "dependencies": {"$name": "file:$tarball"}
}
JSON
  (cd "$out/$app" && npm install --package-lock-only --offline --force --no-audit --no-fund --silent)
  if [ -n "${PACKAGE:-}" ]; then
    # The same lock, with the version in place of the file: what was hashed is what will be published.
    sed -i.before "s|\"file:$tarball\"|\"$version\"|; /\"resolved\": \"file:/d" "$out/$app/package.json" "$out/$app/package-lock.json"
    rm "$out/$app/$tarball" "$out/$app"/*.before
  fi
done
if [ -n "${PACKAGE:-}" ]; then
  rm -rf "$out.npm"
  mkdir -p "$out.npm"
  mv "$work/$tarball" "$out.npm/"
fi
cp "$here/template/connect.yaml" "$out/"
cp "$root/LICENSE" "$out/"
cat > "$out/README.md" <<MD
# fftconnect $version for commercetools Connect

Connects commercetools and fulfillmenttools: an order that is confirmed in the shop is
created in fulfillmenttools, and what happens to it there comes back to the shop's order.

Three apps run one program: \`event\` takes commercetools' messages, \`service\`
fulfillmenttools' events, \`job\` visits the open orders every 15 minutes. \`connect.yaml\`
lists the settings; docs/connect.md of the project leads through a deployment.

Support: the issues of the project's repository. Licence: MIT.
MD
echo "$out"
