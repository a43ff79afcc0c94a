%% Supervises the one process of this example.
-module(pulse_app).
-behaviour(application).
-behaviour(supervisor).
-export([start/2, stop/1, init/1]).

start(_Type, _Args) ->
    {ok, Every} = application:get_env(pulse, every),
    io:format("pulse: every=~p processes=~p~n", [Every, erlang:system_info(process_limit)]),
    supervisor:start_link({local, ?MODULE}, ?MODULE, Every).

stop(_State) -> ok.

init(Every) -> {ok, {#{}, [#{id => pulse, start => {pulse, start_link, [Every]}}]}}.
