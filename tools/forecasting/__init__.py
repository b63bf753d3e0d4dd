"""Sales become forecasts with intervals: a pooled model, models of each series' own, and a backtest that chooses."""
