#!/bin/sh
# Build stages only. `install.sh deps` makes the environment /opt/ecluse from /build/wheels;
# `install.sh app` puts /build/app on top of it under /app, so that a change of ours is one small layer.
# `install.sh debs` installs the Debian packages of /build/debs and puts what is new under /app.
# --ignore-installed: the pip that runs would take itself for installed, where pip is one of the packages.
# Hashes were checked when the wheels were fetched or built; here nothing is fetched: the build has no network.
set -eu
pip() {
    /usr/bin/python3 /build/pip.whl/pip --python /opt/ecluse/bin/python --disable-pip-version-check install \
        --no-index --no-deps --no-compile --ignore-installed --no-cache-dir --root-user-action ignore --quiet "$@"
}

# Bytecode that is trusted without a look at its source: the environment is read-only and owned by root.
compile() {
    /opt/ecluse/bin/python -m compileall -q -j 2 --invalidation-mode unchecked-hash -s "$1" -p / "$1/opt/ecluse/lib" ||
        echo "some modules do not compile on this Python; they are not imported either"
}

case $1 in
deps)
    /usr/bin/python3 -m venv --without-pip /opt/ecluse
    pip /build/wheels/*.whl
    # Tests of libraries: a third of the size, and the keys and broken files in them are no use here.
    find /opt/ecluse -depth -type d \( -name tests -o -path '*/tornado/test' \) -exec rm -rf {} +
    compile /
    ;;
app)
    pip --root /app /build/app/*.whl
    compile /app
    ;;
debs)
    touch /build/before
    DEBIAN_FRONTEND=noninteractive dpkg --install /build/debs/*.deb
    # A package may bring a program that gives more rights than its container has, or leave a trace of the build.
    find / -xdev \( -type f -o -type d \) -perm /6000 -exec chmod a-s {} +
    rm -rf /var/log/* /var/cache/apt/* /var/cache/debconf/*-old /var/cache/ldconfig /etc/*-
    # What is new, and only that, goes on: the archives stay in this stage.
    mkdir /app
    find / -xdev -cnewer /build/before ! -path '/build*' ! -path '/app*' ! -path '/tmp*' ! -path / -print0 |
        tar --create --no-recursion --null --files-from=- | tar --extract --directory=/app
    ;;
*)
    echo "usage: install.sh deps|app|debs" >&2
    exit 2
    ;;
esac
