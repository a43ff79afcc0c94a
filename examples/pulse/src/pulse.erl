%% Counts its beats.
-module(pulse).
-behaviour(gen_server).
-export([start_link/1, beats/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start_link(Every) -> gen_server:start_link({local, ?MODULE}, ?MODULE, Every, []).

beats() -> gen_server:call(?MODULE, beats).

init(Every) -> {ok, beat({Every, 0})}.

handle_call(beats, _From, {_, Count} = State) -> {reply, Count, State}.

handle_cast(_, State) -> {noreply, State}.

handle_info(beat, {Every, Count}) -> {noreply, beat({Every, Count + 1})}.

beat({Every, _} = State) ->
    _ = erlang:send_after(Every, self(), beat),
    State.
