"""How the house is watched and kept: health, metrics, logs, backup and restore."""
