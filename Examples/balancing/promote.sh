#!/bin/sh
# promote.sh SERVER EPOCH: makes SERVER the active one, or fails, and then it doesn't become it.
#
# This one keeps the highest epoch that was granted and refuses any below it, so that a promotion
# which comes late can't undo a newer one. A real one also makes sure here that the former server
# does no more harm: it takes its address or its disk away, or switches it off.
set -eu
server=$1 epoch=$2
granted=$(cut -d' ' -f1 granted 2>/dev/null || echo 0)
if [ "$epoch" -lt "${granted:-0}" ]; then
  echo "epoch $epoch is older than $granted"
  exit 1
fi
echo "$epoch $server" >granted.new
mv granted.new granted
echo "$server is active"
