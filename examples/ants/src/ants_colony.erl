%% A colony: searches in short steps with pauses between them, reports to the masters it joined, and lays down the tours
%% that they pass on. It works only while it is joined, the optimum is not found, and its budget lasts; else it is idle.
%%
%% Only `join/1' opens a connection. A master that is lost is waited for: when its node is seen again under the same
%% name, through whatever connected it, the colony joins again by itself.
-module(ants_colony).
-behaviour(gen_server).

-export([start_link/0, join/1, joined/1, drain/0, report/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% iterations between two reports to the masters
-define(EXCHANGE_EVERY, 10).
-define(CALL_MS, 5000).
%% between two tries to join a master that is connected but does not answer yet
-define(AGAIN_MS, 1000).

-record(state, {
    instance :: ants_problem:instance() | undefined,
    search :: ants_search:search() | undefined,
    %% those we joined, with the monitor of each
    masters = #{} :: #{node() => reference()},
    %% those that went without a word
    missed = [] :: [node()],
    pause_ms = 100 :: non_neg_integer(),
    %% the step that is due; undefined while idle
    timer :: reference() | undefined,
    budget :: non_neg_integer()
}).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% @doc Joins the master on that node. Repeatable. What may fail is asked of the master first, in the caller's process.
-spec join(node()) -> ok | {error, term()}.
join(Master) ->
    case whereis(?MODULE) of
        undefined -> {error, {node(), not_a_colony}};
        _ -> join_as_colony(Master)
    end.

join_as_colony(Master) ->
    try
        {ok, Instance, Orders} = gen_server:call({ants_master, Master}, {join, node()}, ?CALL_MS),
        gen_server:call(?MODULE, {joined, Master, Instance, Orders}, ?CALL_MS)
    catch
        exit:{Reason, _} -> {error, {Master, Reason}}
    end.

%% @doc Whether both sides know that this colony is with that master.
-spec joined(node()) -> boolean().
joined(Master) ->
    try
        gen_server:call(?MODULE, {joined, Master}, ?CALL_MS) andalso
            gen_server:call({ants_master, Master}, {knows, node()}, ?CALL_MS)
    catch
        exit:_ -> false
    end.

%% @doc Hands in the best tour, leaves the masters and rests: the hook before the node is stopped.
-spec drain() -> ok.
drain() -> gen_server:call(?MODULE, drain, 3 * ?CALL_MS).

%% @doc What this colony has done.
-spec report() -> map().
report() -> gen_server:call(?MODULE, report, ?CALL_MS).

init([]) ->
    ok = net_kernel:monitor_nodes(true),
    {ok, #state{budget = application:get_env(ants, iterations, 5000)}}.

handle_call({joined, Master, Instance, Orders}, _From, State) ->
    logger:notice("ants: joined ~s", [Master]),
    {reply, ok, follow(Orders, with(Master, prepared(Instance, State)))};
handle_call({joined, Master}, _From, State) ->
    {reply, is_map_key(Master, State#state.masters), State};
handle_call(drain, _From, State) ->
    _ = [hand_in(Master, State) || Master <- maps:keys(State#state.masters)],
    Alone = lists:foldl(fun without/2, State, maps:keys(State#state.masters)),
    {reply, ok, idle(Alone#state{missed = []})};
handle_call(report, _From, State) ->
    {reply, report(State), State}.

handle_cast(_, State) -> {noreply, State}.

handle_info(step, State) ->
    {noreply, told(next(State#state{timer = undefined, search = ants_search:step(State#state.search)}))};
handle_info({orders, Master, Orders}, State) when is_map_key(Master, State#state.masters) ->
    {noreply, follow(Orders, State)};
handle_info({forgotten, Master}, State) ->
    {noreply, without(Master, State)};
handle_info({'DOWN', _, process, {ants_master, Master}, _}, #state{missed = Missed} = State) ->
    logger:notice("ants: ~s is lost; waiting for it", [Master]),
    _ = erlang:send_after(?AGAIN_MS, self(), {again, Master}),
    {noreply, without(Master, State#state{missed = lists:usort([Master | Missed])})};
handle_info({nodeup, Node}, #state{missed = Missed} = State) ->
    {noreply, seen(lists:member(Node, Missed), Node, State)};
handle_info({again, Master}, #state{missed = Missed} = State) ->
    {noreply, seen(lists:member(Master, Missed) andalso lists:member(Master, nodes()), Master, State)};
handle_info(_, State) ->
    {noreply, State}.

%% The same problem goes on where it was left; another one starts afresh.
prepared(Instance, #state{instance = Instance} = State) ->
    State;
prepared(Instance, State) ->
    Search = ants_search:new(ants_problem:new(Instance), erlang:phash2({node(), Instance})),
    State#state{instance = Instance, search = Search}.

with(Master, State) ->
    #state{masters = Masters, missed = Missed} = Kept = without(Master, State),
    Monitor = monitor(process, {ants_master, Master}),
    Kept#state{masters = Masters#{Master => Monitor}, missed = lists:delete(Master, Missed)}.

without(Master, #state{masters = Masters} = State) ->
    case maps:take(Master, Masters) of
        {Monitor, Rest} ->
            demonitor(Monitor, [flush]),
            next(State#state{masters = Rest});
        error ->
            State
    end.

%% The master's node is back before its server may be: it is asked by a process of its own, and asked again later.
seen(false, _, State) ->
    State;
seen(true, Master, State) ->
    Self = self(),
    spawn(fun() -> join(Master) =:= ok orelse erlang:send_after(?AGAIN_MS, Self, {again, Master}) end),
    State.

follow(#{rest := true}, State) ->
    idle(State);
follow(#{pause_ms := Pause, tours := Tours}, #state{search = Search} = State) ->
    next(State#state{pause_ms = Pause, search = ants_search:learn(Tours, Search)}).

%% Sets the timer of the next step when there is reason to take one.
next(#state{masters = Masters} = State) when map_size(Masters) =:= 0 -> idle(State);
next(#state{timer = Timer} = State) when Timer =/= undefined -> State;
next(#state{search = Search, budget = Budget, pause_ms = Pause} = State) ->
    case ants_search:iterations(Search) < Budget of
        true -> State#state{timer = erlang:send_after(Pause, self(), step)};
        false -> State
    end.

idle(#state{timer = undefined} = State) ->
    State;
idle(#state{timer = Timer} = State) ->
    _ = erlang:cancel_timer(Timer),
    receive
        step -> ok
    after 0 -> ok
    end,
    State#state{timer = undefined}.

told(#state{search = Search, masters = Masters, timer = Timer} = State) ->
    Due = ants_search:iterations(Search) rem ?EXCHANGE_EVERY =:= 0 orelse Timer =:= undefined,
    _ = [tell(Master, found(Search)) || Due, Master <- maps:keys(Masters)],
    State.

%% A cast that opens no connection, as gen_server:cast/2 would.
tell(Master, Message) -> erlang:send({ants_master, Master}, {'$gen_cast', Message}, [noconnect, nosuspend]).

found(Search) -> {found, node(), ants_search:best(Search), ants_search:iterations(Search)}.

%% A master that does not answer does not hold us up: it has what was reported before.
hand_in(Master, #state{search = Search}) ->
    try gen_server:call({ants_master, Master}, found(Search), 2000) of
        ok -> gen_server:call({ants_master, Master}, {forget, node()}, 2000)
    catch
        exit:_ -> ok
    end.

report(#state{search = Search, masters = Masters} = State) ->
    #{
        masters => lists:sort(maps:keys(Masters)),
        missed => State#state.missed,
        working => State#state.timer =/= undefined,
        best =>
            case Search of
                undefined -> undefined;
                _ -> element(1, ants_search:best(Search))
            end,
        iterations =>
            case Search of
                undefined -> 0;
                _ -> ants_search:iterations(Search)
            end
    }.
