%% One ant's walk round all cities. It starts anywhere and draws each next city with a chance in proportion to its pull.
-module(ants_walk).

-export([tour/2]).

-spec tour(ants_trail:pull(), rand:state()) -> {ants_tour:tour(), rand:state()}.
tour(Pull, Random) ->
    Count = tuple_size(Pull),
    {Start, Next} = rand:uniform_s(Count, Random),
    walk(Start, lists:delete(Start, lists:seq(1, Count)), Pull, {[Start], Next}).

walk(_, [], _, Walked) ->
    Walked;
walk(Here, Left, Pull, {Tour, Random}) ->
    Row = element(Here, Pull),
    {Share, Next} = rand:uniform_s(Random),
    City = draw(Share * total(Row, Left, 0.0), Row, Left),
    walk(City, lists:delete(City, Left), Pull, {[City | Tour], Next}).

total(Row, [City | Rest], Sum) -> total(Row, Rest, Sum + element(City, Row));
total(_, [], Sum) -> Sum.

%% The last city also takes what rounding leaves over.
draw(_, _, [City]) -> City;
draw(Left, Row, [City | Rest]) ->
    case Left - element(City, Row) of
        Over when Over < 0 -> City;
        Over -> draw(Over, Row, Rest)
    end.
