"""Live views: what the network makes of samples, while it trains and after."""
