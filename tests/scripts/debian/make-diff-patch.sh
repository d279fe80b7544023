# SPDX-License-Identifier: MIT
# make (parallel, failing, incremental), diff, diff3, sdiff, patch
cat > Makefile <<'END'
all: a b
	echo linked $^
a b:
	echo made > $@
clean:
	rm -f a b
fail:
	false
.PHONY: all clean fail
END
make; make; make -s clean; make -j4 | sort; make -s fail 2>/dev/null; echo $?; make -n clean
touch -d '2001-01-01' a; make -q a; echo $?
printf 'V := $(shell echo from a shell)\nx: ; @echo $(V) $(words a b c)\n' | make -f -
printf 'a\nb\nc\nd\n' > 1; printf 'a\nB\nc\n' > 2; diff 1 2; diff -u --label old --label new 1 2
diff -y -W 30 1 2; diff --brief 1 2; diff3 1 2 1; sdiff -s -w 30 1 2
diff -u --label 1 --label 1 1 2 > p; cp 1 3; patch 1 p; cmp 1 2 && echo patched; patch -R 1 p
cmp 1 3 && echo back; patch --dry-run 1 p; echo 'x' > 4; patch 4 p; echo $?; cat 4.rej | wc -l
mkdir l r; echo 1 > l/f; echo 2 > r/f; diff -ru --label l --label r l r; diff -rN l r | wc -l
cmp -l 1 2 | wc -l; cmp 1 2
