# SPDX-License-Identifier: MIT
# a tree made, walked by a recursive function, measured, archived, compared
make() {
  local d=$1 n=$2 i
  mkdir -p "$d"; echo "file in $d" > "$d/f"
  ((n)) && for i in a b; do make "$d/$i" $((n - 1)); done
}
make tree 4
walk() {
  local e
  for e in "$1"/*; do
    if [[ -d $e ]]; then walk "$e"
    else ((++total)); ((bytes += $(stat -c %s "$e")))
    fi
  done
}
total=0 bytes=0; walk tree; echo "$total files, $bytes bytes"; find tree -type f | wc -l
shopt -s globstar; files=(tree/**/f); echo ${#files[@]} ${files[-1]}
tar cf t.tar tree; mkdir copy; tar xf t.tar -C copy; diff -r tree copy/tree && echo same
echo change >> copy/tree/a/b/f; diff -r tree copy/tree | tail -n 1
tree() {
  local p=$2 e
  for e in "$1"/*/; do
    [[ -d $e ]] || continue
    echo "$p${e%/}" | sed 's|[^ ]*/||'
    tree "${e%/}" "$p  "
  done
}
tree tree | head -n 5
while IFS= read -r -d '' f; do
  [[ $(< "$f") == "file in ${f%/f}" ]] || echo "wrong $f"
done < <(find tree -name f -print0)
echo checked; rm -rf tree copy; ls
