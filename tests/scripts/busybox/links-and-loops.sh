# SPDX-License-Identifier: MIT
# symbolic links: chains, loops, dangling, directories, hard links and their counts, rename over
echo data > file; ln -s file one; ln -s one two; cat two; readlink two; readlink -f two
ln -s loop loop; cat loop; echo $?; ls -L loop; echo $?
ln -s missing dangling; cat dangling; echo $?; echo made > dangling; cat missing
[ -L dangling ] && echo link; [ -e loop ] || echo "a loop does not exist"
mkdir dir; ln -s dir d; touch d/x; ls d/ dir; rm d; ls dir; ln file hard; echo more >> hard
cat file; stat -c %h file; rm file; cat hard; stat -c %h hard
ln -s ../tmp/hard rel; cat rel; mv hard moved; cat rel; ln moved rel; echo $?; ln -f moved rel
cat rel; ln dir hardlink; echo $?; echo x > y; mv y moved; cat moved
i=0; ln -s moved l0; while [ $i -lt 45 ]; do ln -s l$i l$((i + 1)); i=$((i + 1)); done; cat l39
cat l42; echo $?
