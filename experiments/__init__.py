"""What is run: command line, comparison; the only place that knows hydra."""
