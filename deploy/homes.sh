#!/usr/bin/env bash
# Save the homes and project folders of a stopped enclave, or put them back: before and after its engine is set up anew.
# They are volumes, and lie in the engine's own folder, which is another one where it maps users.
#
#   deploy/homes.sh save FOLDER       one archive for each, with owners as they are inside containers
#   deploy/homes.sh restore FOLDER    never over one that is there
#
# ECLUSE_NAME is the enclave's name. The archives hold people's work: keep them where the data root may lie.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/steps.sh
name=${ECLUSE_NAME:-ecluse}
image=ecluse/base:0.1

# in_volume VOLUME:/v[:ro] COMMAND...: as root of a container, without network.
in_volume() { docker run --rm --interactive --network none --user 0:0 --volume "$1" "$image" "${@:2}"; }

save() {
    local volume count=0
    [ -z "$(docker ps --quiet --filter "label=org.ecluse.enclave=$name")" ] || die "stop the enclave first: deploy/enclave.py down"
    install -d -m 700 "$folder"
    for volume in $(docker volume ls --quiet --filter "label=org.ecluse.enclave=$name"); do
        docker volume inspect --format '{{range $n, $v := .Labels}}{{$n}}={{$v}}{{"\n"}}{{end}}' "$volume" >"$folder/$volume.labels"
        in_volume "$volume:/v:ro" tar -C /v --numeric-owner -cf - . >"$folder/$volume.new"
        mv "$folder/$volume.new" "$folder/$volume.tar"
        count=$((count + 1))
    done
    say "✔ saved $count homes and project folders in $folder"
}

restore() {
    local archive volume label labels count=0
    for archive in "$folder"/*.tar; do
        [ -e "$archive" ] || die "$folder holds no archive of a home"
        volume=$(basename "$archive" .tar)
        docker volume inspect "$volume" >/dev/null 2>&1 && die "$volume is there already; it is left as it is, and so are those after it"
        labels=()
        while read -r label; do [ -z "$label" ] || labels+=(--label "$label"); done <"${archive%.tar}.labels"
        docker volume create "${labels[@]}" "$volume" >/dev/null
        in_volume "$volume:/v" tar -C /v --numeric-owner -xpf - <"$archive"
        count=$((count + 1))
    done
    say "✔ put back $count homes and project folders"
}

[ $# = 2 ] || die "usage: deploy/homes.sh save|restore FOLDER"
folder=$(realpath -m "$2")
case $1 in
save) save ;;
restore) restore ;;
*) die "usage: deploy/homes.sh save|restore FOLDER" ;;
esac
