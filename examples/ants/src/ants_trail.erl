%% Pheromone: how much each step between two cities is liked. After Stützle and Hoos, "MAX-MIN Ant System", Future
%% Generation Computer Systems 16, 2000: only good tours are laid down, and no trail leaves its bounds, so that no step
%% is ever forgotten or forced.
-module(ants_trail).

-export([new/1, lay/3, pull/2]).
-export_type([trail/0, pull/0]).

%% One row a city, one value a column, between a least value and 1.
-opaque trail() :: tuple().
%% How strongly an ant is drawn from the row's city to the column's.
-type pull() :: tuple().

%% the share of all pheromone that is gone after one iteration
-define(EVAPORATION, 0.08).
%% how much nearness counts beside pheromone
-define(NEARNESS, 3).

%% @doc A fresh trail: everything is liked as much as can be.
-spec new(ants_problem:problem()) -> trail().
new(Problem) ->
    Count = ants_problem:cities(Problem),
    erlang:make_tuple(Count, erlang:make_tuple(Count, 1.0)).

%% @doc One iteration: some pheromone goes, and as much comes back on the steps of the tours, shared among them.
-spec lay(ants_problem:problem(), [ants_tour:tour(), ...], trail()) -> trail().
lay(Problem, Tours, Trail) ->
    Share = ?EVAPORATION / length(Tours),
    Steps = lists:append([both_ways(ants_tour:edges(Tour)) || Tour <- Tours]),
    lists:foldl(fun(Step, Laid) -> add(Step, Share, Laid) end, evaporated(least(Problem), Trail), Steps).

%% @doc What draws the ants: pheromone times nearness.
-spec pull(ants_problem:problem(), trail()) -> pull().
pull(Problem, Trail) ->
    Rows = lists:zip(tuple_to_list(Trail), ants_problem:distances(Problem)),
    list_to_tuple([pull_row(Liked, Far) || {Liked, Far} <- Rows]).

pull_row(Liked, Far) ->
    list_to_tuple(lists:zipwith(fun attraction/2, tuple_to_list(Liked), tuple_to_list(Far))).

attraction(_, Far) when Far == 0 -> 0.0;
attraction(Liked, Far) -> Liked * math:pow(1.0e4 / Far, ?NEARNESS).

least(Problem) -> 1 / (2 * ants_problem:cities(Problem)).

evaporated(Floor, Trail) ->
    Left = fun(Value) -> max(Floor, Value * (1 - ?EVAPORATION)) end,
    list_to_tuple([list_to_tuple([Left(Value) || Value <- tuple_to_list(Row)]) || Row <- tuple_to_list(Trail)]).

both_ways(Edges) -> Edges ++ [{To, From} || {From, To} <- Edges].

add({From, To}, Share, Trail) ->
    Row = element(From, Trail),
    setelement(From, Trail, setelement(To, Row, min(1.0, element(To, Row) + Share))).
