%% The application: one release for both families. Which one a node belongs to says the parameter `role'.
-module(ants_app).
-behaviour(application).

-export([start/2, stop/1]).

start(_Type, _Arguments) ->
    Role = role(application:get_env(ants, role, colony)),
    logger:notice("ants: ~s is a ~s", [node(), Role]),
    ants_sup:start_link(Role).

stop(_State) -> ok.

%% Configuration made by other tools may say it as text.
role(Role) when Role =:= master; Role =:= colony -> Role;
role(Role) when Role =:= "master"; Role =:= <<"master">> -> master;
role(Role) when Role =:= "colony"; Role =:= <<"colony">> -> colony;
role(Role) -> error({role_is_master_or_colony, Role}).
