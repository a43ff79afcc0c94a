defmodule Greeter.MixProject do
  use Mix.Project

  def project do
    [
      app: :greeter,
      version: System.get_env("GREETER_VERSION", "1.0.0"),
      elixir: "~> 1.14",
      releases: [
        greeter: [
          include_executables_for: [:unix],
          steps: [:assemble, :tar],
          # read when a node boots, after config/runtime.exs
          config_providers: [{Greeter.Provider, "greeter.txt"}],
          # the node boots once to read its configuration and once with it, unless it is built otherwise
          reboot_system_after_config: System.get_env("GREETER_REBOOT", "true") == "true"
        ]
      ]
    ]
  end

  def application, do: [extra_applications: [:logger], mod: {Greeter.Application, []}]
end
