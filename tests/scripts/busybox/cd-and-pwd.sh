# SPDX-License-Identifier: MIT
# cd, pwd, OLDPWD, -, links, .., removed directories
mkdir -p a/b/c; ln -s a/b link
cd a/b/c; pwd; cd ../..; pwd; cd -; cd - > /dev/null; pwd
cd /tmp/link; pwd; pwd -P; cd ..; pwd
cd -P /tmp/link; pwd; cd /tmp
cd missing; echo $?
cd; pwd; echo $OLDPWD
mkdir gone; cd gone; rmdir ../gone; ls; echo "$?"; touch x; echo "$?"; cd /tmp
(cd a && cd b && pwd); pwd
cd //tmp/./a/../a/b//; pwd
