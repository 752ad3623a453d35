"""The front door: the commands that run, watch and keep the house."""
