# SPDX-License-Identifier: MIT
# select: menus from standard input, REPLY, wrong answers, end of input
PS3='choose: '; select fruit in apple "red pear" plum quit; do
  case $fruit in quit) break ;; '') echo "no such: $REPLY" ;; *) echo "you chose $fruit ($REPLY)" ;; esac
done <<< $'1\n2\n9\nword\n4'
select x in a b; do echo "got $x"; done <<< 2; echo "end $?"; set -- p q
select y; do echo $y; break; done <<< 2; COLUMNS=20
select z in {1..8}; do echo $z; break; done <<< 5
