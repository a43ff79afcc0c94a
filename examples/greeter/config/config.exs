import Config
config :greeter, compiled: true
