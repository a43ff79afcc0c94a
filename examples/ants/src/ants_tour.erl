%% Tours: closed walks that visit each city once.
-module(ants_tour).

-export([length/2, edges/1, normal/1, is_tour/2]).
-export_type([tour/0]).

-type tour() :: [ants_problem:city()].

%% @doc The length of the tour, its way home included.
-spec length(ants_problem:problem(), tour()) -> float().
length(Problem, Tour) ->
    lists:foldl(fun({From, To}, Sum) -> Sum + ants_problem:distance(Problem, From, To) end, 0.0, edges(Tour)).

%% @doc The steps of the tour, the one home included.
-spec edges(tour()) -> [{ants_problem:city(), ants_problem:city()}].
edges([First | Rest] = Tour) -> lists:zip(Tour, Rest ++ [First]).

%% @doc The same tour, told from city 1 on and in the direction of its smaller neighbour: equal tours become equal terms.
-spec normal(tour()) -> tour().
normal(Tour) ->
    {Before, [First | After]} = lists:splitwith(fun(City) -> City =/= 1 end, Tour),
    Rest = After ++ Before,
    case hd(Rest) =< lists:last(Rest) of
        true -> [First | Rest];
        false -> [First | lists:reverse(Rest)]
    end.

%% @doc Whether the term is a tour of the problem: what comes from another node is looked at first.
-spec is_tour(ants_problem:problem(), term()) -> boolean().
is_tour(Problem, Tour) when is_list(Tour) -> lists:sort(Tour) =:= lists:seq(1, ants_problem:cities(Problem));
is_tour(_, _) -> false.
