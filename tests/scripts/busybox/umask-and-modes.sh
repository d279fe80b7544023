# SPDX-License-Identifier: MIT
# umask, chmod (octal and symbolic), modes of new files, what a mode forbids
umask; umask 027; umask; umask -S; touch f; mkdir d; stat -c '%A %a %n' f d
umask 0; touch all; mkdir open; stat -c '%a' all open; umask 022
touch t
for mode in 644 u+x g=w o-r a+x,u-w +t u=rwx,g=u,o= 4755 2755 1777 a=; do chmod $mode t; stat -c "$mode %a %A" t; done
chmod 750 d; chmod -R g+w d; stat -c %a d
cp -p t copy; mkdir -m 700 private; stat -c '%a %F' copy private
chmod 644 missing; echo $?
install -m 751 f installed; stat -c %a installed
