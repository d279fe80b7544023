# SPDX-License-Identifier: MIT
# <( ) and >( ): reading, comparing, writing, several, nested, exit
diff <(printf 'a\nb\n') <(printf 'a\nc\n'); echo $?; cat <(echo one) <(echo two)
paste -d, <(seq 3) <(seq 4 6); while read -r l; do n=$((n + 1)); done < <(seq 100); echo $n
wc -l < <(cat <(seq 10) <(seq 5)); sort -m <(sort <<< $'b\na') <(sort <<< $'c\na') | uniq -d
echo "read by: $(cat <(echo <(true) | sed 's/[0-9]*$/N/'))"
echo written > >(cat > out); wait $!; cat out; seq 5 | tee >(sort -r > reversed) > /dev/null
wait $!; until [ "$(wc -l < reversed)" = 5 ]; do sleep 0.02; done; head -n 1 reversed
exec 4< <(echo kept; echo open); read -r x <&4; read -r y <&4; echo "$y $x"; exec 4<&-
f() { cat "$1"; }; f <(echo argument)
mapfile -t lines < <(seq 3); echo ${#lines[@]}
