# SPDX-License-Identifier: MIT
# globbing of bash: extglob, globstar, nullglob, failglob, dotglob, nocaseglob, GLOBIGNORE
mkdir -p a/b/c; touch a/1.c a/b/2.c a/b/c/3.c README x1 x22 x333 .hid file.txt file.tar.gz
shopt -s extglob globstar
echo x+([0-9]) ; echo !(x*|a); echo file@(.txt|.tar.gz); echo x?(1)
echo x*(2); echo **/*.c; echo **/
shopt -s nullglob; echo nothing* end; shopt -u nullglob; echo nothing*; shopt -s dotglob
echo *hid; shopt -u dotglob
(shopt -s failglob; echo nothing*) 2>&1; echo $?; shopt -s nocaseglob; echo readme*
GLOBIGNORE='x*:a'; echo *; unset GLOBIGNORE
[[ foobar == foo@(bar|baz) ]] && echo match; case x22 in x+(2)) echo "case too" ;; esac
v=aaabbb; echo "${v##+(a)}" "${v/%+(b)/}"; compgen -G 'x*' | wc -l
