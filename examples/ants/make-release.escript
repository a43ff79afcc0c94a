#!/usr/bin/env escript
%% Makes the systools tar in a folder that build.ts has prepared:
%%   lib/ants-VERSION/ebin   the compiled application
%%   sys.config
%% It leaves ants.tar.gz there. Usage: make-release.escript FOLDER VERSION
-mode(compile).

-define(EMULATOR, ["beam.smp", "erlexec", "erl_child_setup", "inet_gethost", "epmd"]).

main([Folder, Version]) ->
    ok = file:set_cwd(Folder),
    Staged = [stage(App) || App <- [kernel, stdlib]],
    Erts = stage_emulator(),
    Applications = [{App, AppVersion} || {App, AppVersion} <- Staged ++ [{ants, Version}]],
    write_release(Version, Erts, Applications),
    Options = [silent, no_warn_sasl, {path, ["lib/*/ebin"]}],
    done(systools:make_script("ants", Options)),
    done(systools:make_tar("ants", [{erts, "root"} | Options])).

%% A copy of an application of OTP's without debug information.
stage(App) ->
    ok = load(application:load(App)),
    {ok, Version} = application:get_key(App, vsn),
    Ebin = filename:join(["lib", atom_to_list(App) ++ "-" ++ Version, "ebin"]),
    ok = filelib:ensure_dir(filename:join(Ebin, "x")),
    [stage_file(File, Ebin) || File <- filelib:wildcard(filename:join([code:lib_dir(App), "ebin", "*.{app,beam}"]))],
    {App, Version}.

load(ok) -> ok;
load({error, {already_loaded, _}}) -> ok.

stage_file(File, Ebin) ->
    {ok, Bytes} = file:read_file(File),
    ok = file:write_file(filename:join(Ebin, filename:basename(File)), slim(filename:extension(File), Bytes)).

slim(".beam", Bytes) ->
    {ok, {_, Slim}} = beam_lib:strip(Bytes),
    unpacked(Slim);
slim(_, Bytes) ->
    Bytes.

unpacked(<<16#1f, 16#8b, _/binary>> = Packed) -> zlib:gunzip(Packed);
unpacked(Plain) -> Plain.

%% The programs that a node needs, and the scripts that systools looks for.
stage_emulator() ->
    Version = erlang:system_info(version),
    Bin = "erts-" ++ Version ++ "/bin",
    From = filename:join(code:root_dir(), Bin),
    To = filename:join("root", Bin),
    ok = filelib:ensure_dir(filename:join(To, "x")),
    [copy(filename:join(From, Name), filename:join(To, Name)) || Name <- ?EMULATOR],
    Version.

copy(From, To) ->
    {ok, _} = file:copy(From, To),
    ok = file:change_mode(To, 8#755),
    case os:find_executable("strip") of
        false -> ok;
        Strip -> _ = os:cmd(Strip ++ " " ++ To)
    end.

write_release(Version, Erts, Applications) ->
    Release = {release, {"ants", Version}, {erts, Erts}, Applications},
    ok = file:write_file("ants.rel", io_lib:format("~p.~n", [Release])).

done({ok, _, []}) -> ok;
done(ok) -> ok;
done(Other) -> io:format(standard_error, "systools: ~p~n", [Other]), halt(1).
