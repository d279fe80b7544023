# SPDX-License-Identifier: MIT
# findutils: tests, actions, -printf, -exec +, -delete, -newer; xargs
mkdir -p d/e/f 'd/with space'; echo 1 > d/1; echo 22 > d/e/2.c; echo 333 > d/e/f/3.c
: > 'd/with space/empty'; ln -s e d/link
find d | sort; find d -type f -printf '%p %s %m %d %f %h %y\n' | sort
find d -type l -printf '%p -> %l\n'; find d -empty
find d -name '*.c' -exec cat {} + | sort
find d -type f -execdir sh -c 'echo "$1"' _ {} \; | sort; find d -size +1c -size -4c | sort
find d -regex '.*/[0-9]\.c' | sort; find d -path '*/f/*'; find d -maxdepth 1 -type d | sort
find -L d -type f -name '2.c' | sort
touch -d '2001-01-01' d/old; find d -not -newermt 2010-01-01 -type f
find d -newer d/old -type f | wc -l; find d -perm /111 -type f; find d -mindepth 3 -delete
find d | wc -l
find d -type f -print0 | xargs -0 -n 1 basename | sort; seq 5000 | xargs -n 1000 | wc -l
echo x | xargs -I{} echo '<{}>'; seq 3 | xargs -d '\n' echo; find missing; echo $?
find d -depth -type d -empty -print; find . -samefile d/1; find d -type f -quit
find / -maxdepth 1 -fstype proc; find d -false -o -name 1 -print
find d -links 1 -type f | sort | head -n 1
