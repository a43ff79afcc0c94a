/**
 * epmd, one a host and port: started by us on the node's address and loopback unless one serves there already, and never
 * on all interfaces. It outlives nodes; we stop only one that we started and that serves nobody.
 *
 * epmd/process and epmd/addresses say which one is ours, epmd/port where to look for one; epmd/lock keeps two starters
 * apart; epmd/program is what a boot starts it from, and epmd/unit is there where systemd does that.
 */
import { epmdCoversFunction } from './systemd.ts';

/**
 * `ensure_epmd PROGRAM PORT ADDRESS` makes sure that nodes on ADDRESS are found; uses what `sockets` said last, through
 * `look`, and `refuse`s with a reason.
 */
export const ensureEpmdFunctions = `
${epmdCoversFunction}
ensure_epmd() {
  printf '%s\\n' "$1" >"$D/epmd/program"
  [ -e "$D/epmd/port" ] || printf '%s\\n' "$2" >"$D/epmd/port"
  epmd_covers && return
  exec 7>>"$D/epmd/lock"; flock -w 20 7 || refuse "somebody else has been starting epmd here for 20 s"
  look
  epmd_covers || replace_epmd "$@"
  exec 7>&-
}
replace_epmd() {
  addresses=$3
  if alive "$D/epmd"; then
    names=$("$1" -port "$2" -names 2>/dev/null | sed -n 's/^name \\([^ ]*\\).*/\\1/p' | tr '\\n' ' ')
    [ -z "$names" ] || refuse "the epmd on port $2 does not listen on $3 and cannot be restarted: it serves $names"
    kill "$pid"; while alive "$D/epmd"; do sleep 0.05; done
    { read -r known <"$D/epmd/addresses"; } 2>/dev/null && addresses=$known,$3
  elif [ -n "$epmd_seen" ]; then
    refuse "port $2 is held by an epmd that is not ours, or by something else, and not on $3 and loopback"
  fi
  start_epmd "$1" "$2" "$addresses"
}
start_epmd() {
  printf '%s\\n' "$3" >"$D/epmd/addresses"; printf '%s\\n' "$2" >"$D/epmd/port"
  if [ -n "$manager" ]; then start_epmd_unit; else start_epmd_session "$@"; fi
  tries=0
  until look; epmd_covers; do
    tries=$((tries + 1)); [ $tries -lt 150 ] || refuse "epmd did not come up on port $2: $(tail -n 3 "$D/epmd/log")"
    sleep 0.02
  done
}
start_epmd_unit() {
  unit_name
  enable_unit "$unit-epmd.service" "$D/epmd" || refuse "the unit of epmd could not be written"
  said=$(manage restart "$unit-epmd.service" 2>&1) || refuse "systemd did not start epmd: $said"
}
start_epmd_session() {
  setsid env -i PATH="$PATH" sh -c '
    read -r stat </proc/$$/stat; read -r boot </proc/sys/kernel/random/boot_id
    folder=$1; program=$2; port=$3; addresses=$4; set -- \${stat##*) }
    printf "%s %s %s\\n" $$ "\${20}" "$boot" >"$folder/process" || exit 1
    exec 7>&- 9>&-; cd /
    exec "$program" -port "$port" -address "$addresses"' epmd "$D/epmd" "$1" "$2" "$3" \\
    </dev/null >"$D/epmd/log" 2>&1 &
}`.trim();

/** Ends the epmd that is ours when it serves nobody, with `disable_unit`. Its program is the one that it runs, whose release may be gone. */
export const stopIdleEpmd = `
if alive "$D/epmd"; then
  { read -r port <"$D/epmd/port"; } 2>/dev/null || port=4369
  names=$("/proc/$pid/exe" -port "$port" -names 2>/dev/null | grep -c '^name ')
  if [ "$names" = 0 ]; then
    disable_unit "$D/epmd"; kill "$pid" 2>/dev/null
    tries=0; while alive "$D/epmd" && [ $tries -lt 50 ]; do tries=$((tries + 1)); sleep 0.05; done
    alive "$D/epmd" && kill -KILL "$pid"
  else
    echo "epmd=serves $names"
  fi
fi`.trim();

/** Says how epmd stands: `epmd=PORT RUNNING OURS EXPOSED`, each but the port 1 or empty as \`-\`. */
export const describeEpmd = `
{ read -r port <"$D/epmd/port"; } 2>/dev/null || port=4369
sockets 0100007F 0000 "$(printf '%04X' "$port")"
ours=-; alive "$D/epmd" && ours=1
echo "epmd=$port \${epmd_seen:--} $ours \${epmd_any:--}"`.trim();
