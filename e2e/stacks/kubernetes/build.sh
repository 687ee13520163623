# Sourced by stack.sh: Kubernetes from Debian's source package with Debian's Go. Debian has no binary packages of the
# servers that fit this use, and a machine without a way to the internet has nothing else. Built once; what is there stays.

source_folder=$stack/source
tree=$source_folder/go/src/k8s.io/kubernetes

build() {
  local component todo=()
  for component in $components pause; do [ -x "$bin/$component" ] || todo+=("$component"); done
  [ ${#todo[@]} -gt 0 ] || return 0
  # shellcheck disable=SC2086
  install_packages $build_packages
  mkdir -p "$bin"
  [ -e "$source_folder/.unpacked" ] || unpack_source
  # Go 1.19 refuses the tarball's old go.mod in module mode; Debian's own rules build it in this way, too.
  unset GOROOT
  export GOPATH=$source_folder/go GOCACHE=$source_folder/cache GO111MODULE=off GOFLAGS='' CGO_ENABLED=0 GOPROXY=off
  cd "$tree"
  [ -e "$source_folder/.generated" ] || generate_openapi
  for component in "${todo[@]}"; do build_one "$component"; done
  cd "$here"
  # Only of use while building, and more than 2 GB.
  rm -rf "$source_folder"
  say "Kubernetes is built: $bin"
}

# Source packages come by apt with settings of our own, so that the machine's list of sources stays as it is.
unpack_source() {
  local apt_folder=$source_folder/apt
  rm -rf "$source_folder"
  mkdir -p "$apt_folder/parts" "$apt_folder/lists/partial" "$tree" "$source_folder/debian"
  : >"$apt_folder/list"
  sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$apt_folder/list" 2>/dev/null || true
  sed 's/^Types:.*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >"$apt_folder/parts/debian.sources" 2>/dev/null ||
    rm -f "$apt_folder/parts/debian.sources"
  local from=(-o "Dir::Etc::SourceList=$apt_folder/list" -o "Dir::Etc::SourceParts=$apt_folder/parts"
    -o "Dir::State::Lists=$apt_folder/lists" -o APT::Sandbox::User=root)
  apt-get "${from[@]}" update -qq >"$logs/source.log" 2>&1
  (cd "$source_folder" && apt-get "${from[@]}" source -q --download-only kubernetes >>"$logs/source.log" 2>&1) ||
    fail "no source of Kubernetes: $logs/source.log"
  tar xzf "$source_folder"/kubernetes_*.orig.tar.gz -C "$tree" --strip-components=1
  tar xJf "$source_folder"/kubernetes_*.debian.tar.xz -C "$source_folder/debian" --strip-components=1
  local name
  while read -r name; do
    case $name in '' | '#'*) ;; *) patch -d "$tree" -s -p1 <"$source_folder/debian/patches/$name" ;; esac
  done <"$source_folder/debian/patches/series"
  touch "$source_folder/.unpacked"
  say "source of Kubernetes unpacked"
}

# The one generated file the servers need and the tarball lacks. `make generated_files` would make many more.
generate_openapi() {
  local inputs
  nice -n 15 go build -o "$source_folder/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  inputs=$(
    {
      grep -rl --include='*.go' --exclude='*_test.go' '+k8s:openapi-gen=' cmd pkg
      grep -rl --include='*.go' --exclude='*_test.go' '+k8s:openapi-gen=' staging/src/k8s.io | sed 's,^staging/src/,vendor/,'
    } | grep -vE '^vendor/k8s.io/(code-generator|sample-apiserver)/' | sed 's,/[^/]*$,,; s,^,k8s.io/kubernetes/,' |
      LC_ALL=C sort -u | paste -sd,
  )
  nice -n 15 "$source_folder/openapi-gen" --logtostderr --input-dirs "$inputs" \
    --output-package k8s.io/kubernetes/pkg/generated/openapi --output-file-base zz_generated.openapi \
    --go-header-file vendor/k8s.io/code-generator/hack/boilerplate.go.txt \
    --report-filename "$source_folder/violations" >"$logs/openapi.log" 2>&1 || fail "openapi-gen failed: $logs/openapi.log"
  touch "$source_folder/.generated"
}

build_one() {
  local version path flags="-s -w"
  version=$(sed -n 's/^kubernetes (.*really\([0-9.]*\)-.*/v\1/p; 1q' "$source_folder/debian/changelog")
  for path in component-base/version client-go/pkg/version; do
    flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$path.gitVersion=$version"
    flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$path.gitMajor=1 -X k8s.io/kubernetes/vendor/k8s.io/$path.gitMinor=20"
  done
  # Ready when it is whole: a build that is cut off must not leave half a program.
  local from=./cmd/$1
  if [ "$1" = pause ]; then from=$here/pause/main.go; fi
  nice -n 15 go build -ldflags "$flags" -o "$source_folder/$1" "$from" >"$logs/build-$1.log" 2>&1 ||
    fail "$1 could not be built: $logs/build-$1.log"
  mv "$source_folder/$1" "$bin/$1"
  say "$1 built"
}
