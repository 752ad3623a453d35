"""The claims room: intake, checks, assessment, decisions."""
