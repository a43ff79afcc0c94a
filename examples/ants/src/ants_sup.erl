%% One server a node: the master or a colony.
-module(ants_sup).
-behaviour(supervisor).

-export([start_link/1, init/1]).

-spec start_link(master | colony) -> {ok, pid()} | {error, term()}.
start_link(Role) -> supervisor:start_link({local, ?MODULE}, ?MODULE, Role).

init(Role) ->
    Limits = #{strategy => one_for_one, intensity => 3, period => 10},
    {ok, {Limits, [server(Role)]}}.

server(master) -> #{id => ants_master, start => {ants_master, start_link, []}};
server(colony) -> #{id => ants_colony, start => {ants_colony, start_link, []}}.
