%% The BEAM at the same work as our client: one run inside one node, one JSON line of figures.
%% CPU is that of the whole process, as it is on our side.
-module(rival).
-export([fixture/1, etf/1, rpc/1, poll/1, calls/0]).

%% A health sample of some 2 KB as a monitor would get it: property lists, maps, atoms, strings, integers of all widths, pids.
sample() ->
    #{node => 'worker_17@10.20.30.40', uptime_ms => 8640000123, at => {1732320000, 123456},
      memory => [{total, 21474836480}, {processes, 8589934592}, {processes_used, 8589900000}, {system, 12884901888},
                 {atom, 1048576}, {atom_used, 1040000}, {binary, 4294967296}, {code, 33554432}, {ets, 2147483648}],
      schedulers => [{I, I * 0.0173, I * 1234567890123} || I <- lists:seq(1, 16)],
      procs => [{list_to_pid("<0." ++ integer_to_list(100 + I) ++ ".0>"), list_to_atom("worker_" ++ integer_to_list(I)),
                 I * 1000, I * 37, {gen_server, loop, 7}} || I <- lists:seq(1, 13)],
      apps => [{kernel, "ERTS  CXC 138 10", "8.5.3"}, {stdlib, "ERTS  CXC 138 10", "4.2"},
               {sasl, "SASL  CXC 138 11", "4.2"}, {crypto, "CRYPTO", "5.1.2"},
               {ssl, "Erlang/OTP SSL application", "10.8.7"}],
      alarms => [{disk_almost_full, <<"/var/lib/data">>}, {system_memory_high_watermark, []}],
      note => binary:copy(<<"abcdefgh">>, 32)}.

%% fixture FILE: writes the sample.
fixture([File]) ->
    ok = file:write_file(File, term_to_binary(sample(), [{minor_version, 2}])),
    halt().

%% etf FILE MILLISECONDS ROUNDS: decodes and encodes in turn.
etf([File, Ms, Rounds]) ->
    {ok, Bytes} = file:read_file(File),
    Term = binary_to_term(Bytes),
    N = list_to_integer(Rounds), T = list_to_integer(Ms),
    Pairs = [{rate(fun() -> binary_to_term(Bytes) end, T), rate(fun() -> term_to_binary(Term) end, T)} || _ <- lists:seq(1, N)],
    out([{decode_per_cpu_s, median([D || {D, _} <- Pairs])}, {encode_per_cpu_s, median([E || {_, E} <- Pairs])}]).

rate(F, Ms) ->
    Me = self(),
    spawn_link(fun() ->
        batch(F, 2000),
        C0 = cpu_us(), N = until(F, now_us() + Ms * 1000, 0), C1 = cpu_us(),
        Me ! {rate, N * 1000000 div max(1, C1 - C0)} end),
    receive {rate, R} -> R end.

until(F, End, N) -> batch(F, 500), case now_us() >= End of true -> N + 500; false -> until(F, End, N + 500) end.
batch(_, 0) -> ok;
batch(F, N) -> F(), batch(F, N - 1).

%% rpc NODE MILLISECONDS ROUNDS: erpc with one caller, then with a hundred.
rpc([Node, Ms, Rounds]) ->
    T = list_to_atom(Node), true = net_kernel:connect_node(T),
    D = list_to_integer(Ms), N = list_to_integer(Rounds),
    Pairs = [{calls(T, 1, D), calls(T, 100, D)} || _ <- lists:seq(1, N)],
    out([{calls_s_1, median([C || {{C, _}, _} <- Pairs])}, {calls_s_100, median([C || {_, {C, _}} <- Pairs])},
         {us_cpu_1, median([U || {{_, U}, _} <- Pairs])}, {us_cpu, median([U || {_, {_, U}} <- Pairs])}]).

calls(T, Callers, Ms) ->
    [erpc:call(T, erlang, node, []) || _ <- lists:seq(1, 200)],
    T0 = now_us(), End = T0 + Ms * 1000, C0 = cpu_us(), Me = self(),
    [spawn_link(fun() -> Me ! {done, loop(T, End, 0)} end) || _ <- lists:seq(1, Callers)],
    N = lists:sum([receive {done, K} -> K end || _ <- lists:seq(1, Callers)]),
    {N * 1000000 / (now_us() - T0), (cpu_us() - C0) / N}.

loop(T, End, N) ->
    case now_us() >= End of true -> N; false -> erpc:call(T, erlang, node, []), loop(T, End, N + 1) end.

%% poll SWEEPS NODE...: one call to each node at once, as our client makes it; then the least call that there is.
poll([Sweeps | Names]) ->
    Nodes = [list_to_atom(N) || N <- Names], {Modules, Functions, Args} = calls(), N = list_to_integer(Sweeps),
    [true = net_kernel:connect_node(Node) || Node <- Nodes],
    Pids = [erpc:call(Node, os, getpid, []) || Node <- Nodes],
    {Client, Target} = swept(Nodes, Pids, N, {lists, zipwith3, [fun erlang:apply/3, Modules, Functions, Args]}),
    {_, Floor} = swept(Nodes, Pids, N, {erlang, node, []}),
    out([{client_us_cpu, Client}, {target_us_cpu, Target}, {target_floor_us_cpu, Floor}]).

%% CPU per node and sweep, of this node and of those asked.
swept(Nodes, Pids, N, {M, F, A}) ->
    Sweep = fun() ->
        Asked = [erpc:send_request(Node, M, F, A) || Node <- Nodes],
        [erpc:receive_response(R, 60000) || R <- Asked] end,
    Sweep(), Sweep(),
    F0 = lists:sum([cpu_us(P) || P <- Pids]), C0 = cpu_us(),
    [Sweep() || _ <- lists:seq(1, N)],
    C1 = cpu_us(), F1 = lists:sum([cpu_us(P) || P <- Pids]), Polls = N * length(Nodes),
    {(C1 - C0) / Polls, (F1 - F0) / Polls}.

%% What a health poll asks: functions of the emulator alone, so that nothing is loaded on the node. Memory by what grows:
%% erlang:memory/0 asks all eleven allocators and costs a node as much as all the rest together.
calls() ->
    lists:unzip3([{erlang, system_info, [{allocator_sizes, [eheap_alloc, binary_alloc, ets_alloc]}]}] ++
        [{erlang, system_info, [I]} || I <- [process_count, port_count, atom_count, ets_count, schedulers_online]] ++
        [{erlang, statistics, [I]} || I <- [total_run_queue_lengths, reductions, io, garbage_collection, wall_clock]] ++
        [{erlang, nodes, []}]).

%% Microseconds of CPU, of all threads: /proc/PID/stat counts in ticks of 10 ms, their schedstat in nanoseconds.
cpu_us() -> cpu_us(os:getpid()).
cpu_us(Pid) ->
    Tasks = "/proc/" ++ Pid ++ "/task/",
    {ok, Threads} = file:list_dir(Tasks),
    lists:sum([nanoseconds(file:read_file(Tasks ++ Thread ++ "/schedstat")) || Thread <- Threads]) div 1000.
nanoseconds({ok, Text}) -> [Run | _] = string:lexemes(Text, " "), binary_to_integer(Run);
nanoseconds({error, _}) -> 0.

now_us() -> erlang:monotonic_time(microsecond).
median(L) -> lists:nth((length(L) + 1) div 2, lists:sort(L)).
out(Figures) ->
    io:format("{~s}~n", [lists:join(",", [io_lib:format("\"~s\":~w", [K, V]) || {K, V} <- Figures])]),
    halt().
