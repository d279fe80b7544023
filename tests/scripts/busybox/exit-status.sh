# SPDX-License-Identifier: MIT
# exit status: of signals, missing and unusable commands, exit without number, && || lists
sh -c 'kill -KILL $$'; echo "KILL $?"
sh -c 'kill -TERM $$'; echo "TERM $?"
sh -c 'kill -USR1 $$'; echo "USR1 $?"
sh -c 'kill -PIPE $$'; echo "PIPE $?"
sh -c 'exit 300'; echo "300 is $?"
no-such-command; echo "missing $?"
/bin; echo "directory $?"
echo data > data; ./data; echo "not executable $?"
chmod +x data; ./data 2>/dev/null; echo "text is a script $?"
/no/such/path; echo "no path $?"
false; (exit); echo "exit keeps $?"
true && false || echo "list"
false && echo never; echo $?
f() { false; return; }; f; echo "return keeps $?"
if false; then :; fi; echo "if without branch $?"
sh -c 'exit 3' & wait $!; echo "wait $?"
exit 42
