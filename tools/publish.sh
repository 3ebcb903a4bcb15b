#!/usr/bin/env bash
# Adds site/ as a version to the branch gh-pages of GIT_REMOTE, and leaves the whole tree of versions in public/:
# `GIT_REMOTE=origin bash tools/publish.sh dev`. The branch has one commit, as the site can be built again from the history of main.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 remote=${GIT_REMOTE:-origin}

case "$remote" in */*) ;; *) remote=$(git remote get-url "$remote") ;; esac
rm -rf public
if [ -n "$(git ls-remote --heads "$remote" gh-pages)" ]; then
  git clone -q --depth 1 --branch gh-pages "$remote" public
  rm -rf public/.git
fi
python3 tools/versions.py site "$version" public
git init -q -b gh-pages public
cd public
git add --all --force
git -c user.name="refmath" -c user.email="refmath@users.noreply.github.com" commit -q -m "The site, with version $version"
git push -q --force "$remote" gh-pages
rm -rf .git
