# SPDX-License-Identifier: MIT
# a calculator behind FIFOs, served in the background, with a client and an orderly end
mkfifo to from
serve() {
  local a op b
  while read -r a op b; do
    case $op in
      +) echo $((a + b)) ;;
      -) echo $((a - b)) ;;
      x) echo $((a * b)) ;;
      /) ((b)) && echo $((a / b)) || echo "cannot" ;;
      *) echo "what?" ;;
    esac
  done
  echo "served all" >&2
  return 5
}
serve < to > from 2> server-log & pid=$!
exec 7> to 8< from
for question in '6 x 7' '10 - 4' '1 / 0' '2 ? 3' '9 / 3' '40 + 2'; do
  echo "$question" >&7
  read -r answer <&8
  echo "$question = $answer"
done
exec 7>&- 8<&-
wait $pid; echo "server ended $?"; cat server-log
