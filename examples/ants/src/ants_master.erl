%% The master: knows the problem, keeps the best tour that any colony found, and carries tours between the colonies.
%%
%% What it passes on are tours, not matrices of pheromone: each colony lays the tours on its own trail. It is as good
%% and much smaller (Krüger, Merkle and Middendorf, "Studies on a parallel ant system for the BSP model", 1998). Each
%% colony gets the best of all and the best of the colony before it in a ring (Middendorf, Reischle and Schmeck,
%% "Multi colony ant algorithms", Journal of Heuristics 8, 2002).
%%
%% Colonies may come, go and come back at any time. What they found stays. No message of the master ever opens a
%% connection: only a colony that joins does.
-module(ants_master).
-behaviour(gen_server).

-export([start_link/0, report/0, summary/0, forget/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-record(colony, {
    monitor :: reference(),
    best :: ants_search:found() | undefined,
    iterations = 0 :: non_neg_integer()
}).
-record(state, {
    instance :: ants_problem:instance(),
    problem :: ants_problem:problem(),
    best :: ants_search:found() | undefined,
    %% node name of the colony that found it
    finder :: node() | undefined,
    colonies = #{} :: #{node() => #colony{}},
    %% iterations of colonies that are gone
    before = 0 :: non_neg_integer()
}).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% @doc What has been found so far: `best' and `tour' are undefined until a colony has walked.
-spec report() -> map().
report() -> gen_server:call(?MODULE, report).

%% @doc The report in one line.
-spec summary() -> binary().
summary() -> iolist_to_binary(summary(report())).

%% @doc A colony goes for good: nothing more is expected of it. To forget one that is not known is no error.
-spec forget(node()) -> ok.
forget(Colony) -> gen_server:call(?MODULE, {forget, Colony}).

init([]) ->
    Instance = instance(application:get_env(ants, instance, [])),
    {ok, #state{instance = Instance, problem = ants_problem:new(Instance)}}.

handle_call({join, Colony}, _From, State) ->
    Joined = joined(Colony, State),
    logger:notice("ants: ~s joined; colonies=~b", [Colony, map_size(Joined#state.colonies)]),
    {reply, {ok, State#state.instance, orders(Colony, Joined)}, Joined};
handle_call({knows, Colony}, _From, State) ->
    {reply, is_map_key(Colony, State#state.colonies), State};
handle_call({found, Colony, Found, Iterations}, _From, State) ->
    {reply, ok, found(Colony, Found, Iterations, State)};
handle_call({forget, Colony}, _From, State) ->
    {reply, ok, forgotten(Colony, "left", State)};
handle_call(report, _From, State) ->
    {reply, report(State), State}.

handle_cast({found, Colony, Found, Iterations}, State) ->
    Next = found(Colony, Found, Iterations, State),
    tell(Colony, {orders, node(), orders(Colony, Next)}),
    {noreply, Next}.

handle_info({'DOWN', _, process, {ants_colony, Colony}, _}, State) ->
    {noreply, forgotten(Colony, "is lost", State)};
handle_info(_, State) ->
    {noreply, State}.

%% Configuration may give it as a map or as a property list.
instance(Settings) when is_list(Settings) -> instance(maps:from_list(Settings));
instance(Settings) -> maps:merge(#{cities => 48, seed => 1998}, Settings).

%% A colony that joins again starts to count again.
joined(Colony, State) ->
    #state{colonies = Colonies} = Kept = without(Colony, State),
    Monitor = monitor(process, {ants_colony, Colony}),
    Kept#state{colonies = Colonies#{Colony => #colony{monitor = Monitor}}}.

forgotten(Colony, What, State) when is_map_key(Colony, State#state.colonies) ->
    Kept = without(Colony, State),
    logger:notice("ants: ~s ~s; colonies=~b", [Colony, What, map_size(Kept#state.colonies)]),
    tell(Colony, {forgotten, node()}),
    Kept;
forgotten(_, _, State) ->
    State.

without(Colony, #state{colonies = Colonies, before = Before} = State) ->
    case maps:take(Colony, Colonies) of
        {#colony{monitor = Monitor, iterations = Iterations}, Rest} ->
            demonitor(Monitor, [flush]),
            State#state{colonies = Rest, before = Before + Iterations};
        error ->
            State
    end.

%% A tour counts only by its length as measured here.
found(Colony, {_, Tour}, Iterations, #state{problem = Problem, colonies = Colonies} = State) ->
    case {Colonies, ants_tour:is_tour(Problem, Tour)} of
        {#{Colony := Known}, true} ->
            Normal = ants_tour:normal(Tour),
            Found = {ants_tour:length(Problem, Normal), Normal},
            Newer = Known#colony{best = Found, iterations = Iterations},
            better(Colony, Found, State#state{colonies = Colonies#{Colony := Newer}});
        _ ->
            State
    end.

better(Colony, {Length, _} = Found, #state{problem = Problem, best = Best} = State) when
    Best =:= undefined; Length < element(1, Best)
->
    logger:notice("ants: best tour ~.2f, optimum ~.2f (~.3f % over it), found by ~s", [
        Length, ants_problem:optimum(Problem), gap(Problem, Length), Colony
    ]),
    State#state{best = Found, finder = Colony};
better(_, _, State) ->
    State.

%% What a colony is to do next. The pause grows with the number of colonies: together they take a twentieth of a core
%% however many they are, because they may well share the machine.
orders(Colony, #state{colonies = Colonies} = State) ->
    #{
        rest => solved(State),
        pause_ms => application:get_env(ants, pause_ms, 10) * map_size(Colonies),
        tours => lists:usort([Tour || {_, Tour} <- [State#state.best, neighbour(Colony, Colonies)]])
    }.

%% The best of the colony before this one in the ring of their names.
neighbour(Colony, Colonies) ->
    Ring = lists:sort(maps:keys(Colonies)),
    Before = lists:last([lists:last(Ring) | lists:takewhile(fun(Other) -> Other < Colony end, Ring)]),
    #{Before := #colony{best = Best}} = Colonies,
    Best.

solved(#state{best = undefined}) -> false;
solved(#state{problem = Problem, best = {Length, _}}) -> ants_problem:optimal(Problem, Length).

tell(Colony, Message) -> erlang:send({ants_colony, Colony}, Message, [noconnect, nosuspend]).

report(#state{problem = Problem, instance = Instance, colonies = Colonies} = State) ->
    {Length, Tour} =
        case State#state.best of
            undefined -> {undefined, undefined};
            Best -> Best
        end,
    #{
        instance => Instance,
        optimum => ants_problem:optimum(Problem),
        best => Length,
        gap_percent => gap(Problem, Length),
        optimal => solved(State),
        tour => Tour,
        finder => State#state.finder,
        colonies => lists:sort(maps:keys(Colonies)),
        iterations => maps:fold(fun(_, Colony, Sum) -> Sum + Colony#colony.iterations end, State#state.before, Colonies)
    }.

gap(_, undefined) -> undefined;
gap(Problem, Length) -> max(0.0, (Length / ants_problem:optimum(Problem) - 1) * 100).

summary(#{best := undefined, optimum := Optimum, colonies := Colonies}) ->
    io_lib:format("no tour yet, optimum ~.2f, colonies ~b", [Optimum, length(Colonies)]);
summary(#{best := Best, optimum := Optimum, gap_percent := Gap, colonies := Colonies, iterations := Iterations}) ->
    io_lib:format("best tour ~.2f, optimum ~.2f, gap ~.3f %, colonies ~b, iterations ~b", [
        Best, Optimum, Gap, length(Colonies), Iterations
    ]).
