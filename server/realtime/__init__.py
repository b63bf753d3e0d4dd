"""Sessions over a websocket, in the OpenAI Realtime protocol: events come in, events go out; see server/README.md."""
