/** What `--help` prints. */

const host = `
[user@host] is a host of your ssh config, or user@host[:port]; without one it is this machine.
Sampling needs root, or CAP_BPF and CAP_PERFMON, or a sudo that asks for no password; without any of
them processes of the same user are sampled by other means, which cost more. \`acupoint install\`
prints how an administrator grants the least that is needed.`;

const common = `
  -F FILE           the ssh config to use instead of ~/.ssh/config
  -v, --verbose     say on stderr what is being done
  -h, --help        this text`;

const exits = `
Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`;

const overview = `Usage: acupoint COMMAND [user@host] [options]

Shows where a running NGINX, OpenResty or Kong worker spends CPU time, down to the Lua line, with
nothing installed, changed or restarted.

  list     the nginx masters and workers of a machine
  record   samples for some seconds and writes a profile, or all there is, to a file
  top      hot functions, live in the terminal
  heap     what holds a worker's Lua memory
  memory   how a worker's memory divides, and what its shared dictionaries hold
  plugins  what each plugin of Kong or APISIX costs, and what is the gateway's own
  allocations
           what each of them allocates of Lua memory
  install  how an administrator of a machine lets a user sample there

acupoint COMMAND --help says the rest of each; acupoint --version the version.
${host}
${exits}
`;

const list = `Usage: acupoint list [user@host] [--json]

Lists the nginx masters of a machine with their workers.

      --json        print one JSON object:
                    {"host","masters":[{"pid","kind","version","nginxVersion","executable",
                    "commandLine","prefix","configFile","listen":[],"container","user","lua",
                    "workers":[{"pid","startTime","cpuPercent","rssBytes","title"}]}]}
${common.slice(1)}
${host}
${exits}
`;

const record = `Usage: acupoint record [user@host] --pid P|--master P --out FILE [options]
       acupoint record --from x.acupoint --out FILE [options]

Samples for some seconds and writes what it saw. Ctrl-C ends it early and writes what there is.
With --from it writes what is in a recording in another format.

      --pid P       one worker
      --master P    all workers of a master, and those that a reload brings
      --seconds S   how long (10)
      --rate HZ     samples a second of CPU time and thread, 1 to 4999 (99)
      --no-request-labels
                    leave method, host and URI of requests where they are: none of it is read
      --budget P    most that the trace may cost, in percent of a core for each worker (1); the
                    rate goes down where it costs more; 0: no limit
      --sampler S   bpf, perf or ptrace (the best that works)
  -o, --out FILE    the format follows from the name; - is stdout and needs --format
                      x.acupoint          a recording: all that there was, to be opened again by
                                          --from, or by VS Code
                      x.folded            folded stacks: a line a stack, with its samples
                      x.speedscope.json   https://www.speedscope.app
                      x.pb.gz             pprof
      --format F    recording, folded, speedscope or pprof, whatever the name
      --heap        put a heap snapshot of each worker into the recording, at its end
      --from FILE   of a recording, in the place of a process
      --allocations bytes that Lua code allocates instead of CPU time; see acupoint allocations
      --json        print one JSON object on stdout when done, with or without --out:
                    {"file","format","host","target","sampler","rateHz","seconds","samples","lost",
                    "truncated","interrupted","lua":{"samples","exact","functionOnly","traceRoot",
                    "unknown"},"native":{"samples","complete","truncated"},"probeCpuPercent",
                    "budgetPercent","functions":[{"name","file","line","kinds":[],
                    "self","total","hottestLine"}]}
                    self and total are fractions of all samples; functions are the 50 with the
                    most self. With --allocations they are fractions of all bytes, and
                    "allocated":{"bytes","bytesPerRequest","bytesPerSecond"} is there too.
${common.slice(1)}

In all formats a Lua function has its name, the file as the worker knows it, and the line where it
is defined; pprof has the line that was executing besides.
${host}
${exits}
`;

const top = `Usage: acupoint top [user@host] --pid P|--master P [options]

Shows the hot functions, live. Keys: s sorts by self or total, q or Ctrl-C ends. Where stdout is no
terminal it prints a table each second.

      --pid P       one worker
      --master P    all workers of a master, and those that a reload brings
      --window S    the table shows the last S seconds (10); 0: all since the start
      --seconds S   ends after S seconds (runs until it is ended)
      --rate HZ     samples a second of CPU time and thread, 1 to 4999 (99)
      --no-request-labels
                    leave method, host and URI of requests where they are: none of it is read
      --budget P    most that the trace may cost, in percent of a core for each worker (1); the
                    rate goes down where it costs more; 0: no limit
      --sampler S   bpf, perf or ptrace (the best that works)
      --rows N      functions in a printed table or JSON object (20)
      --json        print one JSON object a line each second:
                    {"timeMs","samples","lost","samplesPerSecond","probeCpuPercent",
                    "functions":[{"name","file","line","kinds":[],"self","total","hottestLine"}]}
                    self and total are fractions of the samples of the window.
${common.slice(1)}
${host}
${exits}
`;

const plugins = `Usage: acupoint plugins [user@host] --pid P|--master P [options]
       acupoint plugins --from x.acupoint [options]

Samples for some seconds and says whose CPU time it was. Each sample has one owner: the plugin whose
frame is next to the root of its coroutine, else the part of the gateway, else the application's
module, else nginx, else the kernel. What the garbage collector and the JIT compiler took is charged
to the owner that ran.

      --pid P       one worker
      --master P    all workers of a master, and those that a reload brings
      --seconds S   how long (10)
      --rate HZ     samples a second of CPU time and thread, 1 to 4999 (99)
      --budget P    most that the trace may cost, in percent of a core for each worker (1); the
                    rate goes down where it costs more; 0: no limit
      --from FILE   of a recording, in the place of a process
      --by KEY      rows of the table: owner (the default), phase, uri, route, host or method
      --group N=P   Lua files whose path the regular expression P finds belong to N, in which $1
                    is what the first pair of brackets found; may be given again
      --no-request-labels
                    read no method, host or URI of requests
      --json        print one JSON object on stdout when done:
                    {"seconds","samples","requests","owners":[{"name","kind","share",
                    "cpuUsPerRequest","gcShare","jitShare","phases":{}}]}
                    kind is plugin, core, nginx, kernel or other; share is of all samples, and all
                    shares sum to 1; phases sum to share; gcShare and jitShare (of the JIT compiler)
                    are parts of the owner. Where requests cannot be counted they are null, and
                    requestsMissing says why.
${common.slice(1)}
${host}
${exits}
`;

const allocations = `Usage: acupoint allocations [user@host] --pid P|--master P [options]
       acupoint allocations --from x.acupoint [options]

Says who allocates Lua memory: watches the allocator of the workers' Lua VMs in short bursts, a few
milliseconds each, within the budget. Shares are of the bytes that were seen; bytes for a request
and for a second are estimated from the bursts. An owner is told as for \`acupoint plugins\`.

      --pid P       one worker
      --master P    all workers of a master, and those that a reload brings
      --seconds S   how long (10)
      --budget P    most that the trace may cost, in percent of a core for each worker (1); bursts
                    are shorter and fewer where they cost more; 0: no limit
      --rate HZ     samples of CPU time a second, which are taken besides (99)
      --by KEY      rows of the table: owner (the default), phase, uri, route, host or method
      --group N=P   as for \`acupoint plugins\`
      --no-request-labels
                    read no method, host or URI of requests
      --json        print one JSON object on stdout when done:
                    {"seconds","samples","bytes","lostBytes","watchedSeconds","elapsedSeconds",
                    "requests","bytesPerRequest","bytesPerSecond","owners":[{"name","kind","share",
                    "bytes","bytesPerRequest","bytesPerSecond","phases":{}}]}
                    share is of all bytes, and all shares sum to 1; bytes are those that were seen
                    in bursts, requests those that came in meanwhile; where these cannot be counted
                    they are null, and requestsMissing says why. watchedSeconds and elapsedSeconds
                    are summed over workers.
${common.slice(1)}
${host}
${exits}
`;

const heap = `Usage: acupoint heap [user@host] --pid P [options]
       acupoint heap --from x.acupoint [--snapshot N] [options]

Shows what holds a worker's Lua memory: retained bytes by plugin, module and object. A worker that
sleeps for long enough is not stopped; another one stands while its memory is copied, at most for
the limit, and is let go before the copy is read.

      --pid P             the worker
      --max-pause-ms N    the limit, 1 to 10000 (200); refused, with an estimate, where it would
                          take longer
      --out x.acupoint    write the snapshot as a recording, whole: for --from, or VS Code
      --from FILE         show a snapshot of a recording, in the place of a process
      --snapshot N        which one, from 1 on (the last one, or the last one of --pid)
      --folded FILE       write the flame graph in bytes as folded stacks: a line a stack
      --group NAME=PATTERN  files that fit the pattern are a group of this name; may be repeated
      --json              print one JSON object:
                          {"pauseMs","copiedBytes","gcTotalBytes","reachedBytes",
                          "owners":[{"name","kind","retainedBytes","objects"}]}
                          kind is plugin, core or other. An object counts for the one owner that
                          holds it alone, or else as shared, so the owners' bytes add up to
                          reachedBytes: what was found of the gcTotalBytes that the VM's
                          collector counts.
${common.slice(1)}
${host}
${exits}
`;

const memory = `Usage: acupoint memory [user@host] --pid P|--master P [options]
       acupoint memory --from x.acupoint [--json]

Shows the memory of workers as it is now, without stopping them: what Lua's collector counts, what
LuaJIT's allocator holds, the resident memory by kind, and the zones of memory that workers share,
with what each lua_shared_dict holds.

      --pid P       one worker
      --master P    all workers of a master
      --seconds S   how long to wait (1); the figures are those of the end
      --from FILE   of a recording, at its end
      --json        print one JSON object on stdout when done:
                    {"workers":[{"pid","rssBytes","rssAnon","rssFile","rssShared","swapped","vms",
                    "gcTotal","gcThreshold","gcEstimate","gcDebt","gcPhase","gcLow","gcHigh",
                    "gcCycles","luaSegments","luaAllocators","cHeap","sharedMapped"}],
                    "zones":[{"name","module","sizeBytes","residentBytes","pageBytes","pages",
                    "freePages","freeInPages","blocks","refused","entries","expired",
                    "estimated"}],"zonesLeftOut","zonesMissing"}
                    Bytes, but for counts. gcLow, gcHigh: what gcTotal was seen to be in the
                    last second; gcCycles: of the collector, that were seen ending. A figure of a
                    zone that cannot be told is null. blocks and refused are of less than half a
                    page; refused: asked for in vain since the zone was made. estimated: entries
                    and expired are, from a part of the pages.
${common.slice(1)}
${host}
${exits}
`;

const install = `Usage: acupoint install [user@host] [options] [--out FILE | --now]
       acupoint install [user@host] --remove [--out FILE | --now]

Prints a script that an administrator of the machine reads and runs as root. It installs the probe
of this version in a folder of root's, checks its SHA-256 there, and lets one user or group run it.
From then on that probe is used where it is unchanged, and nothing is copied to the machine.

      --for USER    who may run it (who signs in): by membership of the group acupoint, which is
                    made for that, or by sudo
      --group NAME  a group of the machine whose members may run it, instead
      --by WAY      capabilities (the default): those alone with which it samples, kept in the file
                    sudo: a rule by which sudo runs it as root, asks for no password, and takes no
                    other arguments; for machines where files can hold no capabilities
  -o, --out FILE    write the script there; on a terminal it is printed without the probe, to read
      --now         run it at once, where root signs in
      --remove      print, write or run what takes all of it away
  -F FILE           the ssh config to use instead of ~/.ssh/config
  -v, --verbose     say on stderr what is being done
  -h, --help        this text

For example: acupoint install web1 --out install.sh; then, on web1: sudo sh install.sh
Whoever may run the probe can see what nginx workers and other processes have in memory.
${exits}
`;

export const helpTexts = {
  install,
  heap,
  memory,
  overview,
  list,
  record,
  top,
  allocations,
  plugins,
} as const;
