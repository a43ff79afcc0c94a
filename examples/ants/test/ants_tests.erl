%% Tests of the pure modules, in plain Erlang: no more than the compiler is needed to run them.
-module(ants_tests).

-export([run/0]).

%% @doc Runs every test; the first that fails ends the emulator with status 1 and says why.
run() ->
    Tests = [
        {"the hull is the optimum", fun hull_is_optimum/0},
        {"the same instance is the same problem", fun same_problem/0},
        {"tours", fun tours/0},
        {"ants visit each city once", fun walks/0},
        {"a search is repeatable and finds the optimum", fun search/0},
        {"what is no tour is not learnt", fun learning/0}
    ],
    lists:foreach(fun run/1, Tests).

run({Name, Test}) ->
    try
        Test(),
        io:format("ok ~s~n", [Name])
    catch
        Class:Reason:Stack ->
            io:format(standard_error, "failed ~s~n~p:~p~n~p~n", [Name, Class, Reason, Stack]),
            halt(1)
    end.

%% The proof in ants_problem, checked by trying all tours of small instances.
hull_is_optimum() ->
    [
        begin
            Problem = ants_problem:new(#{cities => 7, seed => Seed}),
            All = [ants_tour:length(Problem, [1 | Rest]) || Rest <- permutations(lists:seq(2, 7))],
            true = abs(lists:min(All) - ants_problem:optimum(Problem)) < 1.0e-3,
            true = ants_problem:optimal(Problem, lists:min(All))
        end
     || Seed <- lists:seq(1, 10)
    ].

permutations([]) -> [[]];
permutations(List) -> [[First | Rest] || First <- List, Rest <- permutations(List -- [First])].

same_problem() ->
    Instance = #{cities => 48, seed => 1998},
    Problem = ants_problem:new(Instance),
    Problem = ants_problem:new(Instance),
    false = Problem =:= ants_problem:new(Instance#{seed := 1999}),
    48 = ants_problem:cities(Problem),
    true = ants_tour:is_tour(Problem, ants_problem:hull(Problem)),
    false = ants_problem:optimal(Problem, ants_tour:length(Problem, lists:seq(1, 48))).

tours() ->
    Problem = ants_problem:new(#{cities => 5, seed => 1}),
    [{3, 1}, {1, 2}, {2, 3}] = ants_tour:edges([3, 1, 2]),
    [1, 2, 3, 5, 4] = ants_tour:normal([3, 5, 4, 1, 2]),
    [1, 2, 3, 5, 4] = ants_tour:normal([5, 3, 2, 1, 4]),
    [false, false, false, false, true] =
        [ants_tour:is_tour(Problem, T) || T <- [x, [1, 2, 3, 4], [1, 2, 3, 4, 4], [1, 2, 3, 4, 5, 6], [5, 4, 3, 2, 1]]].

walks() ->
    Problem = ants_problem:new(#{cities => 30, seed => 3}),
    Pull = ants_trail:pull(Problem, ants_trail:new(Problem)),
    lists:foldl(
        fun(_, Random) ->
            {Tour, Next} = ants_walk:tour(Pull, Random),
            true = ants_tour:is_tour(Problem, Tour),
            Next
        end,
        rand:seed_s(exsss, 7),
        lists:seq(1, 100)
    ).

search() ->
    Problem = ants_problem:new(#{cities => 48, seed => 1998}),
    One = steps(800, ants_search:new(Problem, 5)),
    Other = steps(800, ants_search:new(Problem, 5)),
    {Length, Tour} = ants_search:best(One),
    {Length, Tour} = ants_search:best(Other),
    true = ants_problem:optimal(Problem, Length),
    true = ants_tour:normal(Tour) =:= ants_tour:normal(ants_problem:hull(Problem)).

learning() ->
    Problem = ants_problem:new(#{cities => 10, seed => 2}),
    Fresh = ants_search:new(Problem, 1),
    Taught = ants_search:learn([nonsense, [1, 2, 3], ants_problem:hull(Problem)], Fresh),
    1 = ants_search:iterations(ants_search:step(Taught)).

steps(0, Search) -> Search;
steps(Left, Search) -> steps(Left - 1, ants_search:step(Search)).
