# SPDX-License-Identifier: MIT
# many files and deep directories
mkdir many; i=0; while [ $i -lt 500 ]; do : > many/file$i; i=$((i + 1)); done; ls many | wc -l
ls many | md5sum; rm many/*7*; ls many | wc -l; set -- many/*; echo $#
path=.; i=0; while [ $i -lt 60 ]; do path=$path/d$i; i=$((i + 1)); done; mkdir -p $path
echo deep > $path/f; find . -name f | tr -cd / | wc -c; cat $path/f; cp -r d0 copy
find copy | wc -l; rm -r d0; du copy | wc -l; mv copy moved; find moved -type f | wc -l
rm -r moved many; ls | wc -l
name=$(seq -s x 1 88 | cut -c1-255); : > $name && ls | wc -c; : > ${name}y; echo $?
mkdir $(seq -s / 1 5) 2>/dev/null; echo $?
