#!/bin/sh
# Compiles the locale and the message files that hermetic cases bring along. The results are checked in, because a probe
# build shall not need localedef, msgfmt or gencat; run this again only when a source changes.
#
#   probes/locales/build.sh
#
# localedef of glibc 2.36 writes files that glibc 2.31 to 2.43 read; the case locale.data.all asks each image for it.
# LC_PAPER and other categories of glibc's own are made too, since setlocale(LC_ALL) wants all of them.
set -eu
cd "$(dirname "$0")"
rm -rf german
# What localedef has to say about categories that the source leaves out is no error.
localedef --no-archive --no-warnings=all -c -i german.src -f UTF-8 ./german 2>/dev/null || [ -s german/LC_TIME ]
msgfmt --no-hash -o words.mo words.po
msgfmt --no-hash -o time.mo time.po
rm -f words.cat
gencat words.cat words.msg
