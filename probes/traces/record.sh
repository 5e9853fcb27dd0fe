#!/bin/sh
# Records the traces of this folder anew, with Debian's own programs: python3, sqlite3 and ripgrep.
#
#   probes/traces/record.sh LIBCDIFF [NAME...]      results: probes/traces/NAME.trace
#
# What is recorded follows from the program's version and its input, so a trace that is made elsewhere differs a little;
# a change of one is part of a review.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
libcdiff=$1
shift
[ $# -gt 0 ] || set -- python-json sqlite ripgrep

record() { # NAME COMMAND...: what the command prints is of no interest
    name=$1
    shift
    "$libcdiff" alloc record --output "$here/$name.trace" -- "$@" >/dev/null
}

for name; do
    case $name in
    # CPython has an allocator of its own for small objects, above malloc. PYTHONMALLOC=malloc leaves it out, as debugging
    # does; so the trace is what Python asks for, and more than malloc sees of an ordinary run.
    python-json) PYTHONMALLOC=malloc PYTHONHASHSEED=0 record python-json /usr/bin/python3 -S -B "$here/documents.py" ;;
    sqlite) record sqlite /usr/bin/sqlite3 :memory: ".read $here/table.sql" ;;
    # Two threads that search, and the one that started them. Which of them finds what differs from run to run.
    ripgrep) record ripgrep /usr/bin/rg --no-config -j 2 -n 'def |self' /usr/lib/python3.11 ;;
    *) echo "record: there is no trace '$name': python-json, sqlite, ripgrep" >&2 && exit 2 ;;
    esac
done
