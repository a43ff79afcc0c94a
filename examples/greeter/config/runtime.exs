import Config
# read on the node, each time that it boots
config :greeter, greeting: System.get_env("GREETING", "hello"), node: System.fetch_env!("RELEASE_NODE")
