%% The search of one colony: pure, so that the same seed walks the same ways. A step sends a few ants round, lays the
%% best tours down, and takes in what other colonies found.
-module(ants_search).

-export([new/2, step/1, learn/2, best/1, iterations/1]).
-export_type([search/0, found/0]).

%% A tour and its length.
-type found() :: {float(), ants_tour:tour()}.
-opaque search() :: #{
    problem := ants_problem:problem(),
    trail := ants_trail:trail(),
    random := rand:state(),
    best := found(),
    %% tours of other colonies that are laid down with our own in the next step
    learnt := [ants_tour:tour()],
    iterations := non_neg_integer(),
    %% iteration of the last improvement or fresh start
    moved := non_neg_integer()
}.

%% ants that set out in one step
-define(ANTS, 6).
%% steps without a better tour after which the trail is laid afresh
-define(PATIENCE, 150).

%% @doc A colony that has not walked yet; its best is the worst one can do: the cities as they are numbered.
-spec new(ants_problem:problem(), integer()) -> search().
new(Problem, Seed) ->
    Tour = lists:seq(1, ants_problem:cities(Problem)),
    #{
        problem => Problem,
        trail => ants_trail:new(Problem),
        random => rand:seed_s(exsss, Seed),
        best => {ants_tour:length(Problem, Tour), Tour},
        learnt => [],
        iterations => 0,
        moved => 0
    }.

%% @doc One iteration: a millisecond or so of work.
-spec step(search()) -> search().
step(#{problem := Problem, trail := Trail, learnt := Learnt, best := Best, iterations := Count} = Search) ->
    {Found, Random} = walk(Problem, ants_trail:pull(Problem, Trail), maps:get(random, Search)),
    {_, Round} = lists:min(Found),
    {_, Ours} = NewBest = lists:min([Best | Found]),
    Laid = ants_trail:lay(Problem, [Round, Ours | Learnt], Trail),
    Next = Search#{trail := Laid, random := Random, learnt := [], best := NewBest, iterations := Count + 1},
    renewed(moved(Best, Next)).

%% @doc Takes in tours of other colonies. What is no tour of this problem is left out.
-spec learn([ants_tour:tour()], search()) -> search().
learn(Tours, #{problem := Problem} = Search) ->
    Search#{learnt := [Tour || Tour <- Tours, ants_tour:is_tour(Problem, Tour)]}.

-spec best(search()) -> found().
best(#{best := Best}) -> Best.

-spec iterations(search()) -> non_neg_integer().
iterations(#{iterations := Count}) -> Count.

moved(Before, #{best := Before} = Search) -> Search;
moved(_, #{iterations := Count} = Search) -> Search#{moved := Count}.

renewed(#{iterations := Count, moved := Moved, problem := Problem} = Search) when Count - Moved >= ?PATIENCE ->
    Search#{trail := ants_trail:new(Problem), moved := Count};
renewed(Search) ->
    Search.

walk(Problem, Pull, Random) ->
    lists:mapfoldl(
        fun(_, Before) ->
            {Tour, After} = ants_walk:tour(Pull, Before),
            {{ants_tour:length(Problem, Tour), Tour}, After}
        end,
        Random,
        lists:seq(1, ?ANTS)
    ).
