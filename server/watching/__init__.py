"""How a running server is watched: its events come in; metrics, traces and structured log lines go out."""
