# SPDX-License-Identifier: MIT
# directories: pushd, popd, dirs, cd -, CDPATH, autocd off, PWD, OLDPWD, removed ones
mkdir -p a/b c "with space"; pushd a > /dev/null; pushd b > /dev/null
dirs -p | sed "s|$HOME|~|"; popd > /dev/null; pwd; popd > /dev/null; pwd; popd 2>&1
pushd a c 2>&1 | head -n 1; cd a/b; cd -; echo "$OLDPWD"; CDPATH=/tmp/a; cd b; cd /tmp
unset CDPATH
cd "with space" && pwd; cd ..; cd missing; echo $?; ln -s a/b l; cd l; pwd; pwd -P; cd ..; pwd
cd -P l; pwd; cd /tmp; mkdir gone; cd gone; rmdir /tmp/gone; pwd; cd .. && pwd; (cd a; pwd)
cd a 2>/dev/null; cd "$OLDPWD"; pwd; pushd +0 > /dev/null; dirs; cd ''; pwd; cd a b 2>&1
echo $?
