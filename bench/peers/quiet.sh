#!/usr/bin/env bash
# Runs a command when the machine was at least QUIET_IDLE percent idle for a second (default 85); gives up waiting
# after QUIET_WAIT seconds (default 60) and runs it all the same. Says on standard error how idle the machine was.
set -euo pipefail
want=${QUIET_IDLE:-85}
end=$((SECONDS + ${QUIET_WAIT:-60}))

# Idle and total ticks since the start of the machine.
ticks() { awk '/^cpu /{t = 0; for (k = 2; k <= 9; k++) t += $k; print $5 + $6, t}' /proc/stat; }

while :; do
  read -r idle0 all0 < <(ticks)
  sleep 1
  read -r idle1 all1 < <(ticks)
  idle=$((100 * (idle1 - idle0) / (all1 - all0 > 0 ? all1 - all0 : 1)))
  if ((idle >= want || SECONDS >= end)); then break; fi
done
note=""
((idle >= want)) || note=" (busy: this figure is worth little)"
echo "# idle before the run: $idle %$note" >&2
exec "$@"
