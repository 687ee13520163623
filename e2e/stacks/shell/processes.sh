# Sourced by the stacks' stack.sh: processes that are recorded when they start and stopped by that record.
# $run and $logs are the folders of the records and of the logs.

say() { printf '[%4ss] %s\n' "$SECONDS" "$*"; }
fail() {
  say "ERROR: $*" >&2
  exit 1
}

# start_time PID — in clock ticks since boot. Recorded with the pid: it keeps a recycled pid from being taken for ours.
# Nothing for a process that has ended and only waits to be reaped.
start_time() { sed -n 's/^.*) //; /^[ZX]/!p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# recorded NAME — prints the pid of the service when it still runs
recorded() {
  local pid started
  read -r pid started 2>/dev/null <"$run/$1.process" || return 1
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

# launch NAME COMMAND… — starts the service in a session of its own unless it runs already; one older log is kept
launch() {
  local name=$1 pid
  shift
  recorded "$name" >/dev/null && return
  [ ! -s "$logs/$name.log" ] || mv "$logs/$name.log" "$logs/$name.log.1"
  setsid "$@" >>"$logs/$name.log" 2>&1 </dev/null 9>&- &
  pid=$!
  echo "$pid $(start_time "$pid")" >"$run/$name.process"
}

# end_process PID — asks, and kills after 6 s
end_process() {
  local pid=$1 end=$((SECONDS + 6))
  kill -TERM "$pid" 2>/dev/null || return 0
  while [ -n "$(start_time "$pid")" ]; do
    [ $SECONDS -lt $end ] || kill -KILL "$pid" 2>/dev/null || true
    sleep 0.1
  done
}

# stop_service NAME — the process and what is left of its session
stop_service() {
  local pid
  if pid=$(recorded "$1"); then
    # The queue's start script passes no signal on; the others' parents end their workers themselves.
    [ "$1" != rabbit ] || kill -TERM -- "-$pid" 2>/dev/null || true
    end_process "$pid"
    kill -KILL -- "-$pid" 2>/dev/null || true
  fi
  rm -f "$run/$1.process"
}

answers() { (exec 3<>"/dev/tcp/$listen/$1") 2>/dev/null; }

# wait_for SERVICE COMMAND… — until the command succeeds; tells the log's end when the service dies or is late. The five
# minutes are a bound for hangs: on a busy machine some services take one or two.
wait_for() {
  local end=$((SECONDS + 300)) name=$1
  shift
  until "$@" >/dev/null 2>&1; do
    if ! recorded "$name" >/dev/null || [ $SECONDS -ge $end ]; then
      tail -n 15 "$logs/$name.log" >&2
      fail "$name died or is not ready in time: $logs/$name.log"
    fi
    sleep 0.2
  done
}
