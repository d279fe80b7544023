# SPDX-License-Identifier: MIT
# dash itself: the features of a small shell, as one program
set -eu
log() { printf '%s: %s\n' "$1" "$2"; }
trap 'log exit $?' EXIT
counter=0; while [ $counter -lt 3 ]; do counter=$((counter + 1)); log pass $counter; done
for file in /etc/passwd /etc/missing; do
  if [ -r "$file" ]; then log readable "$file"; else log missing "$file"; fi
done
case $(uname -s)-$(uname -m) in Linux-riscv64) log machine right ;; *) log machine wrong ;; esac
text=$(cat <<-END
	here $((6 * 7))
	END
)
log text "$text"; log default "${unset_name:-fallback}"; log length ${#text}
printf '1 2\n3 4\n' | while read -r x y; do log sum $((x + y)); done
(sleep 0.05; exit 3) & wait $! || log status $?
exec 3> out; echo "through three" >&3; exec 3>&-; cat out; cat nosuch 2>/dev/null || log cat failed
mkfifo p; echo fifo > p & cat < p; wait; umask 077; : > private; ls -l private | cut -c1-10; readonly fixed=1
set -- $(seq 5); shift 2; log rest "$*"; alias l=log 2>/dev/null
getopts ab: o -b value && log option "$o $OPTARG"; kill -0 $$ && log self alive
false
