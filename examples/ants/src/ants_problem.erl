%% The travelling salesman's problem that the ants work on, with an optimum that is proven and not only believed.
%%
%% The cities lie on a flat ellipse, rounded to whole numbers and numbered in a shuffled order. `new/1` checks with
%% exact integer arithmetic that every three neighbours turn left, so that no three cities are in line and all are in
%% convex position. An optimal tour never crosses itself (uncrossing two edges shortens it, by the triangle
%% inequality), and cities in convex position have exactly one tour without crossings: their convex hull. Hence the
%% hull's perimeter is the optimum (Flood, "The Traveling-Salesman Problem", Operations Research 4, 1956).
%%
%% The ellipse is flat so that the nearest city is often one on the other side: going to the nearest gives a bad tour.
-module(ants_problem).

-export([new/1, cities/1, distance/3, distances/1, optimum/1, hull/1, optimal/2]).
-export_type([city/0, instance/0, problem/0]).

-type city() :: pos_integer().
%% What names a problem: the same instance is the same problem on every node.
-type instance() :: #{cities := 5..500, seed := integer()}.
-type row() :: tuple().
-opaque problem() :: #{distances := tuple(), hull := [city()], optimum := float()}.

-define(WIDTH, 1_000_000).
-define(HEIGHT, 60_000).

%% @doc The problem of that name. Fails with `not_convex' where rounding spoils the proof: too many cities.
-spec new(instance()) -> problem().
new(#{cities := Count, seed := Seed}) when Count >= 5, Count =< 500 ->
    {Ring, Random} = ring(Count, rand:seed_s(exsss, Seed)),
    strictly_convex(Ring) orelse error(not_convex),
    Places = lists:zip(shuffled(Count, Random), Ring),
    Hull = [City || {City, _} <- Places],
    Points = [Point || {_, Point} <- lists:keysort(1, Places)],
    Distances = list_to_tuple([list_to_tuple([apart(From, To) || To <- Points]) || From <- Points]),
    Problem = #{distances => Distances, hull => Hull, optimum => 0.0},
    Problem#{optimum := ants_tour:length(Problem, Hull)}.

-spec cities(problem()) -> pos_integer().
cities(#{distances := Distances}) -> tuple_size(Distances).

-spec distance(problem(), city(), city()) -> float().
distance(#{distances := Distances}, From, To) -> element(To, element(From, Distances)).

%% @doc One row a city, one distance a column.
-spec distances(problem()) -> [row()].
distances(#{distances := Distances}) -> tuple_to_list(Distances).

%% @doc The length of the shortest tour there is.
-spec optimum(problem()) -> float().
optimum(#{optimum := Optimum}) -> Optimum.

%% @doc The shortest tour: the cities in the order of the convex hull.
-spec hull(problem()) -> [city()].
hull(#{hull := Hull}) -> Hull.

%% @doc Whether a length is the optimum; sums of the same distances in another order differ in their last digits.
-spec optimal(problem(), float()) -> boolean().
optimal(#{optimum := Optimum}, Length) -> Length =< Optimum * (1 + 1.0e-9).

%% Points on the ellipse in the order of their angle, one in each of Count equal sectors.
ring(Count, Random) ->
    lists:mapfoldl(fun(Sector, Before) -> on_ellipse(Sector, Count, Before) end, Random, lists:seq(1, Count)).

on_ellipse(Sector, Count, Random) ->
    {Within, Next} = rand:uniform_s(Random),
    Angle = 2 * math:pi() * (Sector + 0.7 * Within) / Count,
    {{round(?WIDTH * math:cos(Angle)), round(?HEIGHT * math:sin(Angle))}, Next}.

shuffled(Count, Random) ->
    {Keyed, _} = lists:mapfoldl(
        fun(City, Before) ->
            {Key, Next} = rand:uniform_s(Before),
            {{Key, City}, Next}
        end,
        Random,
        lists:seq(1, Count)
    ),
    [City || {_, City} <- lists:sort(Keyed)].

strictly_convex([First, Second | _] = Ring) -> turns_left(Ring ++ [First, Second]).

turns_left([{X1, Y1}, {X2, Y2} = B, {X3, Y3} = C | Rest]) ->
    (X2 - X1) * (Y3 - Y2) > (Y2 - Y1) * (X3 - X2) andalso turns_left([B, C | Rest]);
turns_left(_) ->
    true.

apart({X1, Y1}, {X2, Y2}) -> math:sqrt((X1 - X2) * (X1 - X2) + (Y1 - Y2) * (Y1 - Y2)).
