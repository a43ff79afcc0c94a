defmodule Greeter.Application do
  @moduledoc "Says at its start what it was configured with, and does nothing else."
  use Application

  @impl true
  def start(_type, _args) do
    IO.puts("greeter: #{Enum.map_join([:compiled, :greeting, :node, :provided, :role], " ", &setting/1)}")
    Supervisor.start_link([], strategy: :one_for_one, name: Greeter.Supervisor)
  end

  defp setting(key), do: "#{key}=#{Application.get_env(:greeter, key, "-")}"
end

defmodule Greeter.Provider do
  @moduledoc "A configuration provider: one setting out of a file in the node's own folder, where there is one."
  @behaviour Config.Provider

  @impl true
  def init(file), do: file

  @impl true
  def load(config, file) do
    provided =
      case File.read(Path.join(System.fetch_env!("HOME"), file)) do
        {:ok, text} -> String.trim(text)
        {:error, _} -> "by #{System.fetch_env!("RELEASE_NAME")}"
      end

    Config.Reader.merge(config, greeter: [provided: String.replace(provided, " ", "-")])
  end
end
