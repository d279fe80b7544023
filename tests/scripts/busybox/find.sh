# SPDX-License-Identifier: MIT
# find: names, types, sizes, depth, pruning, exec, logic
mkdir -p a/b/c empty 'with space'
for f in a/one.c a/b/two.c a/b/c/three.h 'with space/file'; do echo "$f" > "$f"; done
head -c 5000 /dev/zero > big; ln -s big link; touch -d '2000-01-01' a/old; chmod 600 a/one.c; chmod 4755 big
find . | sort
find . -name '*.c' | sort; find . -type d -empty; find . -type l
find a -maxdepth 1 | sort; find a -mindepth 2 -type f | sort
find . -size +4k; find . -size -2 -type f -name '*.h'; find . -size 0 | sort; find . -size +4999c
find . -path './a/b' -prune -o -type f -print | sort
find . -name '*.c' -exec cat {} \; | sort; find . -name '*.c' -exec echo {} + | tr ' ' '\n' | sort
find . -type f -print0 | xargs -0 wc -c | tail -n 1 | awk '{ print $2 }'
find . ! -newer a/old -type f; find . -mtime +1000 | sort; find . -perm 600; find . -perm -4000
find a -depth | tail -n 1; find . \( -name '*.h' -o -name 'file' \) | sort; find missing; echo $?
find a -name 'old' -exec rm {} +; ls a; find . -iname 'BIG'; find . -links +1 -type d | wc -l
find . -user root -name one.c
